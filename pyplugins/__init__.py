"""Guards for gateways, MCP servers and LLM applications: one Rust library, and the same behaviour without it.

Importing this package loads nothing; each plugin is a subpackage. Tests: tests/unit/test_layout.py.
"""
