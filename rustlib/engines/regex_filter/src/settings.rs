//! The configuration of one filter, from the strict reader's values to rules.
//!
//! Rules are read in order, of each: syntax, flags, search, replace, allow. It must never skip a rule that is wrong, enabled or not.
//! The twin is `pyplugins/regex_filter/_rules.py`. Tests: `tests/vectors/regex_filter.jsonl`.

use std::sync::Arc;

use gwplugins_core::config::{Config, Value};
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::Action;
use gwplugins_core::pattern::{Options, Pattern, PatternError, PatternSet, Reason};

use crate::literal::Literal;
use crate::rule::{Rule, Search};
use crate::template::Template;

/// Limits of one pattern.
const OPTIONS: (usize, usize, usize, u64) = (4_096, 1_000, 256, 20_000);
/// Size of all patterns together, by the formula of docs/patterns.md: some 80 MB.
const MAX_TOTAL_SIZE: u64 = 200_000;
/// Bytes of all literals together, each some 30 bytes of memory.
const MAX_LITERAL_BYTES: u64 = 2_000_000;

/// Numbers that bound a scan.
pub struct Limits {
    pub text_bytes: u64,
    pub output_bytes: u64,
    pub nested_depth: u64,
    pub collection_items: u64,
    pub findings: u64,
}

/// What a rule has unless it says otherwise.
#[derive(Clone, Copy)]
struct Style {
    ignore_case: bool,
    whole_word: bool,
    unicode: bool,
    multi_line: bool,
    dot_all: bool,
}

impl Style {
    fn options(self) -> Options {
        let (max_bytes, max_alternatives, max_quantifiers, max_size) = OPTIONS;
        Options {
            max_bytes,
            max_alternatives,
            max_quantifiers,
            max_size,
            ignore_case: self.ignore_case,
            multi_line: self.multi_line,
            dot_all: self.dot_all,
            whole_word: self.whole_word,
            unicode: self.unicode,
        }
    }

    /// How excuses are read: within the match, therefore without its surroundings.
    fn inside(self) -> Self {
        Self { whole_word: false, multi_line: false, dot_all: false, ..self }
    }
}

/// Reads rules one after the other.
struct Reader<'a> {
    config: &'a Config,
    style: Style,
    allow: Arc<PatternSet>,
    none: Arc<PatternSet>,
    total_size: u64,
    literal_bytes: u64,
}

/// The limits of a configuration.
pub fn limits(config: &Config) -> Limits {
    let limit = |key: &str| config.int(key).unsigned_abs();
    Limits {
        text_bytes: limit("max_text_bytes"),
        output_bytes: limit("max_output_bytes"),
        nested_depth: limit("max_nested_depth"),
        collection_items: limit("max_collection_items"),
        findings: limit("max_findings"),
    }
}

/// The rules of a configuration: `words`, then `rules`.
pub fn rules(config: &Config) -> Result<Vec<Rule>, Fault> {
    let style = Style {
        ignore_case: config.bool("ignore_case"),
        whole_word: config.bool("whole_word"),
        unicode: config.bool("unicode"),
        multi_line: false,
        dot_all: false,
    };
    let none = Arc::new(PatternSet::new(Vec::new()));
    let mut reader = Reader { config, style, allow: none.clone(), none, total_size: 0, literal_bytes: 0 };
    reader.allow = reader.patterns(config.list("allow"), "$.allow", style.inside())?;
    let mut rules = Vec::new();
    for key in ["words", "rules"] {
        for (index, row) in config.list(key).iter().enumerate() {
            rules.push(reader.rule(row, format!("{key}[{index}]"))?);
        }
    }
    Ok(rules)
}

