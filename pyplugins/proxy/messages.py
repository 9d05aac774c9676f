"""Reads JSON-RPC messages without taking them apart: what is not changed goes on as the bytes that came.

A message is an object whose members are known by their place in the text, so that a changed one differs only there:
ids, numbers and unknown members survive as they were written. Strict, because what two readers could read differently
could pass unread: no key twice at any depth, no key of JSON-RPC or of params that hooks read in another case, no NaN,
UTF-8 only. Errors hold nothing of the text. Tests: tests/proxy/test_messages.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed does not list it
from typing import Any

from pyplugins.mcp.methods import METHODS

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INTERNAL_ERROR = -32603

_BLANK = re.compile(r"[ \t\r\n]*")
_PLAIN_KEY = re.compile(r'"([^"\\\x00-\x1f]*)"[ \t\r\n]*:[ \t\r\n]*')
_NEXT = re.compile(r"[ \t\r\n]*([,}])[ \t\r\n]*")
_BRACKET = re.compile(r"[ \t\r\n]*\[")


class BadMessage(Exception):
    """Bytes that are no JSON-RPC message; the message says why and quotes nothing.

    Arguments:
        code: of the JSON-RPC error.
        id_text: the id as it was written, where it was found.
    """

    def __init__(self, code: int, why: str, id_text: str = "null") -> None:
        super().__init__(why)
        self.code = code
        self.id_text = id_text


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise BadMessage(INVALID_REQUEST, "a key is written twice in one object")
    return made


def _no_constant(_: str) -> Any:
    raise BadMessage(PARSE_ERROR, "NaN and Infinity are no JSON")


_decoder: Any = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
#: Reads one value at a place of a text and tells where it ends; StopIteration tells where there is none.
_scan = _decoder.scan_once


def _folded(keys: Iterable[str]) -> dict[str, str]:
    return {key.casefold(): key for key in keys}


# Keys that mean something, by what they are when case does not count: those of messages, and of params by method.
_KEYS = _folded(("jsonrpc", "id", "method", "params", "result", "error"))
_KEYS_OF_PARAMS = {method: _folded(kind.keys) for method, kind in METHODS.items()}


@dataclass(slots=True)
class Message:
    """One JSON-RPC object in a text."""

    text: str
    start: int
    end: int
    members: dict[str, Any]
    #: Where each member's value stands in `text`, in code points.
    spans: dict[str, tuple[int, int]]

    @property
    def method(self) -> str | None:
        """The method of a request or notification."""
        method: str | None = self.members.get("method")
        return method

    @property
    def has_id(self) -> bool:
        """Whether an answer is expected, or this is one."""
        return self.members.get("id") is not None

    @property
    def id(self) -> Any:
        """The id: a text or a number."""
        return self.members.get("id")

    @property
    def id_text(self) -> str:
        """The id as it was written."""
        if "id" not in self.spans:
            return "null"
        begin, end = self.spans["id"]
        return self.text[begin:end]

    def written(self, **changed: Any) -> str:
        """The message with other values of some members; the rest is the very text that came.

        Raises:
            ValueError: a value has no JSON, such as a number that is too large for a float.
        """
        parts, at = [], self.start
        for name in sorted(changed, key=lambda name: self.spans[name][0]):
            begin, end = self.spans[name]
            parts += [self.text[at:begin], dumped(changed[name])]
            at = end
        return "".join([*parts, self.text[at : self.end]])


def dumped(value: Any) -> str:
    """JSON on one line, in UTF-8 where that is possible."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # a surrogate that stands alone came as an escape and must go as one
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    return text


def read(line: bytes) -> tuple[bool, list[Message]]:
    """Whether the line is a batch, and the messages in it.

    Raises:
        BadMessage: it is neither a message nor a batch of them.
    """
    try:
        text = line.decode()
        if _BRACKET.match(text) is None:
            message, at = _object(text, _skip(text, 0))
            _finish(text, at)
            return False, [message]
        return True, _array(text, _skip(text, 0) + 1)
    except UnicodeDecodeError as why:
        raise BadMessage(PARSE_ERROR, f"not UTF-8 at byte {why.start + 1}") from None
    except RecursionError:
        raise BadMessage(PARSE_ERROR, "nested too deeply") from None
    except StopIteration as why:
        raise BadMessage(PARSE_ERROR, f"not JSON at column {why.value + 1}") from None
    except json.JSONDecodeError as why:
        raise BadMessage(PARSE_ERROR, f"not JSON at column {why.pos + 1}") from None
    except ValueError:  # a number of thousands of digits
        raise BadMessage(PARSE_ERROR, "a number is too long") from None


def _array(text: str, at: int) -> list[Message]:
    messages = []
    at = _skip(text, at)
    if text[at : at + 1] == "]":
        raise BadMessage(INVALID_REQUEST, "the batch is empty")
    while True:
        message, at = _object(text, _skip(text, at))
        messages.append(message)
        at = _skip(text, at)
        if text[at : at + 1] != ",":
            break
        at += 1
    _expect(text, at, "]")
    _finish(text, at + 1)
    return messages


