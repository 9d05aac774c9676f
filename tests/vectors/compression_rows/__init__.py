"""The source of tests/vectors/codec/compression.jsonl: `python -m tests.vectors.compression_rows`."""
