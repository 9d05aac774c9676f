//! The configuration, from the strict reader's values to dimensions, classes and windows.

use gwplugins_core::config::{Config, Value, member_path};
use gwplugins_core::fault::Fault;

use crate::pattern::Patterns;
use crate::rates;
use crate::redis::Redis;
use crate::window::{Algorithm, Window};

/// Which windows a key has.
#[derive(Debug)]
pub struct Class {
    /// In order, the concurrency limit last.
    pub windows: Vec<Window>,
    /// Whether the last one is a concurrency limit.
    pub leases: bool,
    /// K.
    pub kept: u64,
}

/// What is counted by.
#[derive(Debug)]
pub struct Dimension {
    pub name: String,
    pub algorithm: &'static str,
    /// Counts requests, whatever they cost.
    pub one: bool,
    pub blocked: Patterns,
    pub overrides: Patterns,
    /// Those of the overrides in order, then that of all other keys.
    pub classes: Vec<Class>,
}

/// A limiter's fixed data.
#[derive(Debug)]
pub struct Settings {
    pub dimensions: Vec<Dimension>,
    pub max_keys: usize,
    pub max_key_bytes: usize,
    pub warm_up_percent: u64,
    pub jitter_percent: u64,
    pub jitter_seed: u64,
    pub dry_run: bool,
    pub redis: Redis,
}

/// The dimensions that have keys of their own, and where these stand.
const NAMED: [(&str, &str); 3] = [("by_user", "user"), ("by_tenant", "tenant"), ("by_user_per_server", "user_per_server")];

impl Settings {
    /// Reads what the schema has accepted.
    pub fn read(config: &Config) -> Result<Self, Fault> {
        let algorithm = known(config.str("algorithm").unwrap_or_default());
        let size = |key: &str| usize::try_from(config.int(key)).unwrap_or(usize::MAX);
        let mut dimensions = Vec::new();
        for (key, name) in NAMED {
            if let Some(rates) = config.str(key) {
                dimensions.push(Dimension::plain(name, algorithm, vec![class(rates, algorithm, &["$.", key].concat(), (0, 0))?]));
            }
        }
        dimensions.extend(by_tool(config, algorithm)?);
        for (index, value) in config.list("dimensions").iter().enumerate() {
            let path = format!("$.dimensions[{index}]");
            let dimension = dimension(value, algorithm, &path)?;
            if dimensions.iter().any(|other| other.name == dimension.name) {
                return Err(Fault::new("config_duplicate_name").at(path + ".name"));
            }
            dimensions.push(dimension);
        }
        let redis = Redis::new(&dimensions, config)?;
        Ok(Self {
            dimensions,
            redis,
            max_keys: size("max_keys"),
            max_key_bytes: size("max_key_bytes"),
            warm_up_percent: config.int("warm_up_percent").unsigned_abs(),
            jitter_percent: config.int("jitter_percent").unsigned_abs(),
            jitter_seed: config.int("jitter_seed").unsigned_abs(),
            dry_run: config.bool("dry_run"),
        })
    }

    /// The JSON of `gwp_limiter_describe`.
    pub fn describe(&self) -> String {
        let rows: Vec<String> = self.dimensions.iter().map(Dimension::describe).collect();
        [
            r#"{"kind":"rate_limiter","version":""#,
            env!("CARGO_PKG_VERSION"),
            r#"","dimensions":["#,
            &rows.join(","),
            r#"],"max_keys":"#,
            &self.max_keys.to_string(),
            r#","max_key_bytes":"#,
            &self.max_key_bytes.to_string(),
            r#","most_windows":"#,
            &self.most_windows().to_string(),
            "}",
        ]
        .concat()
    }

    /// Most windows that one request can have.
    pub fn most_windows(&self) -> usize {
        let most = |dimension: &Dimension| dimension.classes.iter().map(|class| class.windows.len()).max();
        self.dimensions.iter().filter_map(most).sum()
    }

    /// What a state that was exported must agree with: dimensions, and their windows.
    pub fn shape(&self) -> String {
        self.dimensions.iter().map(Dimension::describe).collect::<Vec<_>>().join(",")
    }
}

impl Dimension {
    fn plain(name: &str, algorithm: &'static str, classes: Vec<Class>) -> Self {
        Self { name: name.into(), algorithm, one: false, blocked: Patterns::default(), overrides: Patterns::default(), classes }
    }

    /// The class of a value: that of the first override that fits, or the last.
    pub fn class_of(&self, value: &[u8]) -> u32 {
        self.overrides.find(value).unwrap_or(self.classes.len() - 1) as u32
    }

    /// What a request of this cost counts here.
    #[inline]
    pub fn counted(&self, cost: u64) -> u64 {
        if self.one { cost.min(1) } else { cost }
    }

