"""Written by setup.py."""

VERSION = '0.1.0'
LIBRARY = True
EXTENSION = True
WHY_NOT_NATIVE = ''
