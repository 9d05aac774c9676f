//! Safe handles over the C functions, for the fuzz targets. Status and views come back as they are.

#![allow(dead_code)]

use std::sync::LazyLock;
use std::{ptr, slice};

use gwplugins_edge::error::{gwp_error, gwp_error_free, gwp_error_message, gwp_error_path};
use gwplugins_edge::guard::{gwp_guard, gwp_guard_free, gwp_guard_new, gwp_guard_scan, gwp_guard_scan_batch};
use gwplugins_edge::kinds::{gwp_kind_count, gwp_kind_name};
use gwplugins_edge::result::{
    gwp_finding, gwp_item, gwp_result, gwp_result_findings, gwp_result_free, gwp_result_items, gwp_result_new, gwp_result_output,
};
use gwplugins_edge::stream::{gwp_stream, gwp_stream_finish, gwp_stream_free, gwp_stream_new, gwp_stream_push};

/// Every kind of the library with the configurations of its vectors that it accepts; the first is `{}`.
static GUARDS: LazyLock<Vec<(String, Vec<String>)>> = LazyLock::new(|| kinds().map(|kind| (kind.clone(), configs(&kind))).collect());

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors");
const OUTPUT: u32 = 1;

fn kinds() -> impl Iterator<Item = String> {
    // SAFETY: writable out-parameters; the view lives as long as the library.
    (0..gwp_kind_count()).map(|index| unsafe {
        let (mut data, mut len) = (ptr::null(), 0);
        assert_eq!(gwp_kind_name(index, &mut data, &mut len, ptr::null_mut()), 0);
        String::from_utf8(view(data, len).to_vec()).expect("names are UTF-8")
    })
}

/// In the order of the vectors, each once: seeds.py counts them alike.
fn configs(kind: &str) -> Vec<String> {
    let rows = std::fs::read_to_string(format!("{VECTORS}/{kind}.jsonl")).expect("every kind has vectors");
    let mut found = vec!["{}".to_owned()];
    for row in rows.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
        let config = row["config"].to_string();
        if row["config"].is_object() && row["expect"]["error"].is_null() && !found.contains(&config) {
            found.push(config);
        }
    }
    found.truncate(256);
    found
}

pub struct Guard(*mut gwp_guard);

impl Guard {
    /// The guard, or the status with the path and message of the error.
    pub fn open(kind: &[u8], config: &[u8]) -> Result<Self, (i32, String, String)> {
        let (mut guard, mut error) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: readable bytes, writable out-parameters.
        let status = unsafe { gwp_guard_new(kind.as_ptr(), kind.len(), config.as_ptr(), config.len(), &mut guard, &mut error) };
        if status == 0 {
            assert!(error.is_null());
            return Ok(Self(guard));
        }
        assert!(guard.is_null());
        let found = (status, text(error, gwp_error_path), text(error, gwp_error_message));
        // SAFETY: the call gave it to us.
        unsafe { gwp_error_free(error) };
        Err(found)
    }

    /// A kind of the library, by number, under one of its configurations.
    pub fn chosen(kind: u8, config: u8) -> Self {
        Self::of(kind_name(kind), config)
    }

    /// This kind under one of its configurations.
    pub fn of(kind: &str, config: u8) -> Self {
        let (_, configs) = GUARDS.iter().find(|(name, _)| name == kind).expect("a kind of the library");
        let config = &configs[usize::from(config) % configs.len()];
        Self::open(kind.as_bytes(), config.as_bytes()).unwrap_or_else(|why| panic!("{why:?}"))
    }

    pub fn scan(&self, text: &[u8], flags: u32, result: &Found) -> i32 {
        // SAFETY: live handles, readable bytes.
        unsafe { gwp_guard_scan(self.0, text.as_ptr(), text.len(), flags, result.0, ptr::null_mut()) }
    }

    /// `offsets` has one entry more than there are items.
    pub fn scan_batch(&self, text: &[u8], offsets: &[u64], flags: u32, result: &Found) -> i32 {
        let count = offsets.len() - 1;
        // SAFETY: live handles, readable bytes and offsets.
        unsafe { gwp_guard_scan_batch(self.0, text.as_ptr(), text.len(), offsets.as_ptr(), count, flags, result.0, ptr::null_mut()) }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // SAFETY: ours, freed once.
        unsafe { gwp_guard_free(self.0) }
    }
}

fn text(error: *const gwp_error, read: unsafe extern "C" fn(*const gwp_error, *mut *const u8, *mut usize) -> i32) -> String {
    let (mut data, mut len) = (ptr::null(), 0);
    // SAFETY: a live error, writable out-parameters; the view lives as long as the error.
    unsafe {
        assert_eq!(read(error, &mut data, &mut len), 0);
        String::from_utf8(view(data, len).to_vec()).expect("messages are UTF-8")
    }
}

