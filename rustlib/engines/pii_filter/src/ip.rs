//! Step `ip_address`.

use gwplugins_core::text::{Text, is_word};

use crate::class;
use crate::label::{Label, Says};
use crate::scan::{Number, Scan};
use crate::tables::{Tables, rule};

/// Longest text of an IPv6 address with an IPv4 tail, with a colon or two to cut off.
const MOST: usize = 47;

/// Most hex digits of a JSON escape before it.
const MOST_ESCAPED: usize = 4;

/// Longest name of a product that is looked at.
const MOST_PRODUCT: usize = 32;

/// Step *v4*.
#[inline(never)]
pub fn v4(scan: &mut Scan<'_>, number: &Number) {
    let text = scan.text;
    if !scan.wants(rule::IP_ADDRESS) {
        return;
    }
    let Some((address, end)) = read_v4(text, number.a) else { return };
    let before = text.before(number.w, 1);
    let product = before == b'/' && is_product(text, number.w - 1);
    let next = text.at(end);
    let joined = is_word(next) || (next == b'.' && is_word(text.at(end + 1))) || (next == b'-' && text.at(end + 1).is_ascii_alphabetic());
    if product || joined || before == b'.' || is_excluded(scan.tables, address) || scan.joined_left(number, number.w, rule::IP_ADDRESS) {
        return;
    }
    if !Label::says_it(scan.label(number), Says::Machine) {
        scan.add(rule::IP_ADDRESS, number.a, end, false);
    }
}

/// A product token ends at `slash` (RFC 9110 10.1.5), and not a host name.
fn is_product(text: Text<'_>, slash: usize) -> bool {
    let name = (0..MOST_PRODUCT).take_while(|&n| is_word(text.before(slash, n + 1))).count();
    text.before(slash, 1).is_ascii_alphabetic() && text.escape_before(slash) == 0 && text.before(slash, name + 1) != b'.'
}

/// An IPv4 address stands here, and no fifth number.
pub fn is_v4(text: Text<'_>, start: usize) -> bool {
    read_v4(text, start).is_some()
}

/// Four numbers 0-255 without leading zeros, parted by dots, and no fifth one: the address and where it ends. None is longer than
/// fifteen bytes, so that sixteen show where all four end, and they are read side by side.
fn read_v4(text: Text<'_>, start: usize) -> Option<(u32, usize)> {
    let low = text.eight_at(start);
    // Most end before the second dot.
    let first = low.digits().min(3);
    let second = low.from(first + 1).digits().min(3);
    if low.byte(first) != b'.' || low.byte(first + 1 + second) != b'.' {
        return None;
    }
    let high = text.eight_at(start + 8);
    let dots = low.places_of(b'.') | high.places_of(b'.') << 8;
    // (The last bit stands for the end of the sixteen.)
    let mut others = low.others() | high.others() << 8 | 1 << 16;
    let mut ends = [0; 4];
    for end in &mut ends {
        *end = others.trailing_zeros() as usize;
        others &= others - 1;
        others |= 1 << 16;
    }
    let parted = |end: usize| dots >> end & 1 == 1;
    if !parted(ends[2]) || (parted(ends[3]) && text.at(start + ends[3] + 1).is_ascii_digit()) {
        return None;
    }
    let (mut address, mut at, mut valid) = (0, 0, true);
    for end in ends {
        let digits = end - at;
        let eight = text.eight_at(start + at);
        let octet = eight.short_number(digits.clamp(1, 3));
        valid &= (1..=3).contains(&digits) & (octet <= 255) & ((digits == 1) | (eight.byte(0) != b'0'));
        address = address << 8 | octet;
        at = end + 1;
    }
    valid.then_some((address, start + ends[3]))
}

fn is_excluded(tables: &Tables, address: u32) -> bool {
    tables.excluded.iter().any(|(network, mask)| address & mask == *network)
}

fn is_part(byte: u8) -> bool {
    class::is(byte, class::ADDRESS)
}

