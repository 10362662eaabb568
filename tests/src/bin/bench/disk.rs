//! What the disk can do at most: appends that are made to last, one after the other.

use anyhow::Result;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// What is appended each time, in bytes: a page of either database's log.
const PAGE: usize = 4096;

/// `fdatasync` per second of a file in `folder`, each after appending a page.
pub fn fdatasync_per_second(folder: &Path, time: Duration) -> Result<f64> {
    let path = folder.join("fdatasync");
    let mut file = File::create(&path)?;
    let page = [0x5a_u8; PAGE];
    let (started, mut synced) = (Instant::now(), 0_u32);
    while started.elapsed() < time {
        file.write_all(&page)?;
        file.sync_data()?;
        synced += 1;
    }
    let per_second = f64::from(synced) / started.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    Ok(per_second)
}
