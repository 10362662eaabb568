//! A database with nothing in it, made once and copied for each world.

use domain::time::Timestamp;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use store::Store;

/// A folder with a new database in it.
pub fn folder() -> tempfile::TempDir {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    let folder = temporary();
    std::fs::write(folder.path().join(NAME), EMPTY.get_or_init(empty)).expect("a database");
    folder
}

/// Where it is.
pub fn url(folder: &Path) -> String {
    format!("sqlite://{}", folder.join(NAME).display())
}

fn empty() -> Vec<u8> {
    let folder = temporary();
    let mut settings = store::Settings::new(url(folder.path()));
    (settings.inline, settings.read_connections) = (true, 1);
    let store = Store::open(&settings, Arc::new(|| Timestamp::from_micros(0))).expect("a database");
    store.migrate().expect("a database that is ours");
    // Whoever closes it last moves everything into the one file.
    drop(store);
    std::fs::read(folder.path().join(NAME)).expect("a database")
}

/// In memory where the system has such a place: durability is not what is tried here.
fn temporary() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.expect("a folder for the database")
}

const NAME: &str = "books.db";
