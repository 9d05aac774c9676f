"""`pyplugins.integrations.asgi` in real Starlette and FastAPI applications behind a real server."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import fastapi
import httpx
import pytest
import uvicorn
from gw_middleware import JSON_REPAIR, MAIL, MASK, REGEX, plugin, serving
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient

from pyplugins.integrations.asgi import GwpluginsMiddleware

Run = Callable[..., Any]
File = Callable[..., str]
PNG = b"\x89PNG\r\n\x1a\n" + MAIL.encode()


class Note(BaseModel):
    text: str
    by: str


class App:
    """An application that keeps what it was sent and answers what a test wants."""

    def __init__(self, answer: Callable[[], Response] | None = None) -> None:
        self.seen: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answer = answer or (lambda: PlainTextResponse("fine"))
        self.app = Starlette(routes=[Route("/{path:path}", self.handle, methods=["GET", "POST", "HEAD"])])

    async def handle(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        self.seen.append(await request.body())
        return self.answer()


def sent(
    run: Run, app: Any, config: str, *, method: str = "POST", path: str = "/notes", options: Any = None, **request: Any
) -> httpx.Response:
    """The answer to one request, over HTTP."""
    guarded = GwpluginsMiddleware(app.app, config, **(options or {}))

    async def talk() -> httpx.Response:
        async with serving(guarded) as url, httpx.AsyncClient() as client:
            return await client.request(method, url + path, **request)

    answer: httpx.Response = run(talk())
    return answer


def parts(*pieces: bytes, media_type: str, **headers: str) -> Callable[[], Response]:
    """An answer that streams."""

    async def body() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece
            await asyncio.sleep(0)

    return lambda: StreamingResponse(body(), media_type=media_type, headers=headers)


# Requests


@pytest.mark.parametrize("content_type", ["application/json", "application/vnd.api+json; charset=utf-8", "", "x/y"])
def test_json_is_masked_before_the_application_sees_it(content_type: str, chain_file: File, run: Run) -> None:
    app = App()
    body = json.dumps({"note": f"from \u00fc {MAIL}", "n": [1, 2.5, None, True]}).encode()
    sent(run, app, chain_file(), content=body, headers={"content-type": content_type} if content_type else {})
    assert json.loads(app.seen[0]) == {"note": f"from \u00fc {MASK}", "n": [1, 2.5, None, True]}
    assert int(app.headers[0]["content-length"]) == len(app.seen[0])


def test_escapes_in_json_hide_nothing(chain_file: File, run: Run) -> None:
    app = App()
    body = b'{"note": "alice\\u0040example.com"}'
    sent(run, app, chain_file(), content=body, headers={"content-type": "application/json"})
    assert json.loads(app.seen[0]) == {"note": MASK}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16", "utf-32-be", "utf-8-sig"])
@pytest.mark.parametrize("content_type", ["application/json", "application/octet-stream"])
def test_encodings_of_json_hide_nothing(encoding: str, content_type: str, chain_file: File, run: Run) -> None:
    app = App()
    body = json.dumps({"note": MAIL}).encode(encoding)
    sent(run, app, chain_file(), content=body, headers={"content-type": content_type})
    assert json.loads(app.seen[0]) == {"note": MASK}


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/x-ndjson", "text/event-stream", "text/xml"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_headers_hide_no_json(content_type: str, encoding: str, chain_file: File, run: Run) -> None:
    """Starlette's `request.json()` asks for no content type."""
    app = App()
    body = '{\n"note": "alice\\u0040example.com"}'.encode(encoding)
    sent(run, app, chain_file(), content=body, headers={"content-type": content_type})
    assert json.loads(app.seen[0]) == {"note": MASK}


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-32", "cp037", "utf-7"])
def test_a_character_set_hides_nothing(charset: str, chain_file: File, run: Run) -> None:
    """`(await request.body()).decode()` asks for no character set."""
    app = App()
    body = f"for {MAIL} and others.".encode()
    body += b" " * (-len(body) % 4)
    sent(run, app, chain_file(), content=body, headers={"content-type": f"text/plain; charset={charset}"})
    assert MAIL.encode() not in b"".join(app.seen)  # masked, or refused where the bytes are none of this set


def test_lines_of_json_in_a_request(chain_file: File, run: Run) -> None:
    app = App()
    body = b'{"a": 1.0}\n{"b": "alice\\u0040example.com"}\nno json ' + MAIL.encode() + b"\n"
    sent(run, app, chain_file(), content=body, headers={"content-type": "application/jsonl"})
    assert app.seen == [f'{{"a": 1.0}}\n{{"b":"{MASK}"}}\nno json {MASK}\n'.encode()]


