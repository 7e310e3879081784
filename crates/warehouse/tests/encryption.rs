//! Encrypted SQLite files: nothing of them can be read without the key, and each error says what to do.
#![cfg(feature = "encryption")]

use std::fs;
use std::path::Path;

use centime_access::{Role, Secret};
use centime_warehouse::ledger::{AuditOutcome, Event, NewToken};
use centime_warehouse::{DatabaseUrl, Error, Key, Ledger, OpenMode, Warehouse, rekey};

/// What is looked for in the bytes of files.
const MARK: &str = "a name that is nowhere else";

fn key(digit: char) -> Key {
    digit.to_string().repeat(64).parse().unwrap()
}

fn with(path: &Path, digit: Option<char>) -> DatabaseUrl {
    let url = DatabaseUrl::sqlite(path);
    match digit {
        Some(digit) => url.with_key(key(digit)).unwrap(),
        None => url,
    }
}

/// Writes a token of that name. The database stays open.
async fn write(url: &DatabaseUrl) -> (Warehouse, Ledger) {
    let warehouse = Warehouse::open(url, OpenMode::Write).await.unwrap();
    let ledger = Ledger::open(url).await.unwrap();
    let secret = Secret::generate().unwrap();
    let token = NewToken {
        id: secret.id(),
        name: MARK.to_owned(),
        role: Role::Viewer,
        hash: secret.hash(),
        expires_at: None,
    };
    let event = Event::now("token-created", AuditOutcome::Done).about(MARK);
    ledger.create(&token, &event).await.unwrap();
    (warehouse, ledger)
}

/// The files of a folder that hold the mark, or begin as a SQLite file does.
fn readable(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let holds = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
    files
        .filter(|file| {
            let bytes = fs::read(file.path()).unwrap();
            holds(&bytes, MARK.as_bytes()) || holds(&bytes, b"SQLite format 3")
        })
        .map(|file| file.file_name().into_string().unwrap())
        .collect()
}

async fn tokens(url: &DatabaseUrl) -> Result<usize, Error> {
    let ledger = Ledger::open(url).await?;
    let found = ledger.tokens().await?.len();
    ledger.close().await;
    Ok(found)
}

#[tokio::test]
async fn nothing_can_be_read_without_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let url = with(&path, Some('1'));
    // While it is open, so that the log is there, too.
    let (warehouse, ledger) = write(&url).await;
    let log = fs::metadata(folder.path().join("a.db-wal")).unwrap();
    assert!(log.len() > 0);
    assert_eq!(readable(folder.path()), Vec::<String>::new());
    ledger.close().await;
    warehouse.close().await;
    assert_eq!(readable(folder.path()), Vec::<String>::new());
    assert_eq!(tokens(&url).await.unwrap(), 1);

    let wrong = Warehouse::open(&with(&path, Some('2')), OpenMode::Read).await;
    assert!(matches!(wrong, Err(Error::WrongKey { .. })), "{wrong:?}");
    let wrong = Warehouse::open(&with(&path, Some('2')), OpenMode::Write).await;
    assert!(matches!(wrong, Err(Error::WrongKey { .. })), "{wrong:?}");
    let none = Warehouse::open(&with(&path, None), OpenMode::Write).await;
    assert!(matches!(none, Err(Error::NotADatabase { .. })), "{none:?}");
    let server: DatabaseUrl = "postgres://me@db.example/accounts".parse().unwrap();
    assert!(server.with_key(key('1')).is_err());

    // The same file without a key, so that what is looked for would be found.
    let plain = tempfile::tempdir().unwrap();
    let path = plain.path().join("a.db");
    let (warehouse, ledger) = write(&with(&path, None)).await;
    assert!(readable(plain.path()).len() >= 2);
    ledger.close().await;
    warehouse.close().await;
    let keyed = Warehouse::open(&with(&path, Some('1')), OpenMode::Read).await;
    assert!(
        matches!(keyed, Err(Error::NotEncrypted { .. })),
        "{keyed:?}"
    );
}

#[tokio::test]
async fn a_database_is_encrypted_given_another_key_and_read_in_the_clear_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let (warehouse, ledger) = write(&with(&path, None)).await;
    // Not while somebody has it open.
    let open = rekey(&with(&path, None), Some(&key('1'))).await;
    assert!(matches!(open, Err(Error::InUse { .. })), "{open:?}");
    ledger.close().await;
    warehouse.close().await;
    assert_eq!(tokens(&with(&path, None)).await.unwrap(), 1);

    let mut now = None;
    for next in [Some('1'), Some('2'), None, Some('3')] {
        let new = next.map(key);
        if now.is_some() {
            let wrong = rekey(&with(&path, Some('9')), new.as_ref()).await;
            assert!(matches!(wrong, Err(Error::WrongKey { .. })), "{wrong:?}");
        }
        rekey(&with(&path, now), new.as_ref()).await.unwrap();
        assert_eq!(readable(folder.path()).is_empty(), next.is_some());
        let before = tokens(&with(&path, now)).await;
        assert!(before.is_err(), "{now:?} to {next:?}");
        now = next;
        assert_eq!(tokens(&with(&path, now)).await.unwrap(), 1);
        // What was left of the change is gone.
        let left = fs::read_dir(folder.path()).unwrap();
        let left = left.map(|file| file.unwrap().file_name().into_string().unwrap());
        assert!(left.into_iter().all(|name| !name.contains("rekey")));
    }
    // It is still one of ours, and can be written.
    let (warehouse, ledger) = write(&with(&path, now)).await;
    ledger.close().await;
    warehouse.close().await;
    assert_eq!(tokens(&with(&path, now)).await.unwrap(), 2);
    let missing = rekey(&with(&folder.path().join("b.db"), None), None).await;
    assert!(matches!(missing, Err(Error::Missing { .. })));
}
