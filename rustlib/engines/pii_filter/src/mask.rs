//! Masking: `RULES.md`, "Masking". The Python twin is `pyplugins/pii_filter/_mask.py`.

use gwplugins_core::fault::Fault;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// How a finding is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    Redact,
    Partial,
    Hash,
    Tokenize,
    Remove,
}

/// Names of the strategies, as in the schema.
const NAMES: [(&str, Strategy); 5] = [
    ("redact", Strategy::Redact),
    ("partial", Strategy::Partial),
    ("hash", Strategy::Hash),
    ("tokenize", Strategy::Tokenize),
    ("remove", Strategy::Remove),
];

impl Strategy {
    /// The strategy with this name; the schema lets no other name through.
    pub fn named(name: &str) -> Self {
        NAMES.iter().find(|(known, _)| *known == name).map_or(Self::Redact, |(_, strategy)| *strategy)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, strategy)| *strategy == self).map_or("redact", |(name, _)| name)
    }
}

/// Message of the key derivation; not a secret.
const TOKEN_KEY_LABEL: &[u8] = b"gwplugins token key";

/// The keys of strategies hash and tokenize.
pub struct Keys {
    hash: Vec<u8>,
    token: Vec<u8>,
}

impl Keys {
    /// The configured keys; a random one when none is given and a strategy needs it.
    pub fn new(hash_key: Option<&str>, token_key: Option<&str>, strategies: &[Strategy]) -> Result<Self, Fault> {
        let keyed = strategies.iter().any(|strategy| matches!(strategy, Strategy::Hash | Strategy::Tokenize));
        let hash = match hash_key {
            Some(key) => key.as_bytes().to_vec(),
            None if keyed => random_key()?,
            None => Vec::new(),
        };
        let token = token_key.map_or_else(|| digest(&hash, &[TOKEN_KEY_LABEL]).to_vec(), |key| key.as_bytes().to_vec());
        Ok(Self { hash, token })
    }
}

fn random_key() -> Result<Vec<u8>, Fault> {
    let mut key = vec![0; 32];
    getrandom::fill(&mut key).map_err(|_| Fault::new("no_entropy"))?;
    Ok(key)
}

fn digest(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Appends `[NAME:` hex digits `]`.
fn push_keyed(name: &str, key: &[u8], kind: &str, value: &[u8], bytes: usize, output: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    output.push(b'[');
    output.extend_from_slice(name.as_bytes());
    output.push(b':');
    for byte in &digest(key, &[kind.as_bytes(), b"\0", value])[..bytes] {
        output.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
    output.push(b']');
}

/// How a value is masked: its strategy, the type's name and the type's form of partial masking.
pub struct Masking<'a> {
    pub strategy: Strategy,
    pub kind: &'a str,
    pub partial: &'a str,
    pub redaction_text: &'a str,
    pub keys: &'a Keys,
}

impl Masking<'_> {
    /// Appends the replacement of `value`.
    pub fn push(&self, value: &[u8], output: &mut Vec<u8>) {
        match self.strategy {
            Strategy::Redact => output.extend_from_slice(self.redaction_text.as_bytes()),
            Strategy::Remove => {}
            Strategy::Hash => push_keyed("HASH", &self.keys.hash, self.kind, value, 8, output),
            Strategy::Tokenize => push_keyed("TOKEN", &self.keys.token, self.kind, value, 4, output),
            Strategy::Partial => push_partial(self.partial, value, output),
        }
    }
}

fn push_partial(form: &str, value: &[u8], output: &mut Vec<u8>) {
    let last_digits = match form {
        "ssn" => Some("***-**-"),
        "bsn" => Some("*****"),
        "card" => Some("****-****-****-"),
        "phone" => Some("***-***-"),
        _ => None,
    };
    if let Some(stars) = last_digits
        && let Some(last) = last_four(value)
    {
        output.extend_from_slice(stars.as_bytes());
        output.extend(last);
    } else if form == "email"
        && let Some(at) = value.iter().rposition(|&byte| byte == b'@')
    {
        push_email(&value[..at], &value[at..], output);
    } else if form == "bank" {
        let count = points(value).count();
        if count >= 8 { push_ends(value, 2, 4, output) } else { output.extend(std::iter::repeat_n(b'*', count)) }
    } else if points(value).count() >= 3 {
        push_ends(value, 1, 1, output);
    } else {
        output.extend(std::iter::repeat_n(b'*', points(value).count()));
    }
}

/// The last four digits of a value, in order.
fn last_four(value: &[u8]) -> Option<[u8; 4]> {
    let mut digits = value.iter().rev().filter(|byte| byte.is_ascii_digit());
    let mut last = [0; 4];
    for slot in last.iter_mut().rev() {
        *slot = *digits.next()?;
    }
    Some(last)
}

fn push_email(local: &[u8], domain: &[u8], output: &mut Vec<u8>) {
    if points(local).count() > 2 {
        let (first, last) = (points(local).nth(1).unwrap_or(0), points(local).last().unwrap_or(0));
        output.extend_from_slice(&local[..first]);
        output.extend_from_slice(b"***");
        output.extend_from_slice(&local[last..]);
    } else {
        output.extend_from_slice(b"***");
    }
    output.extend_from_slice(domain);
}

/// Where each code point of `value` begins; a byte that continues none counts as one.
fn points(value: &[u8]) -> impl Iterator<Item = usize> {
    let begins = |place: usize| value[place] & 0xC0 != 0x80 || place == 0;
    (0..value.len()).filter(move |&place| begins(place))
}

/// The first `head` and last `tail` code points, stars between.
fn push_ends(value: &[u8], head: usize, tail: usize, output: &mut Vec<u8>) {
    let starts: Vec<usize> = points(value).collect();
    let inside = starts.len() - head - tail;
    output.extend_from_slice(&value[..starts[head]]);
    output.extend(std::iter::repeat_n(b'*', inside));
    output.extend_from_slice(&value[starts[head + inside]..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partial(form: &str, value: &str) -> String {
        let mut output = Vec::new();
        push_partial(form, value.as_bytes(), &mut output);
        String::from_utf8(output).expect("valid")
    }

    #[test]
    fn partial_forms() {
        let rows = [
            ("ssn", "123-45-6789", "***-**-6789"),
            ("card", "4111 1111 1111 1111", "****-****-****-1111"),
            ("phone", "+1 (555) 123-4567", "***-***-4567"),
            ("phone", "12", "**"),
            ("email", "john@example.com", "j***n@example.com"),
            ("email", "jo@example.com", "***@example.com"),
            ("email", "üseß@example.com", "ü***ß@example.com"),
            ("bank", "DE89370400440532013000", "DE****************3000"),
            ("bank", "1234567", "*******"),
            ("ends", "AB1234567", "A*******7"),
            ("ends", "ab", "**"),
        ];
        for (form, value, expected) in rows {
            assert_eq!(partial(form, value), expected, "{form} {value}");
        }
    }

    #[test]
    fn keyed_forms_are_stable() {
        let keys = Keys::new(Some("key"), None, &[Strategy::Hash]).expect("no randomness needed");
        let masking = Masking { strategy: Strategy::Hash, kind: "ssn", partial: "ssn", redaction_text: "", keys: &keys };
        let mut output = Vec::new();
        masking.push(b"123-45-6789", &mut output);
        // python: hmac.new(b"key", b"ssn\0" + b"123-45-6789", "sha256").hexdigest()[:16]
        assert_eq!(output, b"[HASH:dd6ed03246a0df97]");
    }
}