def _object(text: str, start: int) -> tuple[Message, int]:
    if text[start : start + 1] != "{":
        _scan(text, start)  # tells what is no JSON at all
        raise BadMessage(INVALID_REQUEST, "a message must be an object")
    members: dict[str, Any] = {}
    spans: dict[str, tuple[int, int]] = {}
    at = _skip(text, start + 1)
    more = text[at : at + 1] != "}"
    while more:
        name, begin = _key(text, at)
        value, end = _scan(text, begin)
        if name in members:
            raise BadMessage(INVALID_REQUEST, "a key is written twice in one object")
        members[name], spans[name] = value, (begin, end)
        following = _NEXT.match(text, end)
        if following is None:
            raise StopIteration(_skip(text, end))
        more = following[1] == ","
        at = following.end() if more else following.start(1)
    message = Message(text, start, at + 1, members, spans)
    _check(message)
    return message, at + 1


def _key(text: str, at: int) -> tuple[str, int]:
    """A key and where its value begins."""
    if plain := _PLAIN_KEY.match(text, at):
        return plain[1], plain.end()
    _expect(text, at, '"')
    name, at = scanstring(text, at + 1, True)
    at = _skip(text, at)
    _expect(text, at, ":")
    return name, _skip(text, at + 1)


def _check(message: Message) -> None:
    members = message.members
    if isinstance(members.get("id"), (bool, list, dict)):
        raise BadMessage(INVALID_REQUEST, "an id must be a text or a number")
    if not isinstance(members.get("method", ""), str):
        raise BadMessage(INVALID_REQUEST, "a method must be a text", message.id_text)
    kinds = [name for name in ("method", "result", "error") if name in members]
    if len(kinds) != 1:
        raise BadMessage(
            INVALID_REQUEST, "a message has a method, a result or an error, and one of them", message.id_text
        )
    params, known = members.get("params"), _KEYS_OF_PARAMS.get(message.method)
    if _in_another_case(members, _KEYS) or (known and isinstance(params, dict) and _in_another_case(params, known)):
        raise BadMessage(INVALID_REQUEST, "a key of the protocol is written in another case", message.id_text)


def _in_another_case(names: Iterable[str], known: dict[str, str]) -> bool:
    """Whether a name is a known one but for its case. Some readers, Go's among them, take it for that, and by Unicode's
    rules: U+017F is an s to them, U+212A a k."""
    return bool([name for name in names if known.get(name.casefold(), name) != name])


def _skip(text: str, at: int) -> int:
    return _BLANK.match(text, at).end()  # type: ignore[union-attr]  # it matches the empty string


def _expect(text: str, at: int, what: str) -> None:
    if not text.startswith(what, at):
        raise StopIteration(at)


def _finish(text: str, at: int) -> None:
    if _skip(text, at) != len(text):
        raise StopIteration(_skip(text, at))


# An id in what is left of a message that was too large to be kept.
_ID = r'"id"[ \t\r\n]*:[ \t\r\n]*("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*)'
_LAST = re.compile(_ID + r"[ \t\r\n]*\}[ \t\r\n]*$")
_FIRST = re.compile(
    r'[ \t\r\n]*\{(?:[ \t\r\n]*"(?:jsonrpc|method)"[ \t\r\n]*:[ \t\r\n]*"[^"\\]*"[ \t\r\n]*,)*[ \t\r\n]*' + _ID
)


def id_in_pieces(head: bytes, tail: bytes) -> str | None:
    """The id, as it was written, of a message of which only beginning and end are known; None when it is between."""
    found = _FIRST.match(head.decode(errors="replace")) or _LAST.search(tail.decode(errors="replace"))
    return found[1] if found and _is_json(found[1]) else None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def value_of(id_text: str) -> Any:
    """The id that is written so."""
    return json.loads(id_text)


def has_method(head: bytes) -> bool:
    """Whether a message whose end is lost calls a method, as far as its beginning tells."""
    return re.match(rb'[ \t\r\n]*\{(?:[^{}\[\]]*,)?[ \t\r\n]*"method"[ \t\r\n]*:', head) is not None


#: How an error begins that answers nothing in particular.
NO_ID = b'{"jsonrpc":"2.0","id":null,'


def error_line(id_text: str, code: int, message: str, data: dict[str, Any] | None = None) -> bytes:
    """A JSON-RPC error; `id_text` is the id as it was written."""
    error = {"code": code, "message": message} | ({"data": data} if data else {})
    return f'{{"jsonrpc":"2.0","id":{id_text},"error":{dumped(error)}}}\n'.encode()


def result_line(id_text: str, result: dict[str, Any]) -> bytes:
    """A JSON-RPC result; `id_text` is the id as it was written."""
    return f'{{"jsonrpc":"2.0","id":{id_text},"result":{dumped(result)}}}\n'.encode()
