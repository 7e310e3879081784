//! The sample editions: what comes with the program, as sources of a run.

use centime_documents::Limits;
use centime_pipeline::{
    DatasetOptions, DatasetSettings, DocumentSource, Documents, DocumentsOf, Edition,
    Error as RunError, RecordSource, Source,
};
use centime_portal::Portal;
use centime_portal_sim::{Running, Simulator, demo};
use centime_warehouse::Subject;

use crate::args::SampleEdition;
use crate::failure::Failure;

/// A sample edition, and the portal that serves it.
pub struct SampleSource {
    edition: SampleEdition,
    portal: Running,
}

impl SampleSource {
    /// Starts the portal of a sample edition, on this machine.
    pub async fn open(edition: SampleEdition) -> Result<Self, Failure> {
        let simulator = match edition {
            SampleEdition::Paris => Simulator::sample(),
            SampleEdition::Demo => Simulator::demo(),
        };
        let portal = simulator.bind("127.0.0.1:0").await;
        let portal = portal.map_err(|error| Failure::Unexpected(error.to_string()))?;
        Ok(Self { edition, portal })
    }

    /// What is published of it.
    pub fn edition(&self) -> Result<Edition, Failure> {
        let portal = Portal::builder(&self.portal.url()).build()?;
        let (statement, balance) = ("compte-de-resultat", "bilan-comptable");
        let mut edition = Edition::of_portal(&portal, statement, Some(balance), None);
        if self.edition == SampleEdition::Demo {
            let documents = documents()?;
            edition.sources.push(Source::Documents(DocumentSource {
                name: Some(demo::DOCUMENT_NAME.to_owned()),
                of: DocumentsOf::Read(documents),
            }));
            edition.sources.push(totals(&portal)?);
        }
        Ok(edition)
    }
}

/// The account of the commune.
fn documents() -> Result<Documents, RunError> {
    let mut documents = Documents::new(None);
    let (name, bytes) = demo::DOCUMENT;
    for document in centime_documents::read(bytes, name, &Limits::default())? {
        documents.add(&document)?;
    }
    Ok(documents)
}

/// The control totals of communes. Their amounts have the noise of binary fractions.
fn totals(portal: &Portal) -> Result<Source, Failure> {
    let settings = DatasetSettings {
        rounding: Some("centime".to_owned()),
        ..DatasetSettings::default()
    };
    let reading = DatasetOptions::new(Subject::Aggregates, &settings);
    let reading = reading.map_err(|error| Failure::Unexpected(error.to_string()))?;
    let source = RecordSource::new(Subject::Aggregates, portal.clone(), demo::AGGREGATES);
    Ok(Source::from(RecordSource {
        name: Some(demo::AGGREGATES_NAME.to_owned()),
        reading,
        ..source
    }))
}
