"""Broken JSON whose value is known, by class of mistake, and malformed texts. See docs/quality.md."""
