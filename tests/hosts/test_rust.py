"""The engines' crates as ordinary dependencies: the example, built outside the checkout, and the pages of `cargo doc`.

The vectors run in the crates' own tests (rustlib/vectors), the examples on their pages with `cargo test`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from gw_hosts import ROOT, check_example, find, run


def test_example(tmp_path: Path) -> None:
    copy = Path(
        shutil.copytree(ROOT / "examples/embed/rust", tmp_path / "rust", ignore=shutil.ignore_patterns("target"))
    )
    manifest = (copy / "Cargo.toml").read_text("utf-8")
    assert "../../../rustlib" in manifest
    (copy / "Cargo.toml").write_text(manifest.replace("../../..", str(ROOT)), "utf-8")
    run(find("cargo"), "build", "--locked", "--release", cwd=copy, env={"CARGO_TARGET_DIR": str(copy / "target")})
    check_example(copy / "target/release/mask", cwd=copy)


def test_the_pages_of_the_crates_have_no_broken_links() -> None:
    words = ("doc", "--locked", "--no-deps", "--workspace", "--exclude", "gwplugins")
    run(find("cargo"), *words, cwd=ROOT / "rustlib", env={"RUSTDOCFLAGS": "-D warnings"})