/// Step *v6*. Returns one past the run examined, so that its other colons need not be.
#[inline(never)]
pub fn v6(scan: &mut Scan<'_>, colon: usize) -> usize {
    let text = scan.text;
    if let Some(end) = short_path(text, colon) {
        return end;
    }
    let left = (0..=MOST + MOST_ESCAPED).take_while(|&n| is_part(text.before(colon, n + 1))).count();
    let (mut right, mut colons, mut doubled) = (0, 0, text.before(colon, 1) == b':');
    while right <= MOST && is_part(text.at(colon + right)) {
        let next_too = text.at(colon + right + 1) == b':';
        colons += usize::from(text.at(colon + right) == b':');
        doubled |= text.at(colon + right) == b':' && next_too;
        right += 1;
    }
    // Times and ratios end here: without `::` an address has at least six colons. (This is the first colon of its run.)
    if !doubled && colons < 6 {
        return colon + right;
    }
    let (start, glued) = begin(text, colon - left);
    if colon + right <= start + MOST
        && let Some((start, end)) = trim(text, start, colon + right, glued)
        && is_personal(scan.tables, text.slice(start, end))
        && !is_slice(text, start)
    {
        scan.add(rule::IP_ADDRESS, start, end, false);
    }
    colon + right
}

/// Behind `::` with at most two hex digits before it and four behind it, and nothing else of an address: none of these is one (see
/// [`is_personal`] and [`is_path`]), but those that begin with 64.
fn short_path(text: Text<'_>, colon: usize) -> Option<usize> {
    let (head, tail) = (text.eight_before(colon), text.eight_at(colon + 1));
    let before = (1..=3).take_while(|&n| is_part(head.back(n))).count();
    let behind = (1..=5).take_while(|&n| is_part(tail.byte(n))).count();
    let plain = (1..=before).all(|n| head.back(n).is_ascii_hexdigit()) && (1..=behind).all(|n| tail.byte(n).is_ascii_hexdigit());
    let short = tail.byte(0) == b':' && before <= 2 && behind <= 4 && plain && (head.back(2), head.back(1)) != (b'6', b'4');
    short.then_some(colon + 2 + behind)
}

/// Where a run that was read from `start` on really begins, and whether it is the tail of a word. The hex digits of a JSON escape may
/// have been taken for some of the address: `\b2001:db8::1`, `\u00e92001:db8::1`.
fn begin(text: Text<'_>, start: usize) -> (usize, bool) {
    let escaped = if text.escape_before(start + MOST_ESCAPED) == 6 { start + MOST_ESCAPED } else { text.behind_escape(start) };
    (escaped, escaped == start && text.word_before(start))
}

/// Cuts off what belongs to the words and punctuation around an address.
fn trim(text: Text<'_>, mut start: usize, mut end: usize, glued: bool) -> Option<(usize, usize)> {
    if text.at(start) == b':' {
        let double = text.at(start + 1) == b':';
        if double && glued {
            return None;
        }
        start += usize::from(!double);
    } else if glued {
        let group = (start..end).take_while(|&at| text.at(at).is_ascii_hexdigit()).count();
        start += group + 1;
        if text.at(start - 1) != b':' || text.at(start) == b':' {
            return None;
        }
    }
    let full_end = end;
    while end > start && text.before(end, 1) == b'.' {
        end -= 1;
    }
    if end > start + 1 && text.before(end, 1) == b':' && text.before(end, 2) != b':' {
        end -= 1;
    }
    let free = end < full_end || !is_word(text.at(end));
    (free && start < end).then_some((start, end))
}

/// `a[1::2]` is a slice, `[1::2]:80` an address.
fn is_slice(text: Text<'_>, start: usize) -> bool {
    let holder = text.before(start, 2);
    text.before(start, 1) == b'[' && (text.word_before(start - 1) || holder == b')' || holder == b']')
}

