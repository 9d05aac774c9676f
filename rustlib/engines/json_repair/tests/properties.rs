//! What holds for any bytes: the output is JSON, the edits are in order and make it, repairing it again changes nothing, and the end
//! of a valid document does not matter to how its beginning is read.

use gwplugins_core::config::Schema;
use gwplugins_core::masks::Path;
use gwplugins_json_repair::{JsonRepair, KIND, apply, is_valid};

fn repair(config: &str) -> JsonRepair {
    JsonRepair::new(&Schema::parse(KIND.schema).read(config.as_bytes()).expect("a configuration"))
}

/// Checks one text and gives its repaired form.
fn check(repair: &JsonRepair, text: &[u8]) -> Vec<u8> {
    let shown = || String::from_utf8_lossy(text).into_owned();
    let edits = repair.edits(text).unwrap_or_else(|fault| panic!("{fault}: {}", shown()));
    assert!(edits.is_sorted_by_key(|edit| (edit.start, edit.end)), "{}", shown());
    assert!(edits.windows(2).all(|pair| pair[0].end <= pair[1].start), "{}", shown());
    assert!(edits.iter().all(|edit| edit.end > edit.start || !edit.put.is_empty()), "an edit of nothing: {}", shown());
    let mut output = Vec::new();
    apply(text, &edits, &mut output);
    assert!(is_valid(&output, 1_000_000, Path::detect()), "{} became {}", shown(), String::from_utf8_lossy(&output));
    assert!(repair.edits(&output).is_ok_and(|edits| edits.is_empty()), "{} is not done", String::from_utf8_lossy(&output));
    output
}

const PIECES: [&[u8]; 72] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"(",
    b")",
    b":",
    b",",
    b", ",
    b": ",
    b"\"",
    b"\"",
    b"\"",
    b"'",
    b"`",
    b"```",
    b"```json\n",
    b"\\\"",
    b"\\",
    b"\\\\",
    b"\\n",
    b"\\u00",
    b"\\u00e9",
    b"\\x41",
    b"\\'",
    b"\\\n",
    b" ",
    b"\n",
    b"\t",
    b"\r\n",
    b"\x00",
    b"\x1f",
    b"\x7f",
    b"=",
    b"=>",
    b";",
    b"+",
    b" + ",
    b"-",
    b".",
    b"...",
    b"/",
    b"//",
    b"/*",
    b"*/",
    b"#",
    b"a",
    b"key",
    b"\"a\":",
    b"\"b\"",
    b"'c'",
    b"1",
    b"1.5e3",
    b"007",
    b"1_0",
    b"true",
    b"None",
    b"undefined",
    b"NaN",
    b"tru",
    b"ObjectId(",
    b"new Date(",
    b"u'",
    b"\xe2\x80\x9c",
    b"\xe2\x80\x9d",
    b"\xe2\x80\x98",
    b"\xe2\x80\xa6",
    b"\xc2\xa0",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xc3\xa9",
];

#[test]
fn any_bytes_become_json() {
    let repairs = [repair("{}"), repair(r#"{"dialect": "js"}"#), repair(r#"{"ensure_ascii": true}"#)];
    let mut state = 88_172_645_463_325_252u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..60_000 {
        let mut text: Vec<u8> = (0..1 + random(20)).flat_map(|_| PIECES[random(PIECES.len())].iter().copied()).collect();
        if random(8) == 0 {
            let at = random(text.len());
            text[at] = random(256) as u8;
        }
        check(&repairs[random(repairs.len())], &text);
    }
}

#[test]
fn every_beginning_of_a_document() {
    const DOCUMENT: &str = r#"{"a": [1, -2.5e3, true, null, "x\"y\\z\u00e9", {"b": {}}], "c": "d, e: {f}", "g": [[], [[3]]], "h": false}"#;
    for config in ["{}", r#"{"dialect": "js"}"#] {
        let repair = repair(config);
        for end in 1..DOCUMENT.len() {
            let output = check(&repair, &DOCUMENT.as_bytes()[..end]);
            assert!(output.starts_with(b"{"), "{end}");
        }
    }
}

#[test]
fn edits_of_an_escaped_output_are_ascii() {
    let repair = repair(r#"{"ensure_ascii": true}"#);
    assert_eq!(check(&repair, "{é: '日\u{10ffff}".as_bytes()), br#"{"\u00e9": "\u65e5\udbff\udfff"}"#);
    assert_eq!(check(&repair, b"[\"\xff\"]"), br#"["\ufffd"]"#);
}

#[test]
fn depth_is_counted_where_it_is_read() {
    let deep = repair(r#"{"max_depth": 1000000}"#);
    let nested = [b"[".repeat(1_000_000), b"]".repeat(1_000_000)].concat();
    assert!(deep.edits(&nested).is_ok_and(|edits| edits.is_empty()));
    for unit in ["[", "{\"a\":", "[{\"a\":", "{a:", "{{", "f(", "(", "{\"a\":[{\"b\":"] {
        let text = unit.repeat(300_000);
        let edits = deep.edits(text.as_bytes());
        let depth = unit.matches(['[', '{', '(']).count() * 300_000;
        assert_eq!(edits.is_ok(), depth <= 1_000_000, "{unit}");
    }
    assert_eq!(repair("{}").edits(&nested).map_err(|fault| fault.id()), Err("too_deep"));
}
