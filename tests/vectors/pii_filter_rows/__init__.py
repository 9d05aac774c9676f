"""The rows of `tests/vectors/pii_filter.jsonl` in a form that people write; `python -m tests.vectors.pii_filter_rows` writes the file.

In a text, ``<<type:value>>`` marks an expected finding and ``<<type!:value>>`` one that carries the type's labelled
score. Expectations follow `rustlib/engines/pii_filter/RULES.md`; they are never copied from what an engine said.
Tests: tests/unit/test_pii_vectors.py.
"""  # noqa: E501
