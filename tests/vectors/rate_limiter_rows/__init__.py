"""The traces of `tests/vectors/limiter/rate_limiter.jsonl`: `python -m tests.vectors.rate_limiter_rows` writes it.

Expectations come from rustlib/engines/rate_limiter/RULES.md by hand, never from what an engine said.
"""
