"""Small results with and without a dictionary: bytes, measured on results that it was not trained on.

Tests: tests/bench/test_compression_section.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import mean

from bench.plugins.compression.corpora import small_result

#: Results to learn from, and other ones to compress.
SAMPLES, FRESH = range(1000), range(5000, 5100)
DICTIONARY_BYTES = 112_640
LEVELS = (3, 19)

BEFORE = "one result of a tool, bytes"
WITHOUT = "zstd {}, bytes"
WITH = "zstd {} with a dictionary, bytes"
TIMES = "zstd {}, times smaller with a dictionary"


def quality(names: Iterable[str]) -> dict[str, dict[str, float]]:
    """Means by figure, of our implementations among `names`."""
    from pyplugins.compression import Compression, train_dictionary

    own = [name for name in names if name in ("cffi", "ctypes", "python")]
    fresh = [small_result(number) for number in FRESH]
    figures: dict[str, dict[str, float]] = {BEFORE: dict.fromkeys(own, mean(map(len, fresh)))}
    for name in own:
        samples = [small_result(number) for number in SAMPLES]
        dictionary = train_dictionary(samples, DICTIONARY_BYTES, implementation=name)
        for level in LEVELS:
            plain = Compression("zstd", {"level": level}, name)
            helped = Compression("zstd", {"level": level, "dictionary": dictionary}, name)
            without, with_it = (mean(len(codec.compress(one)) for one in fresh) for codec in (plain, helped))
            for what, figure in ((WITHOUT, without), (WITH, with_it), (TIMES, without / with_it)):
                figures.setdefault(what.format(level), {})[name] = figure
    return figures
