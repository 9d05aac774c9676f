//! Is it JSON? Placeholder until the vector validator stands.
use gwplugins_core::masks::Path;

/// True for JSON by RFC 8259 in UTF-8, not nested deeper than `max_depth`.
pub fn is_valid(text: &[u8], max_depth: usize, _path: Path) -> bool {
    let _ = max_depth;
    serde_json::from_slice::<serde_json::Value>(text).is_ok()
}
