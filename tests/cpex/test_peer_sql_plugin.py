"""Our plugin against the peer's in cpex: the same result where it is right, and each difference."""

from __future__ import annotations

import asyncio
import re
from importlib.metadata import version
from typing import Any

import pytest

from pyplugins import framework
from pyplugins.sql_sanitizer.sql_sanitizer import SQLSanitizerPlugin

pytest.importorskip("cpex", reason="cpex is not installed: pip install gwplugins[cpex]")
peer = pytest.importorskip(
    "cpex_sql_sanitizer.sql_sanitizer", reason="the peer is not installed: pip install cpex-sql-sanitizer"
)

if framework.FRAMEWORK != "cpex":
    pytest.skip("GWPLUGINS_FRAMEWORK forces the embedded framework", allow_module_level=True)

SAME: list[Any] = [
    ({"q": "SELECT 1"}, {}),
    ({"q": "SELECT 1 -- c"}, {}),
    ({"q": "SELECT 1 -- c\nFROM t"}, {}),
    ({"q": "SELECT 1 /* c */ FROM t"}, {}),
    ({"q": "SELECT 1 # c"}, {}),
    ({"q": "SELECT 'it''s' -- x"}, {}),
    ({"q": "SELECT '-- x'"}, {}),
    ({"q": "SELECT 1 -- c"}, {"strip_comments": False}),
    ({"q": "DROP TABLE x"}, {}),
    ({"q": "DROP TABLE x; drop table y; ALTER TABLE z ADD a INT"}, {}),
    ({"q": "TRUNCATE TABLE x", "r": "GRANT SELECT ON t TO u", "s": "REVOKE SELECT ON t FROM u"}, {}),
    ({"q": "DROP TABLE x -- c"}, {"block_on_violation": False}),
    ({"q": "DROP TABLE x"}, {"block_on_violation": False}),
    ({"q": "SELECT 1; DROP TABLE x"}, {}),
    ({"q": "SELECT 'DROP TABLE x'"}, {}),
    ({"q": "DELETE FROM t"}, {}),
    ({"q": "DELETE t"}, {}),
    ({"q": "DELETE FROM t WHERE a = 1"}, {}),
    ({"q": "DELETE FROM t"}, {"block_delete_without_where": False}),
    ({"q": "UPDATE t SET a = 1"}, {}),
    ({"q": "UPDATE t SET a = 1 WHERE b = 2; update u set x = 1"}, {}),
    pytest.param(
        {"q": "UPDATE t"},
        {},
        marks=pytest.mark.skipif(
            version("cpex-sql-sanitizer") == "0.1.2", reason="0.1.2 takes UPDATE t without SET for a statement"
        ),
    ),
    ({"q": "UPDATE t SET a = 1"}, {"block_update_without_where": False}),
    ({"q": "SELECT * FROM t FOR UPDATE"}, {}),
    ({"q": "MERGE INTO t USING s ON a = b WHEN MATCHED THEN DELETE"}, {}),
    ({"q": "SELECT %s"}, {"require_parameterization": True}),
    ({"q": "SELECT {}"}, {"require_parameterization": True}),
    ({"q": "SELECT {x}"}, {"require_parameterization": True}),
    ({"q": "SELECT ${x}"}, {"require_parameterization": True}),
    ({"q": "SELECT 'a'+b"}, {"require_parameterization": True}),
    ({"q": "SELECT * FROM t WHERE a = ?"}, {"require_parameterization": True}),
    ({"q": ["DROP TABLE q", {"z": "DROP TABLE r"}]}, {}),
    ({"q": {"z": "SELECT 1 -- z"}}, {}),
    ({"q": ["SELECT 1 -- c"]}, {}),
    ({"q": "DROP TABLE q", "z": "DROP TABLE x"}, {"fields": ["z"]}),
    ({"q": {"z": "DROP TABLE q"}}, {"fields": ["z"]}),
    ({"z": ["DROP TABLE q"]}, {"fields": ["z"]}),
    ({"q": "DROP TABLE q"}, {"fields": []}),
    ({"q": "DROP a; SELECT 1"}, {"blocked_statements": [r"DROP\s", "select"]}),
    ({"q": "DROP a"}, {"blocked_statements": ["(?i)drop", re.compile("drop"), re.compile("drop", re.IGNORECASE)]}),
    ({"q": "DROP TABLE x"}, {"blocked_statements": []}),
    ({"q": "/*!50000 DROP TABLE x */"}, {}),
    ({"q": 5, "DROP TABLE x": 1}, {}),
    ({}, {}),
    (None, {}),
]

