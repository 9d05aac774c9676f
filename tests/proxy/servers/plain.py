"""A server without any library: it does with each line what its params say, so that tests decide every byte.

`params.say` is written as it is; `params.raw` is the hex of bytes to write; anything else is answered with the line
that came, as a text. `notifications/exit` ends it with the code of its params.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Answers until standard input ends."""
    out = sys.stdout.buffer
    print("plain server is up", file=sys.stderr, flush=True)
    for line in sys.stdin.buffer:
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        params = message.get("params") if isinstance(message, dict) else None
        params = params if isinstance(params, dict) else {}
        if isinstance(message, dict) and message.get("method") == "notifications/exit":
            sys.exit(params["code"])
        if "say" in params:
            out.write(params["say"].encode() + b"\n")
        elif "raw" in params:
            out.write(bytes.fromhex(params["raw"]))
        else:
            content = [{"type": "text", "text": line.decode().rstrip("\n")}]
            answer = {"jsonrpc": "2.0", "id": (message or {}).get("id"), "result": {"content": content}}
            if not isinstance(message, dict) or "method" in message:
                out.write(json.dumps(answer).encode() + b"\n")
        out.flush()
    print("plain server is done", file=sys.stderr, flush=True)
    sys.exit(7)


if __name__ == "__main__":
    main()
