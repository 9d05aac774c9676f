"""Labelled log and chat lines, and how well a detector does on them (docs/quality.md).

For: measuring precision and recall of the PII filter on text that nobody wrote with the detector in mind.
Never: import a detector, a rule table or a pattern of the product when *making* lines; the truth must be
independent.
Tests: `test_pii_corpus.py` checks the lines, `test_pii_quality.py` the detector.
"""