#: What we answer where the peer is wrong: arguments, configuration, our issues, our arguments.
DIFFERENT: dict[str, tuple[Any, dict[str, Any], list[str], Any]] = {
    "a CTE hides the DELETE": (
        {"q": "WITH x AS (SELECT 1) DELETE FROM t"}, {}, ["DELETE without WHERE clause"], None,
    ),
    "EXPLAIN hides the DELETE": ({"q": "EXPLAIN DELETE FROM t"}, {}, ["DELETE without WHERE clause"], None),
    "a WHERE in a subquery counts": (
        {"q": "DELETE FROM t USING (SELECT 1 WHERE true) x"}, {}, ["DELETE without WHERE clause"], None,
    ),
    "quoted names are verbs": ({"q": 'SELECT "DROP"'}, {}, [], None),
    "names in backticks are verbs": ({"q": "SELECT `DROP` FROM t"}, {}, [], None),
    "prose is SQL": ({"q": "my alter ego", "r": "the drop zone"}, {}, [], None),
    "an open quote hides the rest": (
        {"q": "SELECT 'a; DROP TABLE t"}, {}, [r"Blocked statement matched: \bDROP\b"], None,
    ),
    "any plus is a concatenation": ({"q": "SELECT a + 1"}, {"require_parameterization": True}, [], None),
    "tokens are joined": ({"q": "SELECT/*x*/1"}, {}, [], {"q": "SELECT 1"}),
    "prose loses words": ({"q": "issue #42 and -- more"}, {}, [], None),
    "strings of other kinds are not known": ({"q": "SELECT $$ -- x $$"}, {}, [], None),
    "nested comments end too early": ({"q": "SELECT /* /* */ */ 1"}, {}, [], {"q": "SELECT  1"}),
    "comments that stay are searched": ({"q": "SELECT 1 -- DROP TABLE t"}, {"strip_comments": False}, [], None),
    "a list under a field is not read": (
        {"z": {"q": "DROP TABLE q"}}, {"fields": ["z"]}, [r"Blocked statement matched: \bDROP\b"], None,
    ),
}  # fmt: skip


def call(plugin: Any, args: Any, config: dict[str, Any]) -> Any:
    made = plugin(framework.PluginConfig(name="s", kind="a.b.C", hooks=["tool_pre_invoke"], version="1", config=config))
    context = framework.PluginContext(global_context=framework.GlobalContext(request_id="1"))
    return asyncio.run(made.tool_pre_invoke(framework.ToolPreInvokePayload(name="t", args=args), context))


def told(result: Any) -> Any:
    violation = result.violation.model_dump() if result.violation else None
    arguments = dict(result.modified_payload.args) if result.modified_payload else None
    return result.continue_processing, arguments, violation, result.metadata


@pytest.mark.parametrize(("args", "config"), SAME, ids=lambda value: str(value)[:60])
def test_the_same(args: Any, config: dict[str, Any]) -> None:
    assert told(call(SQLSanitizerPlugin, args, config)) == told(call(peer.SQLSanitizerPlugin, args, config))


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_and_why(name: str) -> None:
    args, config, issues, arguments = DIFFERENT[name]
    ours, theirs = (call(plugin, args, config) for plugin in (SQLSanitizerPlugin, peer.SQLSanitizerPlugin))
    assert told(ours) != told(theirs)
    assert (ours.violation.details["issues"] if ours.violation else []) == issues
    assert (dict(ours.modified_payload.args) if ours.modified_payload else None) == arguments
