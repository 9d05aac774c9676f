"""Small MCP servers with invented data, started by ``examples/record_traffic.py``."""
