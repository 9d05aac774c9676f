"""The engines' crates as ordinary dependencies: the example, built outside the checkout, and the pages of `cargo doc`.

The vectors run in the crates' own tests (rustlib/vectors), the examples on their pages with `cargo test`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from gw_hosts import PAGE, ROOT, SAID, check_bench, check_example, code_of, find, run


def test_example(tmp_path: Path) -> None:
    copy = Path(
        shutil.copytree(ROOT / "examples/embed/rust", tmp_path / "rust", ignore=shutil.ignore_patterns("target"))
    )
    manifest = (copy / "Cargo.toml").read_text("utf-8")
    assert "../../../rustlib" in manifest
    (copy / "Cargo.toml").write_text(manifest.replace("../../..", str(ROOT)), "utf-8")
    run(find("cargo"), "build", "--locked", "--release", cwd=copy, env={"CARGO_TARGET_DIR": str(copy / "target")})
    check_example(copy / "target/release/mask", cwd=copy)
    (copy / "src/main.rs").write_text(code_of(PAGE, "rust"), "utf-8")
    run(find("cargo"), "build", "--locked", "--release", cwd=copy, env={"CARGO_TARGET_DIR": str(copy / "target")})
    assert run(copy / "target/release/mask", cwd=copy) == f"{SAID}\n"


def test_bench(tmp_path: Path) -> None:
    manifest = ROOT / "bench/hosts/rust/Cargo.toml"
    words = ("build", "--locked", "--release", "--manifest-path", manifest)
    run(find("cargo"), *words, cwd=tmp_path, env={"CARGO_TARGET_DIR": str(tmp_path / "target")})
    check_bench(tmp_path / "target/release/host-bench", cwd=tmp_path, host="rust")


def test_the_pages_of_the_crates_have_no_broken_links() -> None:
    words = ("doc", "--locked", "--no-deps", "--workspace", "--exclude", "gwplugins")
    run(find("cargo"), *words, cwd=ROOT / "rustlib", env={"RUSTDOCFLAGS": "-D warnings"})
