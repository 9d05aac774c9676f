"""What the tests of the proxy share."""

from __future__ import annotations

from pathlib import Path

import pytest
from gw_proxy import write_chain


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A chain with the PII filter."""
    return write_chain(tmp_path / "chain.yaml")