def test_clean_bodies_arrive_byte_for_byte(chain_file: File, run: Run) -> None:
    app = App()
    body = b'{ "a" : 1.0,\n "b": "\\u00fc" }'
    sent(run, app, chain_file(), content=body, headers={"content-type": "application/json"})
    assert app.seen == [body]


def test_forms_are_masked(chain_file: File, run: Run) -> None:
    app = App()
    sent(run, app, chain_file(), data={"mail": MAIL, "empty": "", "x": "a b&c"})
    assert app.seen == [b"mail=%5BREDACTED%5D&empty=&x=a+b%26c"]


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "utf-16-le"])
def test_text_is_masked_in_its_character_set(charset: str, chain_file: File, run: Run) -> None:
    app = App()
    body = f"\u00fc {MAIL} \u00fc".encode(charset)
    sent(run, app, chain_file(), content=body, headers={"content-type": f"text/plain; charset={charset}"})
    assert app.seen == [f"\u00fc {MASK} \u00fc".encode(charset)]


def test_bytes_that_are_no_text_come_back(chain_file: File, run: Run) -> None:
    app = App()
    sent(run, app, chain_file(), content=b"\xff " + MAIL.encode(), headers={"content-type": "text/plain"})
    assert app.seen == [b"\xff " + MASK.encode()]


def test_text_that_claims_to_be_an_image_is_read(chain_file: File, run: Run) -> None:
    app = App()
    sent(run, app, chain_file(), content=MAIL.encode(), headers={"content-type": "image/png"})
    assert app.seen == [MASK.encode()]


def test_images_pass_whatever_their_size(chain_file: File, run: Run) -> None:
    app = App()
    body = PNG + b"\0\xff" * 5000

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    options = {"max_body_bytes": 2000}
    sent(run, app, chain_file(), content=pieces(), headers={"content-type": "image/png"}, options=options)
    assert app.seen == [body]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b'{"a": 1, "a": 2}', {"content-type": "application/json"}, 400, "DUPLICATE_KEY"),
        (b'{"a": ', {"content-type": "application/json"}, 400, "INVALID_JSON"),
        (b"[" * 100_000, {"content-type": "application/json"}, 400, "INVALID_JSON"),
        (
            gzip.compress(b"{}", mtime=0),
            {"content-type": "application/json", "content-encoding": "gzip"},
            415,
            "CONTENT_ENCODING",
        ),
        (b"x", {"content-type": "text/plain; charset=klingon"}, 415, "CHARSET"),
        (b"x", {"content-type": "text/plain; charset=rot13"}, 415, "CHARSET"),  # a codec, but of no character set
        (b"--x--", {"content-type": "multipart/form-data; boundary=x"}, 415, "CONTENT_TYPE"),
        (b"a" * 2000, {"content-type": "text/plain"}, 413, "TOO_LARGE"),
    ],
)
def test_what_cannot_be_read_is_refused(
    body: bytes, headers: dict[str, str], status: int, code: str, chain_file: File, run: Run
) -> None:
    app = App()
    options = {"max_body_bytes": 1000} if code == "TOO_LARGE" else {}
    answer = sent(run, app, chain_file(), content=body, headers=headers, options=options)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert app.seen == []
    assert answer.headers.get("accept-encoding") == ("identity" if code == "CONTENT_ENCODING" else None)


