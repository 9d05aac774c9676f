"""`python -m pyplugins.cli`, the same as `gwplugins`. Tests: tests/cli/test_app.py."""

from pyplugins.cli import main

if __name__ == "__main__":
    main()
