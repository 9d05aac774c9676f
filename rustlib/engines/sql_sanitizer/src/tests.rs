//! The policy, row by row. Vectors hold the rest.

use gwplugins_core::config::Schema;
use gwplugins_core::guard::{Guard, Report, Want};
use serde_json::Value;

use crate::KIND;

fn open(config: &str) -> Box<dyn Guard> {
    let config = Schema::parse(KIND.schema).read(config.as_bytes()).expect("a configuration");
    (KIND.open)(&config).expect("a guard")
}

/// Names of what is found, with the text of each span, and the output.
fn scan(config: &str, text: &str) -> (Vec<String>, String) {
    let guard = open(config);
    let mut report = Report::default();
    report.begin_item();
    let changed = guard.scan(text.as_bytes(), 0, Want { output: true, details: true }, &mut report).expect("a scan");
    let described: Value = serde_json::from_str(guard.describe()).expect("JSON");
    let name = |rule: u32| described["rules"][rule as usize]["name"].as_str().unwrap_or_default().to_owned();
    let found =
        report.findings.iter().map(|each| format!("{} {}", name(each.rule), &text[each.start as usize..each.end as usize])).collect();
    (found, if changed { String::from_utf8(report.output).expect("UTF-8") } else { text.to_owned() })
}

fn found(text: &str) -> Vec<String> {
    scan("{}", text).0
}

#[test]
fn statements() {
    for (text, expected) in [
        ("DROP TABLE x", "blocked_statement DROP"),
        ("select 1; drop table x", "blocked_statement drop"),
        ("WITH x AS (SELECT 1) DELETE FROM t", "delete_without_where DELETE"),
        ("EXPLAIN DELETE FROM t", "delete_without_where DELETE"),
        ("EXPLAIN (ANALYZE, BUFFERS) DELETE FROM t", "delete_without_where DELETE"),
        ("EXPLAIN ANALYZE DELETE FROM t", "delete_without_where DELETE"),
        ("EXPLAIN FORMAT=JSON DELETE FROM t", "delete_without_where DELETE"),
        ("DELETE FROM t USING (SELECT 1 WHERE true) x", "delete_without_where DELETE"),
        ("DELETE FROM t WHERE a = 1", ""),
        ("DELETE t", "delete_without_where DELETE"),
        ("UPDATE t SET a = 1", "update_without_where UPDATE"),
        ("UPDATE t SET a = 1 WHERE b = 2", ""),
        ("UPDATE docs", ""),
        ("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", "delete_without_where DELETE"),
        ("SELECT \"DROP\"", ""),
        ("SELECT `DROP` FROM t", ""),
        ("SELECT 'DROP TABLE x'", ""),
        ("alter ego", ""),
        ("the drop zone", ""),
        ("drop me a line", ""),
        ("grant me a wish", ""),
        ("GRANT SELECT ON t TO bob", "blocked_statement GRANT"),
        ("GRANT ALL PRIVILEGES ON *.* TO 'a'@'b'", "blocked_statement GRANT"),
        ("REVOKE admin FROM bob", "blocked_statement REVOKE"),
        ("ALTER TABLE x DROP COLUMN y", "blocked_statement ALTER,blocked_statement DROP"),
        ("TRUNCATE users", "blocked_statement TRUNCATE"),
        ("truncate long lines here", ""),
        ("SELECT 'x; DROP TABLE t", "blocked_statement DROP,unclosed '"),
        ("SELECT 1 /* x; DROP TABLE t", "blocked_statement DROP,unclosed /"),
        ("DELETE FROM t /* WHERE a = 1", "delete_without_where DELETE,unclosed /"),
        ("O'Brien", ""),
        ("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE", ""),
        ("INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1", ""),
        ("INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 2", ""),
        ("SELECT * FROM t FOR UPDATE", ""),
        ("CREATE TABLE t (a INT REFERENCES u ON DELETE CASCADE)", ""),
        ("DO $$ BEGIN DROP TABLE x; END $$", "blocked_statement DROP"),
        ("EXEC('DROP TABLE x')", "blocked_statement DROP"),
        ("DELETE FROM t SELECT * FROM u WHERE a = 1", "delete_without_where DELETE"),
        ("/*!50000 DROP TABLE x */", "blocked_statement DROP"),
        ("SELECT 1 DROP TABLE x", "blocked_statement DROP"),
        ("update the set of rules", ""),
        ("delete this file please", ""),
        ("```sql\nDROP TABLE x;\n```", "blocked_statement DROP"),
        ("SELECT '\\'; DROP TABLE t; --'", "blocked_statement DROP"),
        ("SELECT 'it\\'s'; DROP TABLE t -- '", "blocked_statement DROP"),
    ] {
        let mut got: Vec<_> = found(text).into_iter().filter(|each| !each.starts_with("comment")).collect();
        got.sort();
        assert_eq!(got.join(","), expected, "{text}");
    }
}

#[test]
fn comments() {
    for (text, expected) in [
        ("SELECT 1 -- c", "SELECT 1 "),
        ("SELECT 1 -- c\nFROM t", "SELECT 1 \nFROM t"),
        ("SELECT/*x*/1", "SELECT 1"),
        ("SELECT/*x*//*y*/1", "SELECT 1"),
        ("SELECT 1 # c", "SELECT 1 "),
        ("hello #42 and -- dash", "hello #42 and -- dash"),
        ("SELECT * FROM #tmp", "SELECT * FROM #tmp"),
        ("SELECT '-- x', \"a -- b\"", "SELECT '-- x', \"a -- b\""),
        ("SELECT $$ -- x $$", "SELECT $$ -- x $$"),
        ("SELECT /* /* */ */ 1", "SELECT  1"),
    ] {
        assert_eq!(scan("{}", text).1, expected, "{text}");
    }
}
