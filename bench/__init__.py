"""Benchmarks: our implementations beside the peers, one process each, in one run. `python -m bench --help`."""
