//! Official documents in files, read when a run begins.

use std::thread;

use centime_documents::{Input, Limits, read_inputs};
use tokio::sync::{mpsc, oneshot};

use crate::documents::Documents;
use crate::error::Error;
use crate::files::Files;
use crate::progress::Progress;

/// Official documents in files.
#[derive(Clone, Debug)]
pub struct DocumentFiles {
    /// Where they are.
    pub files: Files,
    /// The chart of accounts of those that name none, as in `M57`.
    pub nomenclature: Option<String>,
}

impl DocumentFiles {
    /// Reads all of them, on a thread of its own: what waits for this may be given up.
    pub(crate) async fn read(&self, progress: &dyn Progress) -> Result<Documents, Error> {
        let found = self.files.find().await?;
        let inputs: Vec<Input> = found.files.iter().map(|file| file.input.clone()).collect();
        let nomenclature = self.nomenclature.clone();
        let (names, mut begun) = mpsc::unbounded_channel();
        let (sender, receiver) = oneshot::channel();
        thread::spawn(move || {
            let mut documents = Documents::new(nomenclature);
            let ended = read_inputs(
                &inputs,
                &Limits::default(),
                &mut |file| drop(names.send(file.to_owned())),
                &mut |document| documents.add(&document),
            );
            // Who was given up has dropped the receiver.
            drop(sender.send(ended.map(|_files| documents)));
        });
        while let Some(name) = begun.recv().await {
            progress.file(&found.named(&name));
        }
        let read = receiver.await;
        read.expect("the thread answers before it ends")
            .map_err(|error| match error {
                Error::Document(mut error) => {
                    error.file = found.named(&error.file);
                    Error::Document(error)
                }
                other => other,
            })
    }
}
