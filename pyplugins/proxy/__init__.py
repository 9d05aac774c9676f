"""Stands between an MCP client and an MCP server and hands what they say to a plugin chain: `gwplugins proxy`.

JSON-RPC passes byte for byte except where a plugin speaks. `Gate` decides about messages and knows no transport;
beside it there is one module for each way in and out. It must never pass a message that should have been read and was
not. docs/proxy.md is the reference. Tests: tests/proxy/.
"""
