//! Databases that are filled once, and copied for each test.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::sync::OnceCell;

use crate::{fresh, on_cluster, on_postgres, shared};

/// What a database holds once it is filled. To copy it takes a fraction of the time that filling it takes.
#[derive(Debug, Default)]
pub struct Prepared(OnceCell<Original>);

#[derive(Debug)]
enum Original {
    /// The bytes of a file.
    File(Vec<u8>),
    /// The name of a database on the server that the tests of a process share.
    Database(String),
}

impl Prepared {
    /// To be filled when the first test asks.
    pub const fn new() -> Self {
        Self(OnceCell::const_new())
    }

    /// The address of a database of its own, filled. A file lies in the folder. Where databases are spread over
    /// servers they cannot be copied, and each is filled. `fill` closes what it opens.
    pub async fn copy(&self, folder: &Path, fill: impl AsyncFnOnce(&str)) -> String {
        if on_cluster() {
            let address = fresh(folder);
            fill(&address).await;
            return address;
        }
        match self.0.get_or_init(|| Original::filled(fill)).await {
            Original::File(content) => {
                let address = fresh(folder);
                fs::write(file(&address), content).expect("a copy of the file");
                address
            }
            Original::Database(name) => shared().copy(name),
        }
    }
}

impl Original {
    async fn filled(fill: impl AsyncFnOnce(&str)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let address = fresh(folder.path());
        fill(&address).await;
        if on_postgres() {
            let name = address.rsplit('/').next().expect("the name of a database");
            Self::Database(name.to_owned())
        } else {
            Self::File(fs::read(file(&address)).expect("the file"))
        }
    }
}

fn file(address: &str) -> PathBuf {
    address.strip_prefix("sqlite:").expect("a file").into()
}
