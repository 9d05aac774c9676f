"""The section of pii_filter: our detector beside cpex-pii-filter, Hyperscan and one `re.finditer` per type."""

from __future__ import annotations

from functools import partial

from bench.plugin import Concurrency, Memory, Plugin
from bench.plugins.pii_filter import corpora
from bench.plugins.pii_filter.report import PROMISES, sections
from bench.plugins.pii_filter.subjects import SUBJECTS
from bench.plugins.pii_filter.verify import check_all
from bench.plugins.pii_filter.workloads import WORKLOADS
from bench.texts import MIB

_IN_RUST = ("prose", "prose with numbers", "log", "dense", "german", "russian", "chinese")

PLUGIN = Plugin(
    name="pii_filter",
    subjects=SUBJECTS,
    workloads=WORKLOADS,
    verify=check_all,
    verified="all agreed on every value of every text",
    verified_title=("What all agree on, before timing", "findings"),
    promises=PROMISES,
    requirements=("cpex==0.1.4", "cpex-pii-filter==0.3.9", "hyperscan==0.9.1"),
    peer_files=("cpex_pii_filter/*.so",),
    charted=("cpex", "python"),
    concurrency=Concurrency(
        subjects=("cffi", "ctypes", "cpex"),
        threads="mask, log lines, 2 % with PII",
        threads_title="mask of 1 MiB of log lines",
        spin="detect, 100-byte clean",
        spin_title="A 100-byte call",
    ),
    memory=Memory(
        operation="mask",
        warm_up="warm up 123-45-6789",
        texts={name: partial(corpora.text, name) for name in ("log", "russian")},
    ),
    rust_texts=lambda: {name: corpora.text(name, MIB) for name in _IN_RUST},
    sections=sections,
)
