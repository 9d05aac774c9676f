//! Every row of tests/vectors/codec/compression.jsonl: in one call, and byte by byte.

use gwplugins_compression::Codec;
use gwplugins_core::fault::{Fault, messages};
use serde_json::Value;

const VECTORS: &str = include_str!("../../../../tests/vectors/codec/compression.jsonl");

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |letter: u8| (letter as char).to_digit(16).expect("it is there") as u8;
    hex.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn whole(codec: &Codec, data: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    codec.decompress(data, &mut out).map(|()| out)
}

fn by_bytes(codec: &Codec, data: &[u8]) -> Result<Vec<u8>, Fault> {
    let (mut stream, mut out) = (codec.decoder(), Vec::new());
    for byte in data.chunks(1) {
        stream.push(byte, &mut out)?;
    }
    stream.finish(&mut out).map(|()| out)
}

#[test]
fn every_row_holds() {
    let mut count = 0;
    for row in VECTORS.lines().map(|line| serde_json::from_str::<Value>(line).expect("it is there")) {
        count += 1;
        let (id, data) = (row["id"].as_str().expect("it is there"), bytes(row["input_hex"].as_str().expect("it is there")));
        let codec = Codec::new(row["codec"].as_str().expect("it is there").as_bytes(), row["config"].to_string().as_bytes());
        for read in [whole, by_bytes] {
            let got = codec.as_ref().map_err(Clone::clone).and_then(|codec| read(codec, &data));
            match row["expect"]["output_hex"].as_str() {
                Some(wanted) => assert_eq!(got.as_ref().ok(), Some(&bytes(wanted)), "{id}: {got:?}"),
                None => assert_eq!(name_of(&got.expect_err(id)), row["expect"]["error"].as_str().expect("it is there"), "{id}"),
            }
        }
    }
    assert!(count > 200, "{count} rows");
}

fn name_of(fault: &Fault) -> &'static str {
    &messages().iter().find(|message| message.code == fault.code()).expect("it is there").name
}
