//! Dictionaries: what many small similar texts have in common.

use gwplugins_core::fault::Fault;

/// A zstd dictionary of at most `max_bytes` made of `samples`, which lie one after the other with the given sizes. A fault when they are
/// too few or too small to learn from.
#[cfg(feature = "zstd")]
pub fn train(samples: &[u8], sizes: &[usize], max_bytes: usize) -> Result<Vec<u8>, Fault> {
    if sizes.iter().try_fold(0_usize, |sum, &size| sum.checked_add(size)) != Some(samples.len()) {
        return Err(Fault::new("codec_samples"));
    }
    let mut dictionary = Vec::new();
    dictionary.try_reserve_exact(max_bytes).map_err(|_| Fault::new("no_memory"))?;
    zstd_safe::train_from_buffer(&mut dictionary, samples, sizes).map_err(|_| Fault::new("codec_samples"))?;
    Ok(dictionary)
}

/// Without zstd there are no dictionaries.
#[cfg(not(feature = "zstd"))]
pub fn train(_samples: &[u8], _sizes: &[usize], _max_bytes: usize) -> Result<Vec<u8>, Fault> {
    Err(Fault::new("unsupported"))
}
