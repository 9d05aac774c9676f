//! The validator against `serde_json`, on every code path: whole documents, all their beginnings, and random damage.

use gwplugins_core::masks::Path;
use gwplugins_json_repair::is_valid;
use serde::de::IgnoredAny;

const DOCUMENTS: [&str; 14] = [
    "null",
    " -0.5e+10 ",
    r#""""#,
    r#"{"a":1,"b":[true,false,null],"c":{"d":"e\"f\\"},"g":[]}"#,
    r#"[[[[]]],{},{"":{}},[{}]]"#,
    r#"  {"key with spaces" : "\u00e9\ud83d\ude00\/\b\f\n\r\t" , "n" : -12.25E-3 } "#,
    r#"["\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\","\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\""]"#,
    r#"{"long":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","x":0}"#,
    "{\"ü\":\"日本語😀\",\"k\":[\"é\"]}",
    "[1,22,333,4444,55555,666666,7777777,88888888,999999999,1010101010,0,10,0.1,1e1,1E+1,1e-1,-1,-0,12345678901234567890]",
    "[1.0,true,\"a\",false,null,{\"a\":{\"b\":{\"c\":[1,[2,[3,[4]]]]}}},\"\",0]",
    "\t\r\n[ ]\n",
    "[\"a\"  ,\n \"b\" ]",
    "12345678901234567890123456789012345678901234567890123456789012345",
];

fn expected(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

fn check(text: &[u8]) {
    for path in Path::available() {
        assert_eq!(is_valid(text, 1000, path), expected(text), "{path:?} {:?}", String::from_utf8_lossy(text));
    }
}

#[test]
fn documents_and_their_beginnings() {
    for document in DOCUMENTS {
        assert!(expected(document.as_bytes()), "{document}");
        for length in 0..=document.len() {
            check(&document.as_bytes()[..length]);
        }
        for shift in 0..70 {
            let padded = " ".repeat(shift) + document;
            check(padded.as_bytes());
            check(format!("[{padded},\n\"{}\"]", "x".repeat(shift)).as_bytes());
        }
    }
}

#[test]
fn long_documents_and_their_blocks() {
    for document in DOCUMENTS {
        // Every byte of it as the last of 512 and the first behind them.
        for shift in 512 - document.len().min(500)..513 {
            let padded = " ".repeat(shift) + document;
            check(padded.as_bytes());
            check(format!("[\"{}\",{document}]", "x".repeat(shift - 4)).as_bytes());
            check(&padded.as_bytes()[..padded.len() - 1]);
        }
        // More than what is listed at once; then one sign of it becomes another.
        let long = format!("[{}]", vec![document; 40_000 / document.len()].join(","));
        check(long.as_bytes());
        for from in (0..long.len()).step_by(997) {
            let mut damaged = long.clone().into_bytes();
            if let Some(sign) = damaged[from..].iter_mut().find(|byte| b"{}[]:,\"0e".contains(byte)) {
                *sign = if *sign == b'{' { b'[' } else { b'}' };
                check(&damaged);
            }
        }
    }
    check(format!("[{}1]", "[],".repeat(20_000)).as_bytes());
    check(format!("[{}1]", "null,".repeat(20_000)).as_bytes());
    check(format!("[\"{}\"]", "\\n".repeat(20_000)).as_bytes());
    check(format!("[{}1]", "1e5,".repeat(20_000)).as_bytes());
}

#[test]
fn damage() {
    const PIECES: [&[u8]; 34] = [
        b"\"",
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b" ",
        b"\n",
        b"\t",
        b"\x00",
        b"\x1f",
        b"\x7f",
        b"0",
        b"1",
        b"-",
        b"+",
        b".",
        b"e",
        b"E",
        b"true",
        b"null",
        b"nul",
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\\u12",
        b"\\u00e9",
        b"\\\"",
        b"a",
        b"/",
        b"\xc3\xa9",
        b"'",
    ];
    let mut state = 88_172_645_463_325_252u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..60_000 {
        let mut text = DOCUMENTS[random(DOCUMENTS.len())].as_bytes().to_vec();
        if random(3) == 0 {
            text = [b"[".to_vec(), text, b",".to_vec(), DOCUMENTS[random(DOCUMENTS.len())].as_bytes().to_vec(), b"]".to_vec()].concat();
        }
        for _ in 0..=random(2) {
            let at = random(text.len() + 1);
            let until = (at + random(3)).min(text.len());
            text.splice(at..until, PIECES[random(PIECES.len())].iter().copied());
        }
        check(&text);
    }
}

#[test]
fn depth() {
    for path in Path::available() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(is_valid(nested(1000).as_bytes(), 1000, path));
        assert!(!is_valid(nested(1001).as_bytes(), 1000, path));
        assert!(is_valid(nested(3).as_bytes(), 3, path));
        assert!(!is_valid(nested(4).as_bytes(), 3, path));
        assert!(is_valid(nested(100_000).as_bytes(), 1_000_000, path));
        assert!(!is_valid(nested(100_000).replacen("]", "}", 1).as_bytes(), 1_000_000, path));
        assert!(!is_valid(format!("{}]", nested(1000)).as_bytes(), 1_000_000, path));
        // Kinds of levels survive a visit to deeper ones, wherever outer ones are put aside; a wrong one is seen at any depth.
        for (open, close) in [("{\"a\":", "}"), ("[", "]"), ("[{\"a\":", "}]")] {
            for depth in (1..70).chain([127, 128, 129, 200]) {
                let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                let twice = format!("[{deep},{deep}]");
                check(twice.as_bytes());
                let other = if close == "]" { "}" } else { "]" };
                check(twice.replacen(close, other, 1).as_bytes());
                check(format!("[{deep},{}{other}]", deep.strip_suffix(close).expect("it ends so")).as_bytes());
                check(format!("{deep}{close}").as_bytes());
            }
        }
    }
}
