"""SARIF 2.1.0: what the standard requires of the parts that are written, and no property it does not know.

The table follows the OASIS schema: object -> (required properties, properties it may have).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pyplugins.cli.formats.sarif import uri

OBJECTS: dict[str, tuple[set[str], set[str]]] = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"columnKind", "results", "invocations"}),
    "tool": ({"driver"}, set()),
    "toolComponent": ({"name"}, {"version", "rules", "properties"}),
    "reportingDescriptor": ({"id"}, {"name", "shortDescription"}),
    "message": ({"text"}, set()),
    "result": ({"message"}, {"ruleId", "ruleIndex", "level", "locations", "properties"}),
    "location": ({"physicalLocation"}, set()),
    "physicalLocation": ({"artifactLocation"}, {"region"}),
    "artifactLocation": ({"uri"}, set()),
    "region": (
        set(),
        {"startLine", "startColumn", "endLine", "endColumn", "byteOffset", "byteLength"},
    ),
    "invocation": ({"executionSuccessful"}, {"exitCode", "toolExecutionNotifications", "properties"}),
    "notification": ({"message"}, {"level", "locations"}),
}
CHILDREN = {
    "log": {"runs": "run"},
    "run": {"tool": "tool", "results": "result", "invocations": "invocation"},
    "tool": {"driver": "toolComponent"},
    "toolComponent": {"rules": "reportingDescriptor"},
    "reportingDescriptor": {"shortDescription": "message"},
    "result": {"message": "message", "locations": "location"},
    "location": {"physicalLocation": "physicalLocation"},
    "physicalLocation": {"artifactLocation": "artifactLocation", "region": "region"},
    "invocation": {"toolExecutionNotifications": "notification"},
    "notification": {"message": "message", "locations": "location"},
}
LEVELS = {"none", "note", "warning", "error"}


def check(kind: str, value: Any) -> None:
    """Asserts that an object has the properties of its kind, and so have its children."""
    required, optional = OBJECTS[kind]
    assert required <= value.keys(), (kind, value)
    assert value.keys() <= required | optional, (kind, value)
    assert value.get("level", "none") in LEVELS
    for name, child in CHILDREN.get(kind, {}).items():
        for one in value[name] if isinstance(value.get(name), list) else [value[name]] if name in value else []:
            check(child, one)


def log_of(text: str) -> dict[str, Any]:
    """The parsed log, checked."""
    log: dict[str, Any] = json.loads(text)
    check("log", log)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    assert len(log["runs"]) == 1
    return log


def test_a_log_with_findings_and_errors(cli: Any, notes: Path) -> None:
    ran = cli("scan", "-f", "sarif", "notes.txt", "missing dir/x.txt")
    assert ran.code == 2
    run = log_of(ran.text)["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    first, second = run["results"]
    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "pii_filter/email"
    assert first["level"] == "warning"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "notes.txt"}
    assert place["region"] == {
        "startLine": 2, "startColumn": 10, "endLine": 2, "endColumn": 30, "byteOffset": 15, "byteLength": 20,
    }  # fmt: skip
    # Columns are code points, as columnKind says: two characters of two bytes each stand before the second one.
    assert run["columnKind"] == "unicodeCodePoints"
    assert second["locations"][0]["physicalLocation"]["region"]["startColumn"] == 4
    assert all(value >= 1 for name, value in place["region"].items() if not name.startswith("byte"))
    invocation = run["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 2
    told = invocation["toolExecutionNotifications"]
    assert told[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "missing%20dir/x.txt"


def test_a_log_without_findings(cli: Any) -> None:
    ran = cli("scan", "-f", "sarif", given=b"nothing")
    assert ran.code == 0
    run = log_of(ran.text)["runs"][0]
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


def test_every_rule_of_the_engine_is_described(cli: Any) -> None:
    rules = log_of(cli("scan", "-f", "sarif", given=b"").text)["runs"][0]["tool"]["driver"]["rules"]
    assert {"pii_filter/email", "pii_filter/ssn"} <= {rule["id"] for rule in rules}


def test_blocking_findings_are_errors(cli: Any, notes: Path) -> None:
    run = log_of(cli("scan", "-f", "sarif", "-o", "block_on_detection=true", notes).text)["runs"][0]
    assert {result["level"] for result in run["results"]} == {"error"}


@pytest.mark.parametrize(
    ("path", "reference"),
    [
        ("a/b.txt", "a/b.txt"),
        ("a b#?.txt", "a%20b%23%3F.txt"),
        ("c:d", "c%3Ad"),
        ("/tmp/é", "file:///tmp/%C3%A9"),
        ("\udcff", "%FF"),
        ("-", "stdin"),
    ],
)
def test_paths_as_uri_references(path: str, reference: str) -> None:
    assert uri(path) == reference
