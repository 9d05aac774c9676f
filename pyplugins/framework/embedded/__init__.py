"""The embedded framework, used when cpex is not installed. Import its names from ``pyplugins.framework``."""
