//! Pieces of texts made to be slow, for `benches/repair.rs` and `tests/adversarial.rs`.

/// What is repeated, alone and in pairs.
pub const UNITS: [&str; 62] = [
    "{", "}", "[", "]", "(", ")", ":", ",", "\"", "'", "`", "```", "\\\"", "\\", "\\n", "\\u00", "/*", "*/", "//", "# ", "\n", " ", "\t", "\u{0}", "a",
    "é", "“", "‘", "…", "...", "=", ";", "+", " + ", "-", "1", "1 ", "1,", "\"a\"", "\"a\" ", "\"a\":", "\"a\",", "{\"a\":", "{a:", "[\"", "{\"a", "'a':",
    "a(", "new a(", "u'", "true ", "None,", "\"x\", \"y\" z", "\",", "\"}", "\":", "a, ", "a:", ", \"", "}\"", "{\"a\":\"{\"", "\u{a0}",
];

/// What stands before.
pub const BEGINNINGS: [&str; 10] = ["", "{\"a\":", "{\"a\":\"", "{\"", "[", "[\"", "{\"a\": b", "['", "```json\n{\"a\":\"", "x {"];
