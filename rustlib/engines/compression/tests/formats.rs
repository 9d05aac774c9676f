//! Every format: round trips in one call and in chunks, limits, and streams that do not end as they should.

use gwplugins_compression::{Codec, names};

const LIMIT: &[u8] = br#"{"max_output_bytes": 5000}"#;

fn texts() -> Vec<Vec<u8>> {
    let noise = |len: u32| (0..len).map(|i| (i.wrapping_mul(2_654_435_761).rotate_left(i % 32) >> 11) as u8).collect::<Vec<u8>>();
    let words = |len: usize| br#"{"name": "Ada", "id": 17, "tags": ["a", "b"]}, "#.iter().copied().cycle().take(len).collect::<Vec<u8>>();
    vec![vec![], b"a".to_vec(), words(1000), words(70_000), words(400_000), noise(10), noise(70_000), vec![0; 300_000]]
}

fn compressed(name: &str, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Codec::new(name.as_bytes(), b"").expect("it is there").compress(data, &mut out).expect("it is there");
    out
}

fn decompressed(name: &str, config: &[u8], data: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::new();
    let codec = Codec::new(name.as_bytes(), config).expect("it is there");
    codec.decompress(data, &mut out).map(|()| out).map_err(|fault| fault.id())
}

fn in_chunks(stream: &mut gwplugins_compression::Stream, data: &[u8], size: usize) -> Result<Vec<u8>, &'static str> {
    let mut all = Vec::new();
    for chunk in data.chunks(size) {
        stream.push(chunk, &mut all).map_err(|fault| fault.id())?;
    }
    stream.finish(&mut all).map_err(|fault| fault.id())?;
    Ok(all)
}

#[test]
fn what_is_compressed_comes_back() {
    for name in names() {
        for text in texts() {
            let small = compressed(name, &text);
            assert_eq!(decompressed(name, b"", &small).as_ref(), Ok(&text), "{name}, {} bytes", text.len());
            let codec = Codec::new(name.as_bytes(), b"").expect("it is there");
            for size in [1, 7, 4096, 1 << 20] {
                let again = in_chunks(&mut codec.encoder().expect("it is there"), &text, size).expect("it is there");
                assert_eq!(decompressed(name, b"", &again).as_ref(), Ok(&text), "{name}, chunks of {size}");
                assert_eq!(in_chunks(&mut codec.decoder(), &small, size).as_ref(), Ok(&text), "{name}, chunks of {size}");
            }
        }
    }
}

#[test]
fn empty_chunks_change_nothing() {
    for name in names() {
        let small = compressed(name, &texts()[2]);
        let (mut stream, mut out) = (Codec::new(name.as_bytes(), b"").expect("it is there").decoder(), Vec::new());
        for byte in small.chunks(small.len() / 3) {
            for _ in 0..50 {
                stream.push(b"", &mut out).expect("nothing is no error");
            }
            stream.push(byte, &mut out).expect("good data");
        }
        stream.finish(&mut out).expect("all of it");
        assert_eq!(out, texts()[2], "{name}");
    }
}

#[test]
fn every_level_reads_back() {
    let text = &texts()[3];
    for name in names() {
        for level in -7..=22 {
            let Ok(codec) = Codec::new(name.as_bytes(), format!("{{\"level\": {level}}}").as_bytes()) else { continue };
            let mut small = Vec::new();
            codec.compress(text, &mut small).expect("it is there");
            assert_eq!(decompressed(name, b"", &small).as_ref(), Ok(text), "{name}, level {level}");
        }
    }
}

#[test]
fn a_cut_is_noticed_wherever_it_is() {
    for name in names().filter(|name| !matches!(*name, "identity" | "snappy")) {
        let small = compressed(name, &texts()[2]);
        for len in 0..small.len() {
            assert_eq!(decompressed(name, b"", &small[..len]), Err("codec_truncated"), "{name}, {len} of {}", small.len());
        }
    }
    let small = compressed("snappy", &texts()[2]);
    for len in 0..small.len() {
        let expected = if len == 10 { Ok(vec![]) } else { Err("codec_truncated") };
        assert_eq!(decompressed("snappy", b"", &small[..len]), expected, "snappy, {len}");
    }
}

