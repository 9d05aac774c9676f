"""The plugin chain inside other people's frameworks: `fastmcp`, `asgi`, `litellm`, each an extra of its own.

Each module is a thin layer over `pyplugins.mcp.Chain`. Nothing of a framework is imported here: importing a module
whose framework is missing raises an `ImportError` that names the extra. Tests: tests/integrations/.
"""
