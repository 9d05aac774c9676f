"""Masks personal data inside nested data, such as the arguments or the result of a tool.

Run: ``python examples/embed/nested.py``. Tests: tests/unit/test_examples.py.
"""

from __future__ import annotations

import json

from pyplugins.pii_filter import PIIDetector

RESULT = {
    "content": [{"type": "text", "text": "Ana Silva <ana.silva@example.com>, order ORD-2024-000181"}],
    "structuredContent": {"customer": {"id": "C-1001", "phones": ["+442079460101"]}, "total": 24990},
}


def main() -> None:
    """Shows what was found and the rebuilt data; the input stays as it is."""
    modified, masked, detections = PIIDetector({}).process_nested(RESULT)
    print(f"modified: {modified}, found: { {kind: len(hits) for kind, hits in detections.items()} }")
    print(json.dumps(masked, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