/// An address as RFC 4291 2.2 writes it, and neither unspecified, loopback, EUI-64, nor words parted by `::`.
fn is_personal(tables: &Tables, address: &[u8]) -> bool {
    let Some(parsed) = parse_v6(address) else { return false };
    let [.., high, low] = parsed.groups;
    let reserved = parsed.groups[..7] == [0; 7];
    let mapped = parsed.groups[..6] == [0, 0, 0, 0, 0, 0xFFFF] && is_excluded(tables, u32::from(high) << 16 | u32::from(low));
    let words = parsed.compressed && !address.iter().any(u8::is_ascii_digit);
    let eui_64 = !parsed.compressed && parsed.pairs == 8;
    !reserved && !mapped && !words && !eui_64 && !is_path(&parsed, address)
}

/// `c::B300`, `12::`: what code and logs write with `::`; no host's address begins so, but those of 64:ff9b::/96 (RFC 6052).
fn is_path(parsed: &V6, address: &[u8]) -> bool {
    let first = address.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    parsed.compressed && parsed.written <= 2 && (first == 1 || first == 2) && !address.starts_with(b"64")
}

struct V6 {
    groups: [u16; 8],
    /// How many groups are written out.
    written: usize,
    /// Written with `::`.
    compressed: bool,
    /// Groups written with exactly two hex digits.
    pairs: usize,
}

fn parse_v6(address: &[u8]) -> Option<V6> {
    let mut parsed = V6 { groups: [0; 8], written: 0, compressed: false, pairs: 0 };
    let (mut count, mut gap, mut at) = (0, 0, 0);
    let text = Text::new(address);
    if address.starts_with(b"::") {
        parsed.compressed = true;
        at = 2;
    }
    while at < address.len() {
        let digits = (0..5).take_while(|&n| text.at(at + n).is_ascii_hexdigit()).count();
        let is_v4 = text.at(at + digits) == b'.';
        let width = if is_v4 { 2 } else { 1 };
        if count + width > 8 {
            return None;
        }
        if is_v4 {
            let (v4, end) = read_v4(text, at)?;
            (end == address.len()).then_some(())?;
            parsed.groups[count] = (v4 >> 16) as u16;
            parsed.groups[count + 1] = (v4 & 0xFFFF) as u16;
            count += 2;
            break;
        }
        (1..=4).contains(&digits).then_some(())?;
        let hex = |value: u16, byte: &u8| value << 4 | (*byte as char).to_digit(16).unwrap_or(0) as u16;
        parsed.groups[count] = address[at..at + digits].iter().fold(0, hex);
        parsed.pairs += usize::from(digits == 2);
        count += 1;
        at += digits;
        if at == address.len() {
            break;
        }
        (text.at(at) == b':').then_some(())?;
        at += 1;
        if text.at(at) == b':' {
            (!parsed.compressed).then_some(())?;
            parsed.compressed = true;
            gap = count;
            at += 1;
        } else if at == address.len() {
            return None;
        }
    }
    parsed.written = count;
    if !parsed.compressed {
        return (count == 8).then_some(parsed);
    }
    (count < 8).then_some(())?;
    parsed.groups.copy_within(gap..count, gap + 8 - count);
    parsed.groups[gap..gap + 8 - count].fill(0);
    Some(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_the_standard_library_parses() {
        let rows = [
            "::",
            "::1",
            "1::",
            "2001:db8::1",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "1::8",
            "::ffff:192.0.2.1",
            "1:2:3:4:5:6:192.0.2.1",
            "1:2:3:4:5:6:7:192.0.2.1",
            "1:::2",
            "1::2::3",
            ":1",
            "1:",
            "12345::",
            "1:2:3:4:5:6:7:8:9",
            "::1.2.3",
            "1:2:3:4:5:6:7",
            "fe80::1:",
            "::192.0.2.1:1",
            "1::192.0.2.256",
        ];
        for row in rows {
            let expected = row.parse::<std::net::Ipv6Addr>().ok().map(|address| address.segments());
            // The standard library takes `1:2:3:4:5:6:7::` for seven groups and one zero group, as we do.
            assert_eq!(parse_v6(row.as_bytes()).map(|parsed| parsed.groups), expected, "{row}");
        }
    }
}
