"""The Python twin of `rustlib/core`: what every engine, binding and plugin shares.

It must never know a plugin, cffi or ctypes, and needs the standard library only. Tests: tests/unit/test_core_*.py.
"""
