"""Turns what models write in place of JSON into JSON.

`repair_json` and `loads` are drop-ins for the functions of these names in PyPI `json_repair`; `JSONRepair` is the
direct API, `JSONRepairPlugin` the plugin class. Importing the first three loads no framework. README.md says what is
repaired. Tests: tests/unit/test_json_repair_*.py, tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyplugins import lazy

if TYPE_CHECKING:
    from pyplugins.json_repair.api import JSONRepair, JSONRepairPython, JSONRepairRust
    from pyplugins.json_repair.functions import from_file, load, loads, repair_json
    from pyplugins.json_repair.json_repair import JSONRepairPlugin

__all__ = [
    "JSONRepair",
    "JSONRepairPlugin",
    "JSONRepairPython",
    "JSONRepairRust",
    "from_file",
    "load",
    "loads",
    "repair_json",
]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "JSONRepair": "api",
        "JSONRepairPlugin": "json_repair",
        "JSONRepairPython": "api",
        "JSONRepairRust": "api",
        "from_file": "functions",
        "load": "functions",
        "loads": "functions",
        "repair_json": "functions",
    },
)
