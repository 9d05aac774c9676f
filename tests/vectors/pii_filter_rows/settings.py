"""Masking strategies, switches, custom and whitelist patterns, bytes, limits and refused configurations."""

import hashlib
import hmac

from ._write import Row, bytes_row, error, row

KEY = "0123456789abcdef"


def _digest(key: bytes, kind: str, value: str) -> str:
    return hmac.new(key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()


def _masking() -> list[Row]:
    partial = {"default_mask_strategy": "partial"}
    derived = hmac.new(KEY.encode(), b"gwplugins token key", hashlib.sha256).digest()
    ssn = "<<ssn:123-45-6789>>"
    partials = {
        "ssn": (ssn, "***-**-6789"),
        "ssn-labelled": ("SSN <<ssn!:123456789>>", "SSN ***-**-6789"),
        "bsn": ("BSN <<bsn:111222333>>", "BSN *****2333"),
        "card": ("<<credit_card:4111 1111 1111 1111>>", "****-****-****-1111"),
        "card-amex": ("<<credit_card:378282246310005>>", "****-****-****-0005"),
        "phone": ("<<phone:(555) 123-4567>>", "***-***-4567"),
        "phone-split-last-four": ("<<phone!:+33 1 23 45 67 89>>", "***-***-6789"),
        "email": ("<<email:alice@example.com>>", "a***e@example.com"),
        "email-two": ("<<email:ab@example.com>>", "***@example.com"),
        "email-one": ("<<email:a@example.com>>", "***@example.com"),
        "email-three": ("<<email:abc@example.com>>", "a***c@example.com"),
        "email-umlaut": ("<<email:üserß@example.com>>", "ü***ß@example.com"),
        "iban": ("<<bank_account:DE89370400440532013000>>", "DE****************3000"),
        "iban-spaced": ("<<bank_account:NO93 8601 1117 947>>", "NO" + 12 * "*" + " 947"),
        "account-eight": ("account <<bank_account!:12345678>>", "account 12**5678"),
        "date": ("<<date_of_birth:01/02/1980>>", "0********0"),
        "date-japanese": ("生年月日 <<date_of_birth!:1980年2月1日>>", "生年月日 1*******日"),
        "passport": ("passport <<passport:A1234567>>", "passport A******7"),
        "ip": ("<<ip_address:192.0.2.1>>", "1*******1"),
        "medical": ("MRN <<medical_record:123456>>", "MRN 1****6"),
        "license": ("driver license: <<driver_license:A1234>>", "driver license: A***4"),
    }
    return [
        *(row(f"partial-{name}", text, partial, output=output) for name, (text, output) in partials.items()),
        row("defect-01-long-s", "<<email:ab\u017f@example.com>>", partial, output="a***\u017f@example.com"),
        row("defect-01-kelvin-sign", "<<email:\u212aab@example.com>>", partial, output="\u212a***b@example.com"),
        row("defect-03-short-account", "account <<bank_account!:1234567>>", partial, output="account *******"),
        row("defect-01-full-width-digits", "１２３-４５-６７８９", partial),
        row("mask-redact", f"a {ssn} b", {"redaction_text": "###"}, output="a ### b"),
        row("mask-redact-empty-text", f"a {ssn} b", {"redaction_text": ""}, output="a  b"),
        row("mask-redact-non-ascii", f"a {ssn} b", {"redaction_text": "«✂»"}, output="a «✂» b"),
        row("mask-remove", f"a {ssn} b", {"default_mask_strategy": "remove"}, output="a  b"),
        row(
            "mask-hash",
            ssn,
            {"default_mask_strategy": "hash", "hash_key": KEY},
            output=f"[HASH:{_digest(KEY.encode(), 'ssn', '123-45-6789')[:16]}]",
        ),
        row(
            "mask-hash-non-ascii",
            "<<email:üser@example.com>>",
            {"default_mask_strategy": "hash", "hash_key": "ключ"},
            output=f"[HASH:{_digest('ключ'.encode(), 'email', 'üser@example.com')[:16]}]",
        ),
        row(
            "mask-tokenize-derived-key",
            ssn,
            {"default_mask_strategy": "tokenize", "hash_key": KEY},
            output=f"[TOKEN:{_digest(derived, 'ssn', '123-45-6789')[:8]}]",
        ),
        row(
            "mask-tokenize-own-key",
            ssn,
            {"default_mask_strategy": "tokenize", "token_key": "token", "hash_key": KEY},
            output=f"[TOKEN:{_digest(b'token', 'ssn', '123-45-6789')[:8]}]",
        ),
        row(
            "mask-by-type",
            "<<email:alice@example.com>> <<ssn:123-45-6789>> <<ip_address:192.0.2.1>>",
            {"default_mask_strategy": "remove", "mask_strategies": {"email": "partial", "ssn": "redact"}},
            output="a***e@example.com [REDACTED] ",
        ),
        row(
            "mask-by-type-custom",
            "<<custom:EMP-1234>>",
            {"custom_patterns": [{"pattern": "EMP-\\d{4}"}], "mask_strategies": {"custom": "partial"}},
            output="E******4",
        ),
        row(
            "mask-replacement-equals-value",
            "<<email:a@example.com>>",
            {"redaction_text": "a@example.com"},
            output="a@example.com",
        ),
    ]


def _patterns() -> list[Row]:
    employee = {"pattern": "EMP-\\d{4}"}
    return [
        row("custom", "id <<custom:EMP-1234>>.", {"custom_patterns": [employee]}),
        row(
            "custom-own-strategy",
            "<<custom:EMP-1234>>",
            {"custom_patterns": [employee | {"mask_strategy": "remove"}]},
            output="",
        ),
        row(
            "custom-own-strategy-before-that-of-the-type",
            "<<custom:EMP-1234>>",
            {"custom_patterns": [employee | {"mask_strategy": "remove"}], "mask_strategies": {"custom": "partial"}},
            output="",
        ),
        row("custom-null-strategy", "<<custom:EMP-1234>>", {"custom_patterns": [employee | {"mask_strategy": None}]}),
        row("custom-disabled", "EMP-1234", {"custom_patterns": [employee | {"enabled": False}]}),
        row("custom-described", "<<custom:EMP-1234>>", {"custom_patterns": [employee | {"description": "staff"}]}),
        row("custom-case-counts", "emp-1234", {"custom_patterns": [employee]}),
        row("custom-two", "<<custom:EMP-1234>> <<custom:X9>>", {"custom_patterns": [employee, {"pattern": "X\\d"}]}),
        row(
            "custom-and-built-in-same-span",
            "<<ssn:123-45-6789>>",
            {"custom_patterns": [{"pattern": "\\d{3}-\\d{2}-\\d{4}"}]},
        ),
        row(
            "custom-longer-than-built-in",
            "<<custom:123-45-6789 Bob>>",
            {"custom_patterns": [{"pattern": "[0-9-]+ Bob"}]},
        ),
        row(
            "custom-starts-before-built-in",
            "<<custom:SSN 123>>-45-6789",
            {"custom_patterns": [{"pattern": "SSN \\d+"}]},
        ),
        row("custom-non-ascii", "<<custom:名前>>", {"custom_patterns": [{"pattern": "名前"}]}),
        row(
            "custom-hash-type-is-custom",
            "<<custom:EMP-1234>>",
            {"custom_patterns": [employee | {"mask_strategy": "hash"}], "hash_key": KEY},
            output=f"[HASH:{_digest(KEY.encode(), 'custom', 'EMP-1234')[:16]}]",
        ),
        row("custom-matches-do-not-overlap", "<<custom:aa>><<custom:aa>>a", {"custom_patterns": [{"pattern": "aa"}]}),
        row("whitelist", "a@example.com <<email:b@example.com>>", {"whitelist_patterns": ["^a@"]}),
        row("whitelist-any-case", "ALICE@example.com", {"whitelist_patterns": ["alice@EXAMPLE"]}),
        row("whitelist-searches-in-the-value", "alice@example.com", {"whitelist_patterns": ["ample"]}),
        row("whitelist-sees-the-value-only", "to <<email:alice@example.com>>", {"whitelist_patterns": ["to alice"]}),
        row(
            "whitelist-of-custom",
            "EMP-0000 <<custom:EMP-1234>>",
            {"custom_patterns": [employee], "whitelist_patterns": ["-0000$"]},
        ),
        row(
            "whitelist-of-a-card-leaves-what-its-label-says",
            "phone: <<phone!:4111 1111 1111>> 1111",
            {"whitelist_patterns": ["4111 1111 1111 1111"]},
        ),
        row("card-behind-a-label-is-a-card", "phone: <<credit_card:4111 1111 1111 1111>> and", {}),
        row("value-of-a-label-that-goes-on-behind-a-card", "account: <<bank_account!:4111 1111 1111 1111 12>>", {}),
        row(
            "whitelist-before-overlaps",
            "<<custom:123-45-6789>> Bob",
            {
                "custom_patterns": [{"pattern": "123-45-6789"}, {"pattern": "123-45-6789 Bob"}],
                "whitelist_patterns": ["bob"],
                "detect_ssn": False,
            },
        ),
    ]


def _switches() -> list[Row]:
    everything = {
        "credit_card": "4111111111111111",
        "ssn": "123-45-6789",
        "bsn": "BSN 111222333",
        "bank_account": "DE89370400440532013000",
        "phone": "555-123-4567",
        "date_of_birth": "01/02/1980",
        "passport": "passport A1234567",
        "driver_license": "driver license A1234567",
        "medical_record": "MRN 123456",
        "ip_address": "192.0.2.1 2001:db8::1",
        "email": "alice@example.com",
    }
    return [
        *(row(f"switch-off-{kind}", text, {f"detect_{kind}": False}) for kind, text in everything.items()),
        row("switch-label-counts-though-its-type-is-off", "phone: 2125550123", {"detect_phone": False}),
        row("switch-off-ssn-shows-phone", "phone: <<phone!:123-45-6789>>", {"detect_ssn": False}),
        row("block", "<<ssn:123-45-6789>>", {"block_on_detection": True}, action="block"),
        row(
            "plugin-keys-are-accepted",
            "<<ssn:123-45-6789>>",
            {"log_detections": True, "include_detection_details": True},
        ),
    ]


def _bytes() -> list[Row]:
    partial = {"default_mask_strategy": "partial", "custom_patterns": [{"pattern": "<[^>]+>"}]}
    partial_tail = {"default_mask_strategy": "partial", "custom_patterns": [{"pattern": "[^<]+!"}]}
    ssn = ("ssn", b"123-45-6789")
    return [
        bytes_row("bytes-ascii", [b"a ", ssn, b" b"]),
        bytes_row("bytes-offsets-are-bytes", ["üü ".encode(), ssn]),
        bytes_row("bytes-invalid-around", [b"\xff", ssn, b"\xfe"]),
        bytes_row("bytes-invalid-inside", [b"123-45\xff-6789"]),
        bytes_row("bytes-truncated-character-before", [b"\xe4\xb8", ssn]),
        bytes_row("bytes-continuation-before", [b"\x80", ssn]),
        bytes_row("bytes-overlong", [b"\xc0\xaf", ssn]),
        bytes_row("bytes-surrogate", [b"\xed\xa0\x80", ssn, b"\xed\xb0\x80"]),
        bytes_row("bytes-beyond-unicode", [b"\xf5\x80\x80\x80", ssn]),
        bytes_row("bytes-invalid-before-email", [b"\xff", ("email", b"alice@example.com"), b"\xff"]),
        bytes_row("bytes-invalid-in-a-domain", [b"alice@exam\xffple.com"]),
        bytes_row("bytes-latin-1-local-part", [b"\xfc", ("email", b"ser@example.com")]),
        bytes_row("bytes-umlaut-email", [("email", "üser@example.com".encode())]),
        bytes_row("bytes-label", ["电话：".encode(), ("phone!", b"13800138000")]),
        bytes_row("bytes-broken-separator", ["电话".encode(), b"\xef\xbc", b"13800138000"]),
        bytes_row("defect-10-lone-surrogate", [b"\xed\xa0\x80 ", ("email", b"alice@example.com"), b"\xed\xb0\x80"]),
        bytes_row("bytes-partial-surrogate", [("custom", b"<\xed\xa0\x80>")], partial, b"<*>"),
        bytes_row("bytes-partial-stray-bytes", [("custom", b"<\xff\x80\x80>")], partial, b"<*>"),
        bytes_row("bytes-partial-first-is-stray", [b"<", ("custom", b"\x80x\x80!")], partial_tail, b"\x80*!"),
        bytes_row("bytes-nul", [b"\0", ssn, b"\0"]),
    ]


def _refused() -> list[Row]:
    def pattern(text: str) -> dict[str, object]:
        return {"custom_patterns": [{"pattern": text}]}

    return [
        error("refused-unknown-key", {"detect_sssn": True}, "config_unknown_key", "$.detect_sssn"),
        error("refused-wrong-type", {"detect_ssn": "yes"}, "config_type", "$.detect_ssn"),
        error("refused-float-for-an-integer", '{"max_text_bytes": 1.0}', "config_type", "$.max_text_bytes"),
        error("refused-true-for-an-integer", {"max_text_bytes": True}, "config_type", "$.max_text_bytes"),
        error("refused-zero-text-bytes", {"max_text_bytes": 0}, "config_range", "$.max_text_bytes"),
        error("refused-too-many-text-bytes", {"max_text_bytes": 2**40 + 1}, "config_range", "$.max_text_bytes"),
        error("refused-strategy", {"default_mask_strategy": "blur"}, "config_enum", "$.default_mask_strategy"),
        error(
            "refused-strategy-of-a-type", {"mask_strategies": {"ssn": "blur"}}, "config_enum", "$.mask_strategies.ssn"
        ),
        error("refused-type", {"mask_strategies": {"name": "redact"}}, "config_unknown_key", "$.mask_strategies.name"),
        error("refused-redaction-text", {"redaction_text": 1025 * "x"}, "config_length", "$.redaction_text"),
        error("refused-empty-key", {"hash_key": ""}, "config_length", "$.hash_key"),
        error("refused-custom-no-list", {"custom_patterns": "x"}, "config_type", "$.custom_patterns"),
        error("refused-custom-no-object", {"custom_patterns": ["x"]}, "config_type", "$.custom_patterns[0]"),
        error(
            "refused-custom-no-pattern", {"custom_patterns": [{}]}, "config_missing_key", "$.custom_patterns[0].pattern"
        ),
        error("refused-custom-empty-pattern", pattern(""), "config_length", "$.custom_patterns[0].pattern"),
        error("refused-custom-long-pattern", pattern(257 * "x"), "config_length", "$.custom_patterns[0].pattern"),
        error("refused-custom-syntax", pattern("("), "pattern_syntax", "$.custom_patterns[0].pattern"),
        error("refused-custom-lookahead", pattern("a(?=b)"), "pattern_syntax", "$.custom_patterns[0].pattern"),
        error("refused-custom-can-be-empty", pattern("a*"), "pattern_empty", "$.custom_patterns[0].pattern"),
        error(
            "refused-whitelist-syntax", {"whitelist_patterns": ["a", "["]}, "pattern_syntax", "$.whitelist_patterns[1]"
        ),
        error("refused-first-in-document-order", '{"max_findings": 0, "nope": 1}', "config_range", "$.max_findings"),
        error(
            "refused-duplicate-key", '{"detect_ssn": true, "detect_ssn": true}', "config_duplicate_key", "$.detect_ssn"
        ),
        error("refused-no-json", "{", "config_syntax", ""),
        error("refused-no-object", "[]", "config_type", "$"),
        error("limit-text-bytes", {"max_text_bytes": 3}, "too_large", "", "four"),
        error("limit-text-bytes-counts-utf-8", {"max_text_bytes": 3}, "too_large", "", "éé"),
        row("limit-text-bytes-reached", "éa", {"max_text_bytes": 3}),
        error("limit-findings", {"max_findings": 1}, "too_many_findings", "", "a@example.com b@example.com"),
        row("limit-findings-reached", "<<email:a@example.com>>", {"max_findings": 1}),
        row(
            "limit-findings-counts-the-kept",
            "<<ssn:123-45-6789>>",
            {"max_findings": 1, "custom_patterns": [{"pattern": "-45-"}]},
        ),
        error(
            "limit-order-size-first",
            {"max_findings": 1, "max_text_bytes": 5},
            "too_large",
            "",
            "a@example.com b@example.com",
        ),
        error("defect-11-too-long-is-not-passed-on", {"max_text_bytes": 10}, "too_large", "", "ssn 123-45-6789"),
        row("defect-11-a-configuration-is-applied", "<<ssn:123-45-6789>>", {"redaction_text": "gone"}, output="gone"),
        row("config-empty", "<<ssn:123-45-6789>>", {}),
    ]


def all_rows() -> list[Row]:
    """The rows of this module."""
    return [*_masking(), *_patterns(), *_switches(), *_bytes(), *_refused()]
