"""The source of tests/vectors/regex_filter.jsonl: `python -m tests.vectors.regex_filter_rows`."""
