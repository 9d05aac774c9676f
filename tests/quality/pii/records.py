"""Records of named fields, written the way programs write them: JSON, logfmt, YAML, XML, SQL and others.

For: `generator.py`. Never: knows what a detector reads as a label; the field names are in `templates/*/keys.txt`.
Tests: `test_pii_corpus.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .model import Line, Piece, join
from .templates import MAKERS, Book

# fmt: off
MAKER_OF = {
    "ssn": "ssn_l", "bsn": "bsn", "credit_card": "card", "bank_account": "account", "iban": "iban",
        "phone": "phone_l", "email": "email",
    "ip_address": "ip", "date_of_birth": "dob_s", "passport": "passport", "driver_license": "licence",
        "medical_record": "mrn",
}
# fmt: on
"""Section of a label or key -> the slot of the value it introduces."""

Field = tuple[str, Piece]


@dataclass(frozen=True)
class Shape:
    """How a record is written: around it, between fields, and around key and value."""

    name: str
    head: str
    key: str
    value_end: str
    between: str
    tail: str
    takes: str = "anything"

    def write(self, fields: list[Field]) -> list[Piece]:
        """The pieces of the record."""
        pieces = [Piece(self.head)]
        for i, (key, value) in enumerate(fields):
            pieces += [
                Piece(self.between if i else ""),
                Piece(self.key.format(k=key)),
                value,
                Piece(self.value_end.format(k=key)),
            ]
        return [*pieces, Piece(self.tail)]


# fmt: off
SHAPES = (
    Shape("json", "{", '"{k}":"', '"', ",", "}"),
    Shape("json spaced", "{", '"{k}": "', '"', ", ", "}"),
    Shape("json lines", "{\n", '  "{k}": "', '"', ",\n", "\n}"),
    Shape("json in json", '{"text":"{', '\\"{k}\\":\\"', '\\"', ",", '}"}'),
    Shape("json numbers", "{", '"{k}":', "", ",", "}", takes="digits"),
    Shape("python", "{", "'{k}': '", "'", ", ", "}"),
    Shape("logfmt", "level=info ", "{k}=", "", " ", "", takes="plain"),
    Shape("logfmt quoted", "", '{k}="', '"', " ", ""),
    Shape("yaml", "", "{k}: ", "", "\n", "\n"),
    Shape("yaml list", "- ", '{k}: "', '"', "\n  ", "\n"),
    Shape("xml", "<record>", "<{k}>", "</{k}>", "", "</record>"),
    Shape("xml lines", "<row>\n", "  <{k}>", "</{k}>", "\n", "\n</row>"),
    Shape("attributes", "<row ", '{k}="', '"', " ", "/>"),
    Shape("query", "GET /search?", "{k}=", "", "&", " HTTP/1.1", takes="plain"),
    Shape("java", "User{", "{k}='", "'", ", ", "}"),
    Shape("kotlin", "User(", "{k}=", "", ", ", ")"),
    Shape("rust", "User { ", '{k}: "', '"', ", ", " }"),
    Shape("ini", "[user]\n", "{k} = ", "", "\n", "\n"),
    Shape("env", "", "export {k}=", "", "\n", "\n", takes="plain"),
    Shape("sql", "UPDATE t SET ", "{k} = '", "'", ", ", " WHERE 1=1;"),
    Shape("where", "SELECT 1 FROM t WHERE ", "{k}='", "'", " AND ", ""),
    Shape("headers", "", "{k}: ", "", "\r\n", "\r\n"),
    Shape("changed", "changed ", "{k} -> ", "", "; ", ""),
    Shape("markdown", "| ", "{k} | ", " |", "\n| ", ""),
)
# fmt: on


def _fits(shape: Shape, value: Piece) -> bool:
    """Whether the format can hold the value without quoting: any text, text without blanks and quotes, or a number."""
    match shape.takes:
        case "plain":
            return not any(c in value.text for c in " ()&\"'")
        case "digits":
            return value.text.isdigit() and value.text[0] != "0"
        case _:
            return True


def record(rng: Random, keys: Book) -> Line:
    """A record of two to six fields, personal or not."""
    shape = rng.choice(SHAPES)
    wanted = rng.randint(2, 6)
    fields: list[Field] = []
    for section in rng.sample(sorted(keys.sections), k=len(keys.sections)):
        slot = section.removeprefix("machine:") if section.startswith("machine:") else MAKER_OF[section]
        value = MAKERS[slot](rng, rng.choice(("en", "en", "de", "fr", "nl")))
        if not _fits(shape, value):
            continue
        fields.append((rng.choice(keys.sections[section]), value))
        if len(fields) == wanted:
            break
    return join(shape.write(fields), f"record.{shape.name}")