/// # Safety
/// `data` is NULL, or points to `len` items that live for `'a`.
unsafe fn view<'a, T>(data: *const T, len: usize) -> &'a [T] {
    // SAFETY: the caller's promise.
    if data.is_null() { &[] } else { unsafe { slice::from_raw_parts(data, len) } }
}

/// A result and its views.
pub struct Found(*mut gwp_result);

impl Found {
    pub fn new() -> Self {
        let mut result = ptr::null_mut();
        // SAFETY: a writable out-parameter.
        assert_eq!(unsafe { gwp_result_new(&mut result, ptr::null_mut()) }, 0);
        Self(result)
    }

    pub fn findings(&self) -> &[gwp_finding] {
        let (mut data, mut len) = (ptr::null(), 0);
        // SAFETY: a live handle; the view lives until its next use, which `&self` and the targets see to.
        unsafe {
            assert_eq!(gwp_result_findings(self.0, &mut data, &mut len, ptr::null_mut()), 0);
            view(data, len)
        }
    }

    pub fn items(&self) -> &[gwp_item] {
        let (mut data, mut len) = (ptr::null(), 0);
        // SAFETY: as for `findings`.
        unsafe {
            assert_eq!(gwp_result_items(self.0, &mut data, &mut len, ptr::null_mut()), 0);
            view(data, len)
        }
    }

    pub fn output(&self) -> &[u8] {
        let (mut data, mut len) = (ptr::null(), 0);
        // SAFETY: as for `findings`.
        unsafe {
            assert_eq!(gwp_result_output(self.0, &mut data, &mut len, ptr::null_mut()), 0);
            view(data, len)
        }
    }
}

impl Drop for Found {
    fn drop(&mut self) {
        // SAFETY: ours, freed once.
        unsafe { gwp_result_free(self.0) }
    }
}

pub struct Stream(*mut gwp_stream);

impl Stream {
    pub fn new(guard: &Guard, flags: u32) -> Result<Self, i32> {
        let mut stream = ptr::null_mut();
        // SAFETY: a live guard, a writable out-parameter.
        let status = unsafe { gwp_stream_new(guard.0, flags, &mut stream, ptr::null_mut()) };
        if status == 0 { Ok(Self(stream)) } else { Err(status) }
    }

    /// An empty chunk ends the text.
    pub fn push(&self, chunk: &[u8], result: &Found) -> i32 {
        // SAFETY: live handles, readable bytes.
        unsafe {
            if chunk.is_empty() {
                return gwp_stream_finish(self.0, result.0, ptr::null_mut());
            }
            gwp_stream_push(self.0, chunk.as_ptr(), chunk.len(), result.0, ptr::null_mut())
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: ours, freed once.
        unsafe { gwp_stream_free(self.0) }
    }
}

/// The name of a kind, by number.
pub fn kind_name(kind: u8) -> &'static str {
    &GUARDS[usize::from(kind) % GUARDS.len()].0
}

/// One scan with any flags, as one text or as a batch of three: no defect, no span outside its item, nothing left behind by a failure.
/// True when it was answered.
pub fn check_scan(guard: &Guard, [flags, batch, first, second, third]: [u8; 5], text: &[u8], result: &Found) -> bool {
    let cuts = if batch & 1 == 1 { [first, second, third].map(u64::from).to_vec() } else { vec![0, text.len() as u64] };
    let status = if batch & 1 == 1 {
        guard.scan_batch(text, &cuts, flags.into(), result)
    } else {
        guard.scan(text, flags.into(), result)
    };
    if status != 0 {
        assert!(status < 60, "a defect: {status}");
        assert!(result.findings().is_empty() && result.items().is_empty(), "a failed call leaves nothing behind");
        return false;
    }
    assert_eq!(result.items().len(), cuts.len() - 1);
    for finding in result.findings() {
        let item = finding.item as usize;
        // A byte that is no UTF-8 can count as two UTF-16 units.
        assert!(finding.start <= finding.end && finding.end <= 2 * (cuts[item + 1] - cuts[item]));
    }
    for item in result.items() {
        assert!(item.output_start <= item.output_end && item.output_end <= result.output().len() as u64);
    }
    true
}

/// What a guard makes of a text: its own bytes when nothing changed; `None` when it refuses.
pub fn rewritten(guard: &Guard, text: &[u8]) -> Option<Vec<u8>> {
    let result = Found::new();
    if guard.scan(text, OUTPUT, &result) != 0 {
        return None;
    }
    Some(if result.items()[0].changed == 1 { result.output().to_vec() } else { text.to_vec() })
}
