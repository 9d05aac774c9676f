"""Runs cpex-pii-filter over texts: JSON list of strings in, JSON list of [type, start, end] lists out (UTF-8 byte
offsets).

For: `finders.peer`, which has it run where the peer is installed. Never: imports anything of this
project.
Tests: none of its own; `python -m tests.quality.pii --peers` uses it.
"""

import json
import sys

from cpex_pii_filter import PIIDetectorRust  # type: ignore[import-not-found]

detector = PIIDetectorRust({})
answers = []
for text in json.load(sys.stdin):
    found = detector.detect(text)
    answers.append([[name, hit["start"], hit["end"]] for name, hits in found.items() for hit in hits])
json.dump(answers, sys.stdout)
