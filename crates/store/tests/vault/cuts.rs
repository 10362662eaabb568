//! The network is cut at a chosen byte: what is unknown is called unknown, and what is surely not written is called so.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

use domain::time::Timestamp;
use store::{Backend, Settings, Store, StoreError};

use crate::harness::check;
use crate::values::{captured, creation, id, payment};

/// Nothing is cut.
const OPEN: u8 = 0;
/// The commit's first statement never arrives.
const NO_STATEMENT: u8 = 1;
/// COMMIT never arrives.
const NO_COMMIT: u8 = 2;
/// COMMIT arrives, its answer does not.
const NO_ANSWER: u8 = 3;

/// Listens before a PostgreSQL and cuts each connection where it is told to.
fn cutter(server: String) -> (u16, Arc<AtomicU8>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let cut = Arc::new(AtomicU8::new(OPEN));
    let told = Arc::clone(&cut);
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
            let (mut answers, mut back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            let (muted, told) = (Arc::new(AtomicBool::new(false)), Arc::clone(&told));
            let silent = Arc::clone(&muted);
            thread::spawn(move || {
                let mut buffer = [0; 65_536];
                while let Ok(length @ 1..) = answers.read(&mut buffer) {
                    if !silent.load(Ordering::SeqCst) && back.write_all(&buffer[..length]).is_err() {
                        return;
                    }
                }
            });
            thread::spawn(move || forward(client, server, &told, &muted));
        }
    });
    (port, cut)
}

fn forward(mut client: TcpStream, mut server: TcpStream, told: &AtomicU8, muted: &AtomicBool) {
    let mut buffer = [0; 65_536];
    while let Ok(length @ 1..) = client.read(&mut buffer) {
        let sent = &buffer[..length];
        let says = |what: &[u8]| sent.windows(what.len()).any(|window| window == what);
        let cut = match told.load(Ordering::SeqCst) {
            NO_STATEMENT => says(b"INSERT INTO payments"),
            NO_COMMIT | NO_ANSWER => says(b"COMMIT\0"),
            _ => false,
        };
        if cut && told.load(Ordering::SeqCst) == NO_ANSWER {
            // Nothing comes back any more; the server hears it all the same.
            muted.store(true, Ordering::SeqCst);
            server.write_all(sent).unwrap();
            thread::sleep(Duration::from_millis(500));
        }
        if cut {
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
            return;
        }
        if server.write_all(sent).is_err() {
            return;
        }
    }
}

#[test]
fn a_cut_before_commit_is_unavailable_and_after_it_unknown() {
    check("cuts", |world| async move {
        if world.store.backend() == Backend::Sqlite {
            return;
        }
        let mut url = url::Url::parse(&world.settings.url).unwrap();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        let (port, cut) = cutter(server);
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(port)).unwrap();
        let store = Store::open(&Settings::new(url), Arc::new(|| Timestamp::from_micros(0))).unwrap();

        for (number, mode, written) in [(1, NO_STATEMENT, false), (2, NO_COMMIT, false), (3, NO_ANSWER, true)] {
            let one = payment(number, &format!("o{number}"));
            cut.store(mode, Ordering::SeqCst);
            let result = store.commit(creation(&one)).await;
            cut.store(OPEN, Ordering::SeqCst);
            match mode {
                NO_STATEMENT => assert!(matches!(result, Err(StoreError::Unavailable(_))), "{mode}: {result:?}"),
                _ => assert!(matches!(result, Err(StoreError::Unknown(_))), "{mode}: {result:?}"),
            }
            let found = world
                .store
                .read(move |tx| tx.payment_as_stored(id(number)))
                .await
                .unwrap();
            assert_eq!(found.is_some(), written, "{mode}");
            // The next commit finds a new connection.
            let again = store
                .commit(if written { captured(&one, 5).1 } else { creation(&one) })
                .await;
            assert!(again.is_ok(), "{mode}: {again:?}");
        }
    });
}