#[test]
fn the_output_is_bounded() {
    for name in names() {
        let small = compressed(name, &vec![b'x'; 5001]);
        assert_eq!(decompressed(name, LIMIT, &small), Err("codec_output"), "{name}");
        let codec = Codec::new(name.as_bytes(), LIMIT).expect("it is there");
        assert_eq!(in_chunks(&mut codec.decoder(), &small, 3), Err("codec_output"), "{name}");
        assert_eq!(decompressed(name, LIMIT, &compressed(name, &[b'x'; 5000])).expect("it is there").len(), 5000, "{name}");
        assert_eq!(decompressed(name, br#"{"max_output_bytes": 0}"#, &compressed(name, b"")), Ok(vec![]), "{name}");
    }
}

#[test]
fn the_ratio_is_bounded() {
    for name in names().filter(|name| !matches!(*name, "identity" | "snappy")) {
        let small = compressed(name, &vec![0; 3 << 20]);
        assert_eq!(decompressed(name, br#"{"max_ratio": 20}"#, &small), Err("codec_ratio"), "{name}");
    }
}

#[test]
fn what_follows_the_end_is_noticed() {
    for name in names().filter(|name| *name != "identity") {
        let mut small = compressed(name, b"one");
        small.extend_from_slice(b"garbage");
        let expected = if name == "snappy" { "codec_data" } else { "codec_trailing" };
        assert_eq!(decompressed(name, b"", &small), Err(expected), "{name}");
        let codec = Codec::new(name.as_bytes(), b"").expect("it is there");
        assert_eq!(in_chunks(&mut codec.decoder(), &small, 1), Err(expected), "{name}");
    }
}

#[test]
fn concatenated_streams_are_one() {
    for name in ["gzip", "zstd", "lz4", "snappy"] {
        let both = [compressed(name, b"one "), compressed(name, b"two")].concat();
        assert_eq!(decompressed(name, b"", &both).expect("it is there"), b"one two", "{name}");
        assert_eq!(decompressed("auto", b"", &both).expect("it is there"), b"one two", "{name}");
        let codec = Codec::new(name.as_bytes(), b"").expect("it is there");
        assert_eq!(in_chunks(&mut codec.decoder(), &both, 1).expect("it is there"), b"one two", "{name}");
        if name != "snappy" {
            assert_eq!(decompressed(name, br#"{"concatenated": false}"#, &both), Err("codec_trailing"), "{name}");
        }
    }
    let other = [compressed("gzip", b"one"), compressed("zstd", b"two")].concat();
    assert_eq!(decompressed("auto", b"", &other), Err("codec_trailing"));
    for name in ["zlib", "deflate", "brotli"] {
        let both = [compressed(name, b"one"), compressed(name, b"two")].concat();
        assert_eq!(decompressed(name, b"", &both), Err("codec_trailing"), "{name}");
    }
}

/// What is at the end of gzip is its size; it may lie, and so may a checksum of the header.
#[test]
fn gzip_in_one_call_is_judged_like_gzip_in_chunks() {
    let good = compressed("gzip", &texts()[3]);
    let size = good.len() - 4;
    let with_size = |size_of_content: u32| [&good[..size], &size_of_content.to_le_bytes()].concat();
    // Header with FHCRC: a checksum of the header, which is wrong.
    let with_checksum = [&good[..3], &[good[3] | 2], &good[4..10], b"??", &good[10..]].concat();
    let texts = [with_size(0), with_size(69_999), with_size(70_001), with_size(u32::MAX), with_checksum];
    for (at, data) in texts.iter().enumerate() {
        for name in ["gzip", "auto"] {
            let chunked = in_chunks(&mut Codec::new(name.as_bytes(), b"").expect("it is there").decoder(), data, 1000);
            assert_eq!(decompressed(name, b"", data), Err("codec_checksum"), "{name}, {at}");
            assert_eq!(chunked, Err("codec_checksum"), "{name}, {at}");
        }
    }
}

/// One literal, then a match by the length symbol 286, which RFC 1951 reserves; checksum and size are right.
#[test]
fn reserved_symbols_are_refused() {
    let data = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x4b\x1c\x03\0\x56\xfa\xc2\x34\x03\x01\0\0";
    assert_eq!(decompressed("gzip", b"", data), Err("codec_data"));
    assert_eq!(in_chunks(&mut Codec::new(b"gzip", b"").expect("it is there").decoder(), data, 100), Err("codec_data"));
    assert_eq!(decompressed("deflate", b"", &data[10..14]), Err("codec_data"));
}

#[test]
fn a_changed_byte_never_passes_where_there_is_a_checksum() {
    let text = &texts()[2];
    for name in ["gzip", "zlib", "zstd", "lz4", "snappy"] {
        let small = compressed(name, text);
        for at in 0..small.len() {
            let mut bad = small.clone();
            bad[at] ^= 0x10;
            let got = decompressed(name, b"", &bad);
            assert!(got.is_err() || got.as_ref() == Ok(text), "{name}: byte {at} of {} is not guarded", small.len());
        }
        let mut bad = small.clone();
        let last = bad.len() - 1;
        bad[last] ^= 1;
        if name != "snappy" {
            assert_eq!(decompressed(name, b"", &bad), Err("codec_checksum"), "{name}");
        }
    }
}

#[test]
fn the_format_is_told_by_its_beginning() {
    for name in ["gzip", "zlib", "zstd", "lz4", "snappy"] {
        assert_eq!(decompressed("auto", b"", &compressed(name, b"text")).expect("it is there"), b"text", "{name}");
    }
    assert_eq!(decompressed("auto", b"", b"plain text"), Err("codec_unknown"));
    assert_eq!(decompressed("auto", b"", b""), Err("codec_truncated"));
    let auto = Codec::new(b"auto", b"").expect("it is there");
    assert_eq!(auto.compress(b"", &mut Vec::new()).expect_err("it is refused").id(), "unsupported");
}

#[test]
fn windows_are_bounded() {
    // A zstd frame with a window of 2^30 bytes, and brotli's large window.
    let zstd = b"\x28\xb5\x2f\xfd\x00\xa0\x01\x00\x00";
    assert_eq!(decompressed("zstd", b"", zstd), Err("codec_window"));
    assert_eq!(decompressed("zstd", br#"{"max_window_log": 30}"#, zstd), Ok(vec![]));
    assert_eq!(decompressed("brotli", b"", b"\x11\x1e\x00"), Err("codec_window"));
    let small = compressed("brotli", &texts()[4]);
    assert_eq!(decompressed("brotli", br#"{"max_window_log": 16}"#, &small), Err("codec_window"));
    // What a frame announces is refused before anything is decoded.
    assert_eq!(decompressed("zstd", b"", b"\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x00\x00\x00\x10\x01\x00\x00"), Err("codec_window"));
    assert_eq!(decompressed("zstd", LIMIT, b"\x28\xb5\x2f\xfd\x60\x00\x20\x01\x00\x00"), Err("codec_output"));
}

#[test]
fn configurations_are_read_strictly() {
    let fault = |name: &str, config: &str| {
        let fault = Codec::new(name.as_bytes(), config.as_bytes()).err().expect("it is refused");
        (fault.id(), fault.path().to_owned())
    };
    assert_eq!(fault("lzma", ""), ("unknown_codec", String::new()));
    assert_eq!(fault("gzip", r#"{"level": 10}"#), ("codec_level", "$.level".into()));
    assert_eq!(fault("snappy", r#"{"level": 1}"#), ("codec_level", "$.level".into()));
    assert_eq!(fault("gzip", r#"{"level": 23}"#), ("config_range", "$.level".into()));
    assert_eq!(fault("gzip", r#"{"levels": 1}"#), ("config_unknown_key", "$.levels".into()));
    assert_eq!(fault("gzip", r#"{"dictionary": "AAAA"}"#), ("codec_dictionary_format", "$.dictionary".into()));
    for name in ["zstd", "auto"] {
        let damaged = fault(name, r#"{"dictionary": "N6Qw7AAAAAA="}"#);
        assert_eq!(damaged, ("codec_dictionary_damaged", "$.dictionary".into()), "{name}");
    }
    for bad in ["A", "AAA", "AA=A", "A===", "AAAA=", "A A="] {
        assert_eq!(fault("zstd", &format!(r#"{{"dictionary": "{bad}"}}"#)), ("codec_base64", "$.dictionary".into()), "{bad}");
    }
}

#[test]
fn a_stream_that_is_over_takes_nothing() {
    let codec = Codec::new(b"gzip", b"").expect("it is there");
    let mut stream = codec.decoder();
    assert_eq!(stream.push(b"garbage", &mut Vec::new()).expect_err("it is refused").id(), "codec_data");
    assert_eq!(stream.push(b"", &mut Vec::new()).expect_err("it is refused").id(), "finished");
    let mut stream = codec.encoder().expect("it is there");
    stream.finish(&mut Vec::new()).expect("it is there");
    assert_eq!(stream.finish(&mut Vec::new()).expect_err("it is refused").id(), "finished");
}