    fn describe(&self) -> String {
        let classes: Vec<String> = self.classes.iter().map(Class::describe).collect();
        // A &str is always valid JSON text.
        let name = serde_json::to_string(&self.name).unwrap_or_default();
        let cost = if self.one { "one" } else { "given" };
        let parts = [
            r#"{"name":"#,
            &name,
            r#","algorithm":""#,
            self.algorithm,
            r#"","cost":""#,
            cost,
            r#"","classes":["#,
            &classes.join(","),
            "]}",
        ];
        parts.concat()
    }
}

impl Class {
    fn describe(&self) -> String {
        let window = |window: &Window| match window.algorithm {
            Algorithm::Concurrency => format!(r#"{{"concurrency":{},"lease_us":{}}}"#, window.count, window.period),
            _ => format!(r#"{{"limit":{},"period_us":{},"burst":{}}}"#, window.count, window.period, window.capacity),
        };
        ["[", &self.windows.iter().map(window).collect::<Vec<_>>().join(","), "]"].concat()
    }
}

/// The name as it is described; `sliding_window` is another name.
fn known(name: &str) -> &'static str {
    const NAMES: [&str; 5] = ["gcra", "token_bucket", "fixed_window", "sliding_window_counter", "sliding_window_log"];
    NAMES.into_iter().find(|known| *known == name).unwrap_or("sliding_window_log")
}

fn algorithm(name: &str) -> Algorithm {
    match name {
        "fixed_window" => Algorithm::Fixed,
        "sliding_window_counter" => Algorithm::Counter,
        "sliding_window_log" => Algorithm::Log,
        _ => Algorithm::Bucket,
    }
}

/// `leases` are most leases, 0 for no limit, and the lease time in milliseconds.
fn class(text: &str, name: &str, path: &str, (most, lease_ms): (u64, u64)) -> Result<Class, Fault> {
    let rates = rates::parse(text).map_err(|fault| fault.at(path))?;
    let mut windows = Vec::with_capacity(rates.len() + usize::from(most > 0));
    for (index, rate) in rates.iter().enumerate() {
        windows.push(Window::new(algorithm(name), rate).map_err(|id| Fault::with(id, index as u64, 0).at(path))?);
    }
    if most > 0 {
        windows.push(Window::leases(most, lease_ms * 1000));
    }
    let kept = windows.iter().map(Window::kept).max().unwrap_or(0);
    Ok(Class { windows, leases: most > 0, kept })
}

/// The dimension `tool`: each name, or pattern, has its own rates.
fn by_tool(config: &Config, algorithm: &'static str) -> Result<Option<Dimension>, Fault> {
    let Some(Value::Map(members)) = config.get("by_tool") else { return Ok(None) };
    if members.is_empty() {
        return Ok(None);
    }
    let mut tool = Dimension::plain("tool", algorithm, Vec::new());
    for (index, (name, rates)) in members.iter().enumerate() {
        let path = member_path("$.by_tool", name);
        let rates = rates.as_str().ok_or_else(|| Fault::new("config_type").at(path.as_str()))?;
        tool.overrides.add(name, index);
        tool.classes.push(class(rates, algorithm, &path, (0, 0))?);
    }
    tool.classes.push(class("unlimited", algorithm, "", (0, 0))?);
    Ok(Some(tool))
}

fn dimension(value: &Value, otherwise: &'static str, path: &str) -> Result<Dimension, Fault> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |value: &Value, key: &str| value.get(key).and_then(Value::as_int).map(i64::unsigned_abs);
    let list = |key: &str| value.get(key).map_or(&[][..], Value::as_list);
    let algorithm = value.get("algorithm").and_then(Value::as_str).map_or(otherwise, known);
    let (most, lease_ms) = (number(value, "concurrency").unwrap_or(0), number(value, "lease_ms").unwrap_or(1));
    let mut made = Dimension::plain(&text(value, "name"), algorithm, Vec::new());
    made.one = text(value, "cost") == "one";
    let otherwise = class(&text(value, "limits"), algorithm, &[path, ".limits"].concat(), (most, lease_ms))?;
    for (index, pattern) in list("blocked").iter().enumerate() {
        made.blocked.add(pattern.as_str().unwrap_or_default(), index);
    }
    for (index, entry) in list("overrides").iter().enumerate() {
        let place = format!("{path}.overrides[{index}].limits");
        made.overrides.add(&text(entry, "match"), index);
        made.classes.push(class(&text(entry, "limits"), algorithm, &place, (number(entry, "concurrency").unwrap_or(most), lease_ms))?);
    }
    made.classes.push(otherwise);
    Ok(made)
}
