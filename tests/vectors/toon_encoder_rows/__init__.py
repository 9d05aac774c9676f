"""The source of tests/vectors/toon_encoder.jsonl: `python -m tests.vectors.toon_encoder_rows`."""
