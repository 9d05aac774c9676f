//! The configuration of one filter, from the strict reader's values to what the steps use.

use gwplugins_core::config::{Config, Value};
use gwplugins_core::fault::Fault;
use gwplugins_core::guard::Action;
use gwplugins_core::pattern::{Options, Pattern, PatternSet};

use crate::mask::{Keys, Strategy};
use crate::tables::tables;

/// A configured filter's fixed data.
pub struct Settings {
    /// Bit r set: rule r is wanted.
    pub enabled: u32,
    pub action: Action,
    /// Strategy of each rule: built-in types, then custom patterns.
    pub strategies: Vec<Strategy>,
    pub redaction_text: String,
    pub keys: Keys,
    pub max_text_bytes: u64,
    pub max_nested_depth: u64,
    pub max_collection_items: u64,
    pub max_findings: u64,
    pub custom: PatternSet,
    pub whitelist: PatternSet,
}

impl Settings {
    /// Reads what the schema has accepted.
    pub fn read(config: &Config) -> Result<Self, Fault> {
        let limit = |key: &str| config.int(key).unsigned_abs();
        let wanted = tables().types.iter().enumerate().filter(|(_, kind)| config.bool(&kind.key));
        let mut strategies = Vec::new();
        for kind in &tables().types {
            strategies.push(strategy_of(config, &kind.name));
        }
        let (custom, custom_strategies) = custom_patterns(config)?;
        strategies.extend(custom_strategies);
        Ok(Self {
            enabled: wanted.fold(0, |bits, (rule, _)| bits | 1 << rule),
            action: if config.bool("block_on_detection") { Action::Block } else { Action::Replace },
            keys: Keys::new(config.str("hash_key"), config.str("token_key"), &strategies)?,
            strategies,
            redaction_text: config.str("redaction_text").unwrap_or_default().to_owned(),
            max_text_bytes: limit("max_text_bytes"),
            max_nested_depth: limit("max_nested_depth"),
            max_collection_items: limit("max_collection_items"),
            max_findings: limit("max_findings"),
            custom,
            whitelist: whitelist(config)?,
        })
    }
}

fn strategy_of(config: &Config, name: &str) -> Strategy {
    let own = config.get("mask_strategies").and_then(|strategies| strategies.get(name)).and_then(Value::as_str);
    Strategy::named(own.or(config.str("default_mask_strategy")).unwrap_or_default())
}

fn custom_patterns(config: &Config) -> Result<(PatternSet, Vec<Strategy>), Fault> {
    let (mut patterns, mut strategies) = (Vec::new(), Vec::new());
    for (index, row) in config.list("custom_patterns").iter().enumerate() {
        if row.get("enabled").and_then(Value::as_bool) == Some(false) {
            continue;
        }
        let path = format!("$.custom_patterns[{index}].pattern");
        let pattern = parse(row.get("pattern"), &path, Options::default())?;
        if pattern.can_be_empty() {
            return Err(Fault::new("pattern_empty").at(path));
        }
        patterns.push(pattern);
        let own = row.get("mask_strategy").and_then(Value::as_str);
        strategies.push(own.map_or_else(|| strategy_of(config, "custom"), Strategy::named));
    }
    Ok((PatternSet::new(patterns), strategies))
}

fn whitelist(config: &Config) -> Result<PatternSet, Fault> {
    let options = Options { ignore_case: true, ..Options::default() };
    let rows = config.list("whitelist_patterns").iter().enumerate();
    let patterns = rows.map(|(index, row)| parse(Some(row), &format!("$.whitelist_patterns[{index}]"), options));
    Ok(PatternSet::new(patterns.collect::<Result<_, _>>()?))
}

fn parse(value: Option<&Value>, path: &str, options: Options) -> Result<Pattern, Fault> {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    Pattern::parse(text, &options).map_err(|error| Fault::from(error).at(path))
}
