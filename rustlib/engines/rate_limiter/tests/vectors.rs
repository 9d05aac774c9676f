//! The traces of `tests/vectors/limiter/rate_limiter.jsonl`; twin of `tests/support/gw_traces.py`.

use gwplugins_core::fault::Fault;
use gwplugins_rate_limiter::{Decision, Limiter, NEVER, NONE, Options, UNLIMITED, Values};
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../../../tests/vectors/limiter/rate_limiter.jsonl");

#[test]
fn traces() {
    let rows: Vec<Value> = VECTORS.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect();
    let wrong: Vec<String> = rows.iter().flat_map(differences).collect();
    assert!(rows.len() > 40 && wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differences(row: &Value) -> Vec<String> {
    let id = &row["id"];
    let limiter = match Limiter::new(row["config"].to_string().as_bytes()) {
        Ok(limiter) => limiter,
        Err(fault) => {
            let error = &row["expect"]["error"];
            let expected = error["code"] == fault.code() && error["path"] == fault.path();
            return if expected { Vec::new() } else { vec![format!("{id}: refused: {fault}")] };
        }
    };
    let Some(steps) = row["steps"].as_array() else { return vec![format!("{id}: not refused")] };
    steps.iter().enumerate().filter_map(|(number, step)| difference(&limiter, step).map(|said| format!("{id} {number}: {said}"))).collect()
}

fn difference(limiter: &Limiter, step: &Value) -> Option<String> {
    let expected = &step["expect"];
    let found = answer(limiter, step).unwrap_or_else(|fault| json!({"error": {"code": fault.code()}}));
    let same = match expected.as_object() {
        Some(members) if members.contains_key("error") => found["error"]["code"] == expected["error"]["code"],
        Some(members) => members.iter().all(|(key, value)| found[key] == *value),
        None => found == *expected,
    };
    (!same).then(|| format!("expected {expected}, found {found}"))
}

fn answer(limiter: &Limiter, step: &Value) -> Result<Value, Fault> {
    let number = |key: &str| step[key].as_u64().unwrap_or_default();
    let values: Vec<&[u8]> = step["key"].as_array().into_iter().flatten().map(|value| value.as_str().unwrap_or("").as_bytes()).collect();
    let values = Values::List(&values);
    let now = Limiter::clock(number("now") * 1000)?;
    Ok(match step["op"].as_str().unwrap_or("") {
        "check" => told(limiter, limiter.check(values, number("cost"), now, Options::default(), None)?),
        "peek" => told(limiter, limiter.check(values, number("cost"), now, Options { peek: true, dry_run: false }, None)?),
        "settle" => {
            let reserved = (number("reserved"), Limiter::clock(number("reserved_at") * 1000)?);
            told(limiter, limiter.settle(values, reserved, number("actual"), now)?)
        }
        "acquire" => {
            let (decision, lease) = limiter.acquire(values, number("cost"), now, Options::default(), None)?;
            let mut found = told(limiter, decision);
            found["lease"] = lease.into();
            found
        }
        "release" => u64::from(limiter.release(values, number("lease"), now)?).into(),
        "reset" => limiter.reset(values, now)?.into(),
        unknown => panic!("no step is called {unknown}"),
    })
}

fn told(limiter: &Limiter, decision: Decision) -> Value {
    let described: Value = serde_json::from_str(limiter.describe()).expect("describe is JSON");
    let unless = |value: u64, nothing: u64| if value == nothing { Value::Null } else { value.into() };
    json!({
        "allowed": decision.allowed,
        "dimension": described["dimensions"][decision.dimension as usize]["name"],
        "window": unless(decision.window.into(), NONE.into()),
        "limit": unless(decision.limit, UNLIMITED),
        "remaining": unless(decision.remaining, UNLIMITED),
        "reset": decision.reset_us,
        "retry": unless(decision.retry_us, NEVER),
        "would_refuse": decision.would_refuse,
        "blocked": decision.blocked,
    })
}
