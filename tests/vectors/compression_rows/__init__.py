"""The source of tests/vectors/compression.jsonl: `python -m tests.vectors.compression_rows`."""
