"""HTTP bodies as data for guards, and back to bytes: JSON, forms and text; what is binary is told apart by its bytes.

A body that merely claims to be binary is read like text. It must never pass a body that it could not read: `Unreadable`
says why, in words that hold nothing of it. Tests: tests/integrations/test_bodies.py.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

JSON, FORM, TEXT, LINES, EVENTS, UNKNOWN, PARTS = "json", "form", "text", "lines", "events", "unknown", "parts"

_KINDS = {
    "application/json": JSON,
    "application/x-www-form-urlencoded": FORM,
    "application/x-ndjson": LINES,
    "application/ndjson": LINES,
    "application/jsonl": LINES,
    "application/x-jsonlines": LINES,
    "text/event-stream": EVENTS,
    "application/xml": TEXT,
    "application/yaml": TEXT,
    "application/javascript": TEXT,
    "application/graphql": TEXT,
    "application/sql": TEXT,
}
_SUFFIXES = {"json": JSON, "xml": TEXT, "yaml": TEXT}
#: Bytes that no decoder refuses must come back as they were.
_KEEP = "surrogateescape"


class Unreadable(Exception):
    """A body that cannot be scanned. `status` is what HTTP calls it; the message holds nothing of the body."""

    def __init__(self, reason: str, code: str, status: int) -> None:
        super().__init__(reason)
        self.code = code
        self.status = status


class Media(NamedTuple):
    """What the headers say of a body."""

    type: str
    #: One of the constants of this module.
    kind: str
    charset: str


def media_of(headers: Iterable[tuple[bytes, bytes]]) -> Media:
    """What the headers say of the body.

    Raises:
        Unreadable: it is compressed, in several parts, or in an encoding that nobody knows.
    """
    said = _joined(headers)
    if said.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Unreadable("a compressed body cannot be scanned", "CONTENT_ENCODING", 415)
    main, *parameters = said.get("content-type", "").split(";")
    media_type = main.strip().lower()
    charset = next((value for name, value in map(_parameter, parameters) if name == "charset"), "utf-8")
    try:
        codecs.lookup(charset)
        "".encode(charset)
    except (LookupError, ValueError):
        raise Unreadable("the body is in an unknown character set", "CHARSET", 415) from None
    return Media(media_type, _kind(media_type), charset)


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Headers by lower-case name; repeated ones as HTTP joins them, so that no second one hides."""
    joined: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        joined[key] = f"{joined[key]},{text}" if key in joined else text
    return joined


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip().strip('"')


def _kind(media_type: str) -> str:
    if media_type in _KINDS:
        return _KINDS[media_type]
    if media_type.startswith("multipart/"):
        return PARTS
    if media_type.startswith("text/"):
        return TEXT
    return _SUFFIXES.get(media_type.rpartition("+")[2], UNKNOWN)


class BinaryTest:
    """Tells, part by part, whether a body of unknown type can still be text in any encoding that JSON readers guess."""

    def __init__(self) -> None:
        self._head = b""
        self._decoder: codecs.IncrementalDecoder | None = None
        self.binary = False

    def feed(self, part: bytes) -> None:
        """Looks at the next part."""
        if self.binary or not part:
            return
        if self._decoder is None:
            self._head += part
            if len(self._head) < 4:
                return
            part = self._head
            self._decoder = codecs.getincrementaldecoder(json.detect_encoding(part))()
        try:
            text = self._decoder.decode(part)
        except UnicodeDecodeError:
            self.binary = True
        else:
            self.binary = "\0" in text


def parse(media: Media, body: bytes) -> Any:
    """The data of a body that is here as a whole; `render` is the way back.

    Raises:
        Unreadable: it is not what the headers say, or not in one way only.
    """
    if media.kind == JSON:
        return _parse_json(body)
    if media.kind == FORM:
        return [[*pair] for pair in parse_qsl(_decoded(body, "utf-8"), keep_blank_values=True, errors=_KEEP)]
    if media.kind == UNKNOWN:
        return parse_text_as_json(_decoded(body, json.detect_encoding(body)))
    if media.kind == LINES:
        return [parse_text_as_json(line.decode("utf-8", _KEEP)) for line in body.split(b"\n")]
    return _decoded(body, media.charset)


def render(media: Media, data: Any, body: bytes) -> bytes:
    """The bytes of changed data; `body` is what they were parsed from."""
    if media.kind == FORM:
        return urlencode([(name, value) for name, value in data], errors=_KEEP).encode("ascii")
    if media.kind == LINES:
        pairs = zip(data, parse(media, body), body.split(b"\n"), strict=True)
        return b"\n".join(line if new == old else _line(new) for new, old, line in pairs)
    if media.kind == JSON or (media.kind == UNKNOWN and not isinstance(data, str)):
        return dump_json(data)
    charset = json.detect_encoding(body) if media.kind == UNKNOWN else media.charset
    try:
        return str(data).encode(charset, _KEEP)
    except UnicodeEncodeError:
        raise Unreadable("the changed text cannot be written in its character set", "CHARSET", 415) from None


def _line(data: Any) -> bytes:
    return data.encode("utf-8", _KEEP) if isinstance(data, str) else dump_json(data)


def other_readings(media: Media, body: bytes) -> list[Media]:
    """How else a body may be read: many applications ask neither for its type nor for its character set.

    Raises:
        Unreadable: as JSON it is not clear what it says.
    """
    if media.kind in (JSON, UNKNOWN):
        return []
    as_utf8, as_unknown = Media(media.type, TEXT, "utf-8"), Media(media.type, UNKNOWN, "utf-8")
    head = body.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    ways = [as_utf8] if codecs.lookup(media.charset).name != "utf-8" and _is_utf8(body) else []
    if head.startswith((b"{", b"[")) and not isinstance(parse(as_unknown, body), str):
        ways.append(as_unknown)
    return ways


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def dump_json(data: Any) -> bytes:
    """Compact JSON in ASCII."""
    try:
        return json.dumps(data, separators=(",", ":"), allow_nan=False).encode("ascii")
    except ValueError:
        raise Unreadable("a number of the body is none in JSON", "INVALID_JSON", 400) from None


def parse_text_as_json(text: str) -> Any:
    """The object or array that a text is in JSON, or the text itself when it is none.

    Raises:
        Unreadable: an object has a key twice, so readers disagree about what it says.
    """
    try:
        found = _parse_json(text)
    except Unreadable as why:
        if why.code == "DUPLICATE_KEY":
            raise
        return text
    return found if isinstance(found, (dict, list)) else text


def _parse_json(body: str | bytes) -> Any:
    try:
        return json.loads(body, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise Unreadable("the body is not JSON", "INVALID_JSON", 400) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("a JSON object has a key twice", "DUPLICATE_KEY", 400)
    return found


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, _KEEP)
    except UnicodeDecodeError:
        raise Unreadable("the body is not in the character set that it claims", "CHARSET", 400) from None
