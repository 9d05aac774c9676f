//! Compiles `upstream/`: all of it, and its compressor once more with the tables that small texts need. Every name gets a prefix of ours, for
//! a program may hold a libdeflate of its own.

/// The names of the compressor.
const COMPRESSOR: &[&str] = &[
    "alloc_compressor",
    "alloc_compressor_ex",
    "deflate_compress",
    "deflate_compress_bound",
    "free_compressor",
    "get_compression_level",
    "gzip_compress",
    "gzip_compress_bound",
    "zlib_compress",
    "zlib_compress_bound",
];
/// All others.
const REST: &[&str] = &[
    "adler32",
    "aligned_free",
    "aligned_malloc",
    "alloc_decompressor",
    "alloc_decompressor_ex",
    "arm_cpu_features",
    "crc32",
    "default_free_func",
    "default_malloc_func",
    "deflate_decompress",
    "deflate_decompress_ex",
    "free_decompressor",
    "gzip_decompress",
    "gzip_decompress_ex",
    "init_arm_cpu_features",
    "init_x86_cpu_features",
    "set_memory_allocator",
    "x86_cpu_features",
];

const COMPRESSOR_FILES: &[&str] = &["deflate_compress", "gzip_compress", "zlib_compress"];
const OTHER_FILES: &[&str] =
    &["adler32", "arm/cpu_features", "crc32", "deflate_decompress", "gzip_decompress", "utils", "x86/cpu_features"];

/// Sizes of the hash tables as powers of two, for texts of `SMALL` bytes (src/lib.rs): a call clears them first.
const SMALL_TABLES: &[(&str, &str)] = &[("HC_MATCHFINDER_HASH3_ORDER", "11"), ("HC_MATCHFINDER_HASH4_ORDER", "12")];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=upstream");
    let mut small = build("gwp_libdeflate_small", COMPRESSOR_FILES);
    for (name, value) in SMALL_TABLES {
        small.define(name, *value);
    }
    small.compile("gwp_libdeflate_small");
    build("gwp_libdeflate", COMPRESSOR_FILES).files(OTHER_FILES.iter().map(path)).compile("gwp_libdeflate");
}

/// `prefix`: that of the compressor's names.
fn build(prefix: &str, files: &[&str]) -> cc::Build {
    let mut build = cc::Build::new();
    build.include("upstream").warnings(false).files(files.iter().map(path));
    // Levels 10 to 12, which zlib has not.
    build.define("SUPPORT_NEAR_OPTIMAL_PARSING", "0");
    let names = COMPRESSOR.iter().map(|name| (name, prefix)).chain(REST.iter().map(|name| (name, "gwp_libdeflate")));
    for (name, prefix) in names {
        build.define(&format!("libdeflate_{name}"), &*format!("{prefix}_{name}"));
    }
    build
}

fn path(name: &&str) -> String {
    format!("upstream/lib/{name}.c")
}
