"""The only code that knows of a library file: who needs a guard asks `open_guard`.

Importing this package loads no library. Tests: tests/unit/test_native_*.py, tests/packaging/.
"""

from pyplugins.native.loader import IMPLEMENTATIONS, codec_functions, open_guard, open_limiter, status

__all__ = ["IMPLEMENTATIONS", "codec_functions", "open_guard", "open_limiter", "status"]