def test_a_refused_request_never_reaches_the_application(
    chain_file: File, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()
    answer = sent(run, app, chain_file(block_on_detection=True), json={"note": MAIL}, path=f"/of/{MAIL}")
    assert answer.status_code == 403
    assert answer.json() == {
        "error": {
            "plugin": "PII",
            "code": "PII_DETECTED_IN_TOOL_ARGS",
            "reason": "PII detected in tool arguments",
        }
    }
    assert app.seen == []
    assert "POST request: refused by plugin PII: PII_DETECTED_IN_TOOL_ARGS" in caplog.text
    assert MAIL not in caplog.text.replace(f"POST /of/{MAIL}", "")


def test_a_guard_that_fails_has_not_passed_the_body(chain_file: File, run: Run) -> None:
    app = App()
    answer = sent(run, app, chain_file(max_text_bytes=10), json={"note": "more than ten bytes"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "NOT_CHECKED")
    assert app.seen == []


def test_paths_types_and_directions_can_be_left_unread(chain_file: File, run: Run) -> None:
    config, echo = chain_file(), lambda: PlainTextResponse(MAIL)
    for path, excluded, told in [
        ("/files/a", ["/files/"], MAIL),
        ("/files", ["/files"], MAIL),
        ("/filesystem", ["/files"], MASK),
    ]:
        app = App(echo)
        answer = sent(run, app, config, content=MAIL, path=path, options={"exclude_paths": excluded})
        assert (app.seen, answer.text) == ([told.encode()], told), path
    app = App(echo)
    assert sent(run, app, config, content=MAIL, options={"request_hook": None}).text == MASK
    assert app.seen == [MAIL.encode()]
    app = App(echo)
    assert sent(run, app, config, content=MAIL, options={"response_hook": None}).text == MAIL
    assert app.seen == [MASK.encode()]
    app = App()
    upload = {"files": {"file": ("a.txt", MAIL)}, "options": {"unread_types": ["multipart/form-data"]}}
    assert sent(run, app, config, **upload).status_code == 200
    assert MAIL.encode() in app.seen[0]


@pytest.mark.parametrize(
    "options",
    [
        {"request_hook": "tool_pre"},
        {"response_hook": "prompt_pre_fetch"},
        {"max_body_bytes": 0},
        {"exclude_paths": "/files"},
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        GwpluginsMiddleware(None, "chain.yaml", **options)


@pytest.mark.parametrize("hook", ["tool_pre_invoke", "prompt_post_fetch", "resource_post_fetch", "tool_post_invoke"])
def test_each_hook_reads_json_and_text(hook: str, chain_file: File, run: Run) -> None:
    config = chain_file([hook])
    for content, kind in ((json.dumps({"a": [MAIL]}), "application/json"), (MAIL, "text/plain")):
        app = App(lambda content=content, kind=kind: Response(content, media_type=kind))
        options = {"request_hook": hook, "response_hook": hook}
        answer = sent(run, app, config, content=content, headers={"content-type": kind}, options=options)
        for body in (app.seen[0].decode(), answer.text):
            assert MAIL not in body
            assert MASK in body


# Responses


@pytest.mark.parametrize(
    ("make", "body"),
    [
        (lambda: JSONResponse({"mail": MAIL, "n": 1}), json.dumps({"mail": MASK, "n": 1}, separators=(",", ":"))),
        (lambda: PlainTextResponse(f"\u00fc {MAIL}"), f"\u00fc {MASK}"),
        (lambda: Response(MAIL), MASK),
        (parts(b'{"mail": "ali', b"ce@example", b'.com"}', media_type="application/json"), f'{{"mail":"{MASK}"}}'),
    ],
    ids=["json", "text", "untyped", "json in parts"],
)
def test_responses_are_masked(make: Callable[[], Response], body: str, chain_file: File, run: Run) -> None:
    answer = sent(run, App(make), chain_file())
    assert answer.text == body
    assert int(answer.headers["content-length"]) == len(body.encode())


def test_digests_of_the_old_body_go(chain_file: File, run: Run) -> None:
    headers = {"content-md5": "x", "digest": "y", "x-kept": "z"}
    answer = sent(run, App(lambda: PlainTextResponse(MAIL, headers=headers)), chain_file())
    assert {name for name in answer.headers if name in headers} == {"x-kept"}


def test_pictures_of_mcp_results_stay(chain_file: File, run: Run) -> None:
    data = base64.b64encode(b"call 555-123-4567 " * 20).decode()
    result = {"content": [{"type": "image", "data": data, "mimeType": "image/png"}, {"type": "text", "text": MAIL}]}
    answer = sent(run, App(lambda: JSONResponse(result)), chain_file()).json()
    assert answer["content"][0]["data"] == data
    assert answer["content"][1]["text"] == MASK


def test_binary_responses_pass_as_they_are(chain_file: File, run: Run) -> None:
    answer = sent(run, App(parts(PNG, b"\0\xff" * 5000, media_type="image/png")), chain_file())
    assert answer.content == PNG + b"\0\xff" * 5000


def test_a_refused_response_is_an_error(chain_file: File, run: Run) -> None:
    app = App(lambda: JSONResponse({"mail": MAIL}))
    answer = sent(run, app, chain_file(["tool_post_invoke"], block_on_detection=True))
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "PII_DETECTED_IN_TOOL_RESULT"
    assert MAIL not in answer.text


def test_a_response_that_cannot_be_read_is_an_error(chain_file: File, run: Run) -> None:
    compressed = gzip.compress(MAIL.encode())
    app = App(lambda: Response(compressed, media_type="text/plain", headers={"content-encoding": "gzip"}))
    answer = sent(run, app, chain_file())
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "CONTENT_ENCODING")
    app = App(lambda: PlainTextResponse("a" * 2000))
    answer = sent(run, app, chain_file(), options={"max_body_bytes": 1000})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "TOO_LARGE")


def test_applications_are_not_asked_for_compression_or_pieces(chain_file: File, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text(f"{MAIL} " * 200)
    app = App(lambda: FileResponse(file))
    app.app = GZipMiddleware(app.app, minimum_size=10)
    answer = sent(run, app, chain_file(), method="GET", headers={"range": "bytes=2-9", "accept-encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.text == f"{MASK} " * 200
    assert not {"range", "accept-encoding"} & set(app.headers[0])


def test_heads_are_left_alone(chain_file: File, run: Run) -> None:
    answer = sent(run, App(lambda: PlainTextResponse(MAIL)), chain_file(), method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")


# Streams


@pytest.mark.parametrize("size", [1, 3, 7])
def test_text_in_parts_is_masked_as_a_whole(size: int, chain_file: File, run: Run) -> None:
    text = (f"\u00fc some words, then {MAIL}. " * 40).encode()
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    answer = sent(run, App(parts(*pieces, media_type="text/plain")), chain_file())
    assert answer.text == text.decode().replace(MAIL, MASK)
    assert "content-length" not in answer.headers


def streamed(run: Run, app: Any, config: str, **options: Any) -> tuple[list[bytes], Exception | None]:
    """What of a streaming answer arrives, and how it ends."""
    guarded = GwpluginsMiddleware(app, config, **options)

    async def talk() -> tuple[list[bytes], Exception | None]:
        got: list[bytes] = []
        async with serving(guarded) as url, httpx.AsyncClient() as client, client.stream("GET", url) as answer:
            try:
                async for piece in answer.aiter_raw():
                    got.append(piece)  # noqa: PERF401 - what came before an error counts
            except httpx.HTTPError as why:
                return got, why
        return got, None

    result: tuple[list[bytes], Exception | None] = run(talk())
    return result


def paced(media_type: str, *pieces: bytes) -> tuple[Any, list[int]]:
    """An application that sends the next piece once the one before has arrived, and how far it came."""
    reached: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        head = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", media_type.encode())]}
        await send(head)
        for number, piece in enumerate(pieces):
            reached.append(number)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(0.02)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return app, reached


def test_text_goes_on_as_it_comes(chain_file: File, run: Run) -> None:
    app, _ = paced("text/plain", *[b"nothing to hide here, word after word. " * 20] * 5)
    got, ended = streamed(run, app, chain_file())
    assert ended is None
    assert len(got) > 2, "the text was held back to its end"
    assert b"".join(got) == b"nothing to hide here, word after word. " * 100


def test_a_refused_stream_is_cut(chain_file: File, run: Run, caplog: pytest.LogCaptureFixture) -> None:
    filler = b"nothing to hide here, word after word. " * 20
    app, reached = paced("text/plain", filler, filler, b"and " + MAIL.encode() + b" ", filler, filler, filler)
    got, ended = streamed(run, app, chain_file(block_on_detection=True))
    assert isinstance(ended, httpx.RemoteProtocolError)
    body = b"".join(got)
    assert body.startswith(b"nothing to hide")
    assert b"alice" not in body
    assert max(reached) < 5, "the application was not stopped"
    assert "GET response: refused by plugin PII: PII_DETECTED_IN_TOOL_RESULT" in caplog.text
    assert MAIL not in caplog.text


def test_a_chain_that_must_see_the_whole_text_gets_it(chain_file: File, run: Run) -> None:
    rules = [{"name": "both", "search": "Blue Sky", "literal": True, "replace": "X"}]
    config = chain_file(more=(plugin(REGEX, "Words", ["tool_post_invoke"], 20, rules=rules),))
    app, _ = paced("text/plain", b"a Blue ", b"Sky, alice@exam", b"ple.com")
    got, ended = streamed(run, app, config)
    assert (b"".join(got), ended) == (f"a X, {MASK}".encode(), None)


def test_events_are_masked_one_by_one(chain_file: File, run: Run) -> None:
    mail, data = MAIL.encode(), json.dumps({"delta": {"text": MAIL}}).encode()
    app, _ = paced(
        "text/event-stream; charset=utf-8",
        b": ping\n\nevent: note\ndata: for al",
        b"ice@example.com\r\n",
        b"\r\ndata: " + data + b"\n\n",
        b"data: two\ndata: lines " + mail + b"\nid: 7\n\n: said by " + mail + b"\n\ndata: [DONE]\n\n",
    )
    got, ended = streamed(run, app, chain_file())
    assert ended is None
    assert b"".join(got).decode() == (
        f": ping\n\nevent: note\ndata: for {MASK}\n\n"
        f'data: {{"delta":{{"text":"{MASK}"}}}}\n\n'
        f"id: 7\ndata: two\ndata: lines {MASK}\n\n: said by {MASK}\n\ndata: [DONE]\n\n"
    )
    assert got[0] == b": ping\n\n", "the first event waited for the others"


def test_lines_of_json_are_masked_one_by_one(chain_file: File, run: Run) -> None:
    app, _ = paced(
        "application/x-ndjson", b'{"a": 1}\n{"b": "al', b'ice\\u0040example.com"}\n\n{"c": "' + MAIL.encode(), b'"}'
    )
    got, ended = streamed(run, app, chain_file())
    assert ended is None
    assert b"".join(got).decode() == f'{{"a": 1}}\n{{"b":"{MASK}"}}\n\n{{"c":"{MASK}"}}'


@pytest.mark.parametrize("media_type", ["text/event-stream", "application/jsonl"])
def test_a_record_without_end_is_refused(media_type: str, chain_file: File, run: Run) -> None:
    app, reached = paced(media_type, *[b"data: more and more and more"] * 100)
    got, ended = streamed(run, app, chain_file(), max_body_bytes=200)
    assert isinstance(ended, httpx.RemoteProtocolError)
    assert got == []
    assert max(reached) < 20


def test_a_text_over_the_limit_of_the_guard_is_cut(chain_file: File, run: Run) -> None:
    app, _ = paced("text/plain", *[b"word after word, " * 20] * 10)
    got, ended = streamed(run, app, chain_file(max_text_bytes=2000))
    assert isinstance(ended, httpx.RemoteProtocolError)
    assert len(b"".join(got)) <= 2000


# Life


def test_with_fastapi(chain_file: File, run: Run) -> None:
    app = fastapi.FastAPI()
    app.add_middleware(GwpluginsMiddleware, config=chain_file())
    seen = []

    @app.post("/notes")
    async def note(note: Note) -> dict[str, str]:
        seen.append(note)
        return {"thanks": f"{note.by}, we write to {MAIL}"}

    async def talk() -> httpx.Response:
        async with serving(app) as url, httpx.AsyncClient() as client:
            return await client.post(f"{url}/notes", json={"text": f"ask {MAIL}", "by": "Bob"})

    assert run(talk()).json() == {"thanks": f"Bob, we write to {MASK}"}
    assert seen == [Note(text=f"ask {MASK}", by="Bob")]


def test_json_in_text_is_repaired_like_a_tool_result(chain_file: File, run: Run) -> None:
    config = chain_file(more=(plugin(JSON_REPAIR, "Repair", ["tool_post_invoke"], 5),))
    assert sent(run, App(lambda: PlainTextResponse("{'a': 1,}")), config).json() == {"a": 1}


def test_a_chain_that_does_not_load_stops_the_server(
    chain_file: File, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    guarded = GwpluginsMiddleware(App().app, chain_file(detect_ssn="yes"))

    async def start() -> None:
        service = uvicorn.Server(uvicorn.Config(guarded, port=0, log_level="error"))
        await service.serve()

    with pytest.raises(SystemExit):
        run(start())
    assert "plugin 'PII': config: $.detect_ssn: wrong type" in capfd.readouterr().err


def test_without_a_lifespan_the_first_request_loads_the_chain(chain_file: File, run: Run) -> None:
    app = App()
    guarded = GwpluginsMiddleware(app.app, chain_file())

    async def talk() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guarded), base_url="http://test") as client:
            await asyncio.gather(*(client.post("/", json={"a": MAIL}) for _ in range(5)))

    run(talk())
    assert app.seen == [f'{{"a":"{MASK}"}}'.encode()] * 5


def test_a_client_that_goes_away_reaches_nobody(chain_file: File, run: Run) -> None:
    app = App()
    guarded = GwpluginsMiddleware(app.app, chain_file())
    messages = iter([{"type": "http.request", "body": b"al", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        raise AssertionError(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-type", b"text/plain")]}
    run(guarded(scope, receive, send))
    assert app.seen == []


def test_websockets_are_unread(chain_file: File, run: Run) -> None:
    async def echo(websocket: Any) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    app = Starlette(routes=[WebSocketRoute("/", echo)])
    app.add_middleware(GwpluginsMiddleware, config=chain_file())
    with TestClient(app) as client, client.websocket_connect("/") as socket:
        socket.send_text(MAIL)
        assert socket.receive_text() == MAIL
