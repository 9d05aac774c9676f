"""The invented people of the recorded traffic, and the label of every personal value the servers may send.

The table in ``people.json`` is the ground truth: ``placed`` finds its values by plain text search and knows nothing of
any detector. Values come from reserved ranges only (see examples/README.md). This module must never import anything but
the standard library, because the tests read it without the MCP SDK. Tests: tests/unit/test_examples.py.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# Field of a person -> type of personal data, in the detector's vocabulary. Names are not among its types.
FIELD_TYPES: Mapping[str, str] = {
    "email": "email",
    "phone": "phone",
    "ssn": "ssn",
    "bsn": "bsn",
    "card": "credit_card",
    "iban": "bank_account",
    "account": "bank_account",
    "dob": "date_of_birth",
    "passport": "passport",
    "licence": "driver_license",
    "mrn": "medical_record",
    "ip": "ip_address",
}

# Fields recognisable on their own. The others need a label beside them: structured output has them in sentences only.
BARE_FIELDS: tuple[str, ...] = ("email", "phone", "ssn", "card", "iban", "ip")


@dataclass(frozen=True)
class Person:
    """One invented customer: what is known (``data``: field -> value) and what they wrote (``ticket``)."""

    id: str
    name: str
    language: str
    data: Mapping[str, str]
    ticket: str

    @property
    def message(self) -> str:
        """The customer's own words, with the values filled in."""
        return self.ticket.format(**self.data)


PEOPLE: tuple[Person, ...] = tuple(
    Person(**row) for row in json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
)

BY_ID: Mapping[str, Person] = {person.id: person for person in PEOPLE}

# value -> type
LABELS: Mapping[str, str] = {value: FIELD_TYPES[name] for person in PEOPLE for name, value in person.data.items()}

# Longest first, so that a value can never be counted inside a longer one.
_ANY_VALUE = re.compile("|".join(map(re.escape, sorted(LABELS, key=len, reverse=True))))


def strings(data: object) -> Iterator[str]:
    """Every string value inside JSON data; keys are not values."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from strings(value)


def placed(data: object) -> Counter[tuple[str, str]]:
    """How often each (type, value) of the table occurs in `data`."""
    return Counter((LABELS[hit], hit) for text in strings(data) for hit in _ANY_VALUE.findall(text))


def count(data: object) -> Counter[str]:
    """How many personal values of each type occur in `data`."""
    totals: Counter[str] = Counter()
    for (kind, _), number in placed(data).items():
        totals[kind] += number
    return totals
