//! Names the library file inside itself and refuses a compiler that is too old in words a user understands.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    name_library();
    check_compiler();
}

/// The plain name, under which the library lies beside the Python extension; `tools/install.py` asks for one with the ABI's major
/// version, as system folders hold it.
fn name_library() {
    println!("cargo:rerun-if-env-changed=GWPLUGINS_SONAME");
    let name = |plain: &str| std::env::var("GWPLUGINS_SONAME").unwrap_or_else(|_| plain.into());
    let os = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    match os.as_str() {
        "macos" | "ios" => println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/{}", name("libgwplugins.dylib")),
        "windows" => {}
        _ => println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,{}", name("libgwplugins.so")),
    }
}

/// Cargo checks `rust-version` itself, unless it is told to ignore it; then the errors would be hundreds and say nothing.
fn check_compiler() {
    let wanted = std::env::var("CARGO_PKG_RUST_VERSION").unwrap_or_default();
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let said = Command::new(rustc).arg("--version").output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let version = |text: &str| -> Vec<u32> { text.split('.').map_while(|part| part.parse().ok()).collect() };
    let found = said.unwrap_or_default();
    let number = found.split_whitespace().nth(1).unwrap_or_default();
    if version(number) < version(&wanted) {
        panic!(
            "gwplugins needs Rust {wanted} or later, this is {number}: run `rustup update`, or install without Rust for the pure-Python engine"
        );
    }
}
