//! The configuration of one sanitizer, from the strict reader's values to what the steps use.

use gwplugins_core::config::{Config, Value};
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::Action;
use gwplugins_core::pattern::{Options, Pattern};

use crate::data::{Dialect, data};
use crate::inject::value_dialect;

/// A rule of `describe`, and what its findings say.
pub struct Rule {
    pub name: &'static str,
    pub group: &'static str,
    /// The issue as the peer words it; empty for what is no violation.
    pub issue: String,
    /// The detail of its findings, JSON.
    pub detail: String,
}

/// A configured sanitizer's fixed data.
pub struct Settings {
    /// In the order of their numbers: blocked statements, then those of [`Fixed`].
    pub rules: Vec<Rule>,
    /// `\bVERB\b`: the verb in lower case, and its rule.
    pub verbs: Vec<(String, u32)>,
    /// What is searched in statements.
    pub patterns: Vec<(Pattern, u32)>,
    pub action: Action,
    pub injection_action: Action,
    pub delete: bool,
    pub update: bool,
    pub strip: bool,
    pub parameterized: bool,
    pub dialect: &'static Dialect,
    /// The dialect as it reads a value.
    pub value_dialect: Dialect,
    pub injection: bool,
    pub threshold: u32,
    pub max_text_bytes: u64,
    pub max_nested_depth: u64,
    pub max_collection_items: u64,
    pub max_findings: u64,
}

/// The rules behind the blocked statements, in order.
#[derive(Clone, Copy)]
pub enum Fixed {
    Delete,
    Update,
    Interpolation,
    Comment,
    Unclosed,
    Injection,
}

const FIXED: [(&str, &str, &str); 6] = [
    ("delete_without_where", "violation", "DELETE without WHERE clause"),
    ("update_without_where", "violation", "UPDATE without WHERE clause"),
    ("interpolation", "violation", "Possible non-parameterized interpolation detected"),
    ("comment", "comment", ""),
    ("unclosed", "unclosed", ""),
    ("injection", "violation", "Possible SQL injection detected"),
];

impl Settings {
    /// Reads what the schema has accepted.
    pub fn read(config: &Config) -> Result<Self, Fault> {
        let limit = |key: &str| config.int(key).unsigned_abs();
        let blocks = config.bool("block_on_violation");
        let dialect = data().dialect(config.str("dialect").unwrap_or_default());
        let action = |blocks: bool| if blocks { Action::Block } else { Action::Audit };
        let (mut rules, mut verbs, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
        for (number, value) in config.list("blocked_statements").iter().enumerate() {
            let text = value.as_str().unwrap_or_default();
            match verb(text) {
                Some(verb) => verbs.push((verb.to_ascii_lowercase(), number as u32)),
                None => patterns.push((pattern(value, number)?, number as u32)),
            }
            rules.push(rule("blocked_statement", "violation", &["Blocked statement matched: ", text].concat()));
        }
        rules.extend(FIXED.map(|(name, group, issue)| rule(name, group, issue)));
        if let (Some(last), false) = (rules.last_mut(), config.str("injection_action") == Some("block")) {
            last.group = "suspicion";
        }
        Ok(Self {
            rules,
            verbs,
            patterns,
            action: action(blocks),
            injection_action: action(blocks && config.str("injection_action") == Some("block")),
            delete: config.bool("block_delete_without_where"),
            update: config.bool("block_update_without_where"),
            strip: config.bool("strip_comments"),
            parameterized: config.bool("require_parameterization"),
            dialect,
            value_dialect: value_dialect(dialect),
            injection: config.bool("detect_injection"),
            threshold: u32::try_from(config.int("injection_threshold")).unwrap_or(1000),
            max_text_bytes: limit("max_text_bytes"),
            max_nested_depth: limit("max_nested_depth"),
            max_collection_items: limit("max_collection_items"),
            max_findings: limit("max_findings"),
        })
    }

    /// The number of a rule.
    pub fn number(&self, rule: Fixed) -> u32 {
        (self.rules.len() - FIXED.len() + rule as usize) as u32
    }

    /// The JSON of `gwp_guard_describe`: rules in the order of their numbers, and limits. By hand: the macro that makes JSON values is
    /// larger than all of this.
    pub fn describe(&self, kind: &str) -> String {
        let mut out = String::new();
        let mut push = |parts: &[&str]| parts.iter().for_each(|part| out.push_str(part));
        push(&[
            r#"{"kind":""#,
            kind,
            r#"","version":""#,
            env!("CARGO_PKG_VERSION"),
            r#"","dialect":""#,
            self.dialect.name,
            r#"","rules":["#,
        ]);
        for (number, rule) in self.rules.iter().enumerate() {
            let comma = if number > 0 { "," } else { "" };
            let attributes = if rule.detail.is_empty() { "{}" } else { &rule.detail };
            push(&[comma, r#"{"name":""#, rule.name, r#"","group":""#, rule.group, r#"","attributes":"#, attributes, "}"]);
        }
        push(&["]"]);
        let limits = [
            (r#","limits":{"max_text_bytes":"#, self.max_text_bytes),
            (r#","max_nested_depth":"#, self.max_nested_depth),
            (r#","max_collection_items":"#, self.max_collection_items),
            (r#","max_findings":"#, self.max_findings),
        ];
        for (key, number) in limits {
            push(&[key, &number.to_string()]);
        }
        push(&["}}"]);
        out
    }
}

fn rule(name: &'static str, group: &'static str, issue: &str) -> Rule {
    // A &str is always valid JSON text.
    let text = serde_json::to_string(issue).unwrap_or_default();
    let detail = if issue.is_empty() { String::new() } else { [r#"{"issue":"#, &text, "}"].concat() };
    Rule { name, group, issue: issue.to_owned(), detail }
}

/// The verb of `\bVERB\b` or `(?i)\bVERB\b`.
fn verb(text: &str) -> Option<&str> {
    let text = text.strip_prefix("(?i)").unwrap_or(text);
    let verb = text.strip_prefix(r"\b")?.strip_suffix(r"\b")?;
    let plain = verb.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    (plain && !verb.is_empty()).then_some(verb)
}

fn pattern(value: &Value, number: usize) -> Result<Pattern, Fault> {
    let text = value.as_str().unwrap_or_default();
    let options = Options { ignore_case: !text.starts_with("(?"), ..Options::default() };
    let path = || ["$.blocked_statements[", &number.to_string(), "]"].concat();
    let pattern = Pattern::parse(text, &options).map_err(|error| Fault::from(error).at(path()))?;
    if pattern.can_be_empty() { Err(Fault::new("pattern_empty").at(path())) } else { Ok(pattern) }
}
