"""Labelled values for the injection detector: attacks by class, benign values by kind. See docs/quality.md."""
