//! The parts that an edition is extracted in: a dataset of one subject each, in the order in which they are extracted.
//!
//! A source of records is one part, a source of documents one for each subject. All income statements come before what
//! is read beside the public bodies that have a statement: balance sheets and balances of accounts.

use std::collections::BTreeMap;

use centime_accounts::Body;
use centime_portal::Dataset;
use centime_warehouse::Subject;

use crate::balances::{self, Balances};
use crate::dataset_options::DatasetOptions;
use crate::documents::{DOCUMENTS, Documents, SUBJECTS};
use crate::error::Error;
use crate::progress::Progress;
use crate::source::{BodyName, DocumentsOf, Edition, RecordSource, Source};
use crate::transport::Transport;

/// A dataset of an edition.
#[derive(Clone, Debug)]
pub struct Part {
    /// What the configuration calls its source.
    pub name: Option<String>,
    pub subject: Subject,
    pub transport: Transport,
    pub dataset: Dataset,
    pub fields: BTreeMap<String, String>,
    pub reading: DatasetOptions,
    /// The body of records that name none.
    pub default: BodyName,
    /// What parts have in common that say the same bodies in the same way: those of a portal, of a source of documents.
    pub group: String,
}

impl Part {
    /// What people call it in a message.
    pub fn label(&self) -> String {
        let of = self.transport.host();
        match (&self.name, &self.transport) {
            (Some(name), _) => format!("«{name}»"),
            (None, Transport::Portal(_) | Transport::Balances(..)) => {
                format!("{} of {of}", self.dataset.dataset_id)
            }
            (None, _) => of,
        }
    }

    /// Whether its figures are invented, as the dataset itself says.
    pub fn is_sample(&self) -> bool {
        let mark = self.dataset.meta("centime", "sample_edition");
        mark.is_some_and(|mark| *mark == true)
    }
}

/// Describes all parts of an edition.
pub async fn describe(edition: &Edition, progress: &dyn Progress) -> Result<Vec<Part>, Error> {
    let documents = documents(edition)?;
    let mut documents = documents.into_iter();
    let mut parts = Vec::new();
    for (place, source) in edition.sources.iter().enumerate() {
        match source {
            Source::Records(source) => parts.extend(of_records(source).await?),
            Source::Documents(_) => {
                let documents = documents.next().unwrap_or_default();
                parts.extend(of_documents(source.name(), place, documents));
            }
            Source::Balances(source) => {
                let balances = balances::retrieve(source, progress).await?;
                parts.extend(of_balances(source.name.as_deref(), place, &balances));
            }
        }
    }
    parts.sort_by_key(|part| part.subject);
    Ok(parts)
}

/// The documents of each source of them. Of what several of them say, the fullest counts, as within one of them.
fn documents(edition: &Edition) -> Result<Vec<Documents>, Error> {
    let mut all: Vec<Documents> = Vec::new();
    for source in &edition.sources {
        let Source::Documents(source) = source else {
            continue;
        };
        let mut documents = match &source.of {
            DocumentsOf::Import(documents) | DocumentsOf::Read(documents) => documents.clone(),
            DocumentsOf::Files(_) => unreachable!("files are read before parts are described"),
        };
        for earlier in &mut all {
            earlier.settle(&mut documents)?;
        }
        all.push(documents);
    }
    Ok(all)
}

async fn of_records(source: &RecordSource) -> Result<Option<Part>, Error> {
    let dataset = match source.transport.dataset(&source.dataset).await {
        Err(centime_portal::Error::UnknownDataset { .. }) if source.optional => return Ok(None),
        described => described?,
    };
    Ok(Some(Part {
        name: source.name.clone(),
        subject: source.subject,
        transport: source.transport.clone(),
        default: default_body(source.body.as_ref(), &source.transport, &dataset),
        dataset,
        fields: source.fields.clone(),
        reading: source.reading.clone(),
        group: source.transport.address().to_owned(),
    }))
}

fn of_documents(name: Option<&str>, place: usize, documents: Documents) -> Vec<Part> {
    let transport = Transport::Documents(documents);
    let Transport::Documents(documents) = &transport else {
        unreachable!("it was just made");
    };
    let described = SUBJECTS.into_iter().filter_map(|subject| {
        let dataset = documents.dataset(Documents::dataset_id(subject))?;
        Some((subject, dataset))
    });
    let parts = described.map(|(subject, dataset)| Part {
        name: name.map(str::to_owned),
        subject,
        default: default_body(None, &transport, &dataset),
        transport: transport.clone(),
        dataset,
        fields: BTreeMap::new(),
        reading: DatasetOptions::default(),
        group: format!("{DOCUMENTS} {place}"),
    });
    parts.collect()
}

fn of_balances(name: Option<&str>, place: usize, balances: &Balances) -> Vec<Part> {
    let Some(dataset) = balances.dataset() else {
        return Vec::new();
    };
    let parts = SUBJECTS.into_iter().map(|subject| {
        let transport = Transport::Balances(balances.clone(), subject);
        Part {
            name: name.map(str::to_owned),
            subject,
            default: default_body(None, &transport, &dataset),
            transport,
            dataset: dataset.clone(),
            fields: BTreeMap::new(),
            reading: balances.options(),
            group: format!("account balances {place}"),
        }
    });
    parts.collect()
}

/// The public body of a dataset whose records name none.
fn default_body(named: Option<&BodyName>, transport: &Transport, dataset: &Dataset) -> BodyName {
    let known = Body::find(&transport.host(), dataset.publisher());
    match (named, known) {
        (Some(named), _) => named.clone(),
        (None, Some(known)) => BodyName {
            siren: known.siren.clone(),
            name: known.name.clone(),
        },
        (None, None) => BodyName {
            siren: String::new(),
            name: dataset
                .publisher()
                .map_or_else(|| transport.host(), str::to_owned),
        },
    }
}