impl Reader<'_> {
    fn rule(&mut self, row: &Value, place: String) -> Result<Rule, Fault> {
        let path = format!("$.{place}");
        let text = |key: &str| row.get(key).and_then(Value::as_str);
        let truth = |key: &str| row.get(key).and_then(Value::as_bool);
        if text("syntax") == Some("python") {
            return Err(Fault::new("pattern_python").at(format!("{path}.syntax")));
        }
        let flags = text("flags").unwrap_or_default();
        let count = |letter: u8| flags.bytes().filter(|&flag| flag == letter).count();
        let (i, m, s) = (count(b'i'), count(b'm'), count(b's'));
        if i.max(m).max(s) > 1 || i + m + s < flags.len() {
            return Err(Fault::new("config_enum").at(format!("{path}.flags")));
        }
        let style = Style {
            ignore_case: truth("ignore_case").unwrap_or(self.style.ignore_case) || i > 0,
            whole_word: truth("whole_word").unwrap_or(self.style.whole_word),
            unicode: truth("unicode").unwrap_or(self.style.unicode),
            multi_line: m > 0,
            dot_all: s > 0,
        };
        let literal = truth("literal") == Some(true);
        let search = self.search(text("search").unwrap_or_default(), literal, style, &format!("{path}.search"))?;
        let template = match text("replace") {
            None => Template::plain(self.config.str("redaction_text").unwrap_or_default()),
            Some(plain) if literal => Template::plain(plain),
            Some(template) => {
                let names: Vec<_> = match &search {
                    Search::Literal(_) => vec![None],
                    Search::Pattern(pattern) => pattern.group_names().collect(),
                };
                Template::parse(template, &names).map_err(|fault| fault.at(format!("{path}.replace")))?
            }
        };
        let own = row.get("allow").map_or(&[][..], Value::as_list);
        let own = self.patterns(own, &format!("{path}.allow"), style.inside())?;
        Ok(Rule {
            name: text("name").map_or(place, str::to_owned),
            enabled: truth("enabled") != Some(false),
            action: match text("action").or(self.config.str("action")) {
                Some("block") => Action::Block,
                Some("audit") => Action::Audit,
                _ => Action::Replace,
            },
            search,
            template,
            preserve_case: truth("preserve_case") == Some(true),
            allow: [own, self.allow.clone()],
        })
    }

    fn search(&mut self, text: &str, literal: bool, style: Style, path: &str) -> Result<Search, Fault> {
        let (text, whole) = match plain(text) {
            _ if literal => (text.into(), false),
            Some(plain) => plain,
            None => return Ok(Search::Pattern(self.pattern(text, style, path)?)),
        };
        self.literal_bytes += text.len() as u64;
        if self.literal_bytes > MAX_LITERAL_BYTES {
            return Err(Fault::with("pattern_size", self.literal_bytes, MAX_LITERAL_BYTES).at(path));
        }
        Ok(Search::Literal(Literal::new(&text, style.ignore_case, style.whole_word || whole, style.unicode)))
    }

    fn patterns(&mut self, rows: &[Value], path: &str, style: Style) -> Result<Arc<PatternSet>, Fault> {
        if rows.is_empty() {
            return Ok(self.none.clone());
        }
        let rows = rows.iter().enumerate();
        let parsed = rows.map(|(index, row)| self.pattern(row.as_str().unwrap_or_default(), style, &format!("{path}[{index}]")));
        Ok(Arc::new(PatternSet::new(parsed.collect::<Result<_, _>>()?)))
    }

    fn pattern(&mut self, text: &str, style: Style, path: &str) -> Result<Pattern, Fault> {
        let options = style.options();
        let pattern = Pattern::parse(text, &options).map_err(|error| refusal(error, &options).at(path))?;
        self.total_size += pattern.size();
        if self.total_size > MAX_TOTAL_SIZE {
            return Err(Fault::with("pattern_size", self.total_size, MAX_TOTAL_SIZE).at(path));
        }
        Ok(pattern)
    }
}

/// The text that a pattern stands for, if it is nothing but characters: `a\.b`; and with `\b` around a word, that it must be whole.
fn plain(pattern: &str) -> Option<(String, bool)> {
    if let Some(inside) = pattern.strip_prefix(r"\b").and_then(|rest| rest.strip_suffix(r"\b")) {
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let text = unescaped(inside)?;
        return (is_word(text.as_bytes().first()) && is_word(text.as_bytes().last())).then_some((text, true));
    }
    unescaped(pattern).map(|text| (text, false))
}

/// Characters and escaped signs; nothing else, and not nothing.
fn unescaped(pattern: &str) -> Option<String> {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(found) = rest.next() {
        text.push(match found {
            '\\' => rest.next().filter(|sign| sign.is_ascii() && !sign.is_ascii_alphanumeric() && !matches!(sign, '<' | '>'))?,
            '^' | '$' | '.' | '|' | '(' | ')' | '[' | '{' | '*' | '+' | '?' => return None,
            other => other,
        });
    }
    (!text.is_empty()).then_some(text)
}

fn refusal(error: PatternError, options: &Options) -> Fault {
    match error.reason {
        Reason::TooBig => Fault::with("pattern_size", error.size, options.max_size),
        reason => Fault::with("pattern_syntax", error.offset as u64, reason as u64),
    }
}
