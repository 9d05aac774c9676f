"""Finds and masks personal data in one text: the direct API.

Run: ``python examples/embed/detect.py``. Tests: tests/unit/test_examples.py.
"""

from __future__ import annotations

from pyplugins.pii_filter import PIIDetector

TEXT = "Grüße von jürgen.müller@example.org, SSN 123-45-6789, Karte 4111 1111 1111 1111, Auftrag ORD-2024-000181."


def main() -> None:
    """Shows the findings, then the masked text under three strategies."""
    detector = PIIDetector({})
    print(f"implementation: {detector.implementation}")
    for kind, findings in detector.detect(TEXT).items():
        for finding in findings:
            print(f"{kind}: characters {finding['start']} to {finding['end']}")
    for strategy in ("redact", "partial", "remove"):
        masked = PIIDetector({"default_mask_strategy": strategy}).process(TEXT)
        print(f"{strategy}: {masked}")


if __name__ == "__main__":
    main()
