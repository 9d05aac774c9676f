"""The only code that knows of a library file: who needs a guard asks `open_guard`.

Importing this package loads no library. Tests: tests/unit/test_native_*.py, tests/packaging/.
"""

from pyplugins.native.loader import IMPLEMENTATIONS, open_guard, open_limiter, status

__all__ = ["IMPLEMENTATIONS", "open_guard", "open_limiter", "status"]
