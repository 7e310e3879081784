//! Official documents in files, read when a run begins.

use std::thread;

use centime_documents::{DocumentKind, Input, Limits, Wanted, read_inputs_of};
use tokio::sync::{mpsc, oneshot};

use crate::documents::{Documents, not_final};
use crate::error::Error;
use crate::files::Files;
use crate::progress::Progress;

/// How many budgets that are left out are named.
const MOST_SAID: usize = 20;

/// Official documents in files.
#[derive(Clone, Debug)]
pub struct DocumentFiles {
    /// Where they are.
    pub files: Files,
    /// The chart of accounts of those that name none, as in `M57`.
    pub nomenclature: Option<String>,
    /// The bodies that are taken, by number, INSEE code or name; all of them where none is named.
    pub bodies: Vec<String>,
    /// Whether account balances that are not final are taken, too.
    pub provisional: bool,
}

impl DocumentFiles {
    /// Reads all of them, on a thread of its own: what waits for this may be given up.
    pub(crate) async fn read(&self, progress: &dyn Progress) -> Result<Documents, Error> {
        let found = self.files.find().await?;
        let inputs: Vec<Input> = found.files.iter().map(|file| file.input.clone()).collect();
        let nomenclature = self.nomenclature.clone();
        let wanted = Wanted::new(&self.bodies);
        let takes_provisional = self.provisional;
        let (names, mut begun) = mpsc::unbounded_channel();
        let (sender, receiver) = oneshot::channel();
        thread::spawn(move || {
            let mut documents = Documents::new(nomenclature);
            let ended = read_inputs_of(
                &inputs,
                &Limits::default(),
                &wanted,
                &mut |file| drop(names.send(file.to_owned())),
                &mut |document| {
                    if document.kind == DocumentKind::ProvisionalBalances && !takes_provisional {
                        documents.leave_out(not_final(&document));
                        return Ok(());
                    }
                    documents.add(&document)
                },
            );
            // Who was given up has dropped the receiver.
            drop(sender.send(ended.map(|_files| documents)));
        });
        while let Some(name) = begun.recv().await {
            progress.file(&found.named(&name));
        }
        let read = receiver.await;
        let read = read.expect("the thread answers before it ends");
        if let Ok(documents) = &read {
            for left_out in documents.left_out().iter().take(MOST_SAID) {
                progress.note(left_out);
            }
        }
        read.map_err(|error| match error {
            Error::Document(mut error) => {
                error.file = found.named(&error.file);
                Error::Document(error)
            }
            other => other,
        })
    }
}
