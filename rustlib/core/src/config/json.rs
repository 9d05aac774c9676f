//! The syntax half: bytes to [`Value`], strictly. Order and duplicate keys are kept for the schema to judge.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{MAX_DEPTH, Value};
use crate::fault::Fault;

/// Floats from here on could be integers outside i64 that lost their last digits; no option needs them.
const TOO_BIG: f64 = 9_223_372_036_854_775_808.0;

/// Parses one JSON text: no BOM, no NaN, no lone surrogate escape, no number of 2^63 or more, nothing behind it.
pub(super) fn parse(text: &[u8]) -> Result<Value, Fault> {
    let too_deep = Cell::new(false);
    let mut source = serde_json::Deserializer::from_slice(text);
    let node = Node { depth: 0, too_deep: &too_deep };
    let value = node.deserialize(&mut source).and_then(|value| source.end().map(|()| value));
    value.map_err(|error| {
        if too_deep.get() {
            Fault::with("config_depth", MAX_DEPTH, 0)
        } else {
            Fault::with("config_syntax", error.line() as u64, error.column() as u64)
        }
    })
}

/// One value inside `depth` containers.
#[derive(Clone, Copy)]
struct Node<'a> {
    depth: u64,
    too_deep: &'a Cell<bool>,
}

impl Node<'_> {
    fn inner<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            self.too_deep.set(true);
            return Err(E::custom("too deep"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Int).map_err(|_| E::custom("number too big"))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        if value.abs() < TOO_BIG { Ok(Value::Float(value)) } else { Err(E::custom("number too big")) }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Str(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = source.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut members = Vec::new();
        while let Some(key) = source.next_key::<String>()? {
            members.push((key, source.next_value_seed(inner)?));
        }
        Ok(Value::Map(members))
    }
}
