//! The texts of the criterion benches and of the instruction counts: the same bytes on every machine.

/// A clean sentence of 100 bytes.
pub const CLEAN: &str = "The tool answered with a short summary of the meeting, and nobody was named in any of the sentences.";

/// A log line of 160 bytes without personal data.
pub const LOG_LINE: &str = "2025-03-14T09:26:53.589Z INFO  [gateway] request id=req-9f8e7d6c5b4a path=/api/v2/orders/31415 status=200 took=27ms cache=miss retries=0 region=eu-west w=web-12\n";

/// A line of 64 bytes with one finding.
pub const FOUND_LINE: &str = "noted: 4111-1111-1111-1111, alice was told about it by the desk\n";

/// `size` bytes without a digit.
pub fn clean(size: usize) -> String {
    repeated(&[CLEAN, "\n"], size)
}

/// `size` bytes of log lines, one in fifty with an e-mail, an address or a card.
pub fn log(size: usize) -> String {
    let values = ["user alice7@example.com ", "peer 203.0.113.77 ", "card 4111 1111 1111 1111 "];
    let mut lines = Vec::new();
    for value in values {
        lines.extend([LOG_LINE; 49]);
        lines.extend([value, LOG_LINE]);
    }
    repeated(&lines, size)
}

/// `size` bytes with a finding in each 64.
pub fn dense(size: usize) -> String {
    repeated(&[FOUND_LINE], size)
}

fn repeated(parts: &[&str], size: usize) -> String {
    let mut text = String::with_capacity(size + 256);
    for part in parts.iter().cycle() {
        if text.len() >= size {
            break;
        }
        text.push_str(part);
    }
    text.truncate(size);
    text
}
