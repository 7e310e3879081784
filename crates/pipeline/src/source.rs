//! Where a run reads from: the sources that one edition is made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use centime_portal::{Observer, Portal};
use centime_warehouse::Subject;

use crate::balances::BalanceSource;
use crate::dataset_options::DatasetOptions;
use crate::document_files::DocumentFiles;
use crate::documents::Documents;
use crate::field_names::{optional, required};
use crate::transport::Transport;

/// What one revision is made of. A run retrieves all of it, and publishes all or nothing.
#[derive(Clone, Debug, Default)]
pub struct Edition {
    /// The sources, in the order in which they are configured.
    pub sources: Vec<Source>,
}

/// A source of an edition.
#[derive(Clone, Debug)]
pub enum Source {
    /// Records of one subject: a dataset of a portal, or files as a portal exports them.
    Records(Box<RecordSource>),
    /// Official documents, which have statements and balance sheets of several years and budgets.
    Documents(DocumentSource),
    /// Account balances of a portal, of which statements, balance sheets and accounts are made.
    Balances(Box<BalanceSource>),
}

/// Records of one subject.
#[derive(Clone, Debug)]
pub struct RecordSource {
    /// What the configuration calls it.
    pub name: Option<String>,
    /// What its records are about.
    pub subject: Subject,
    /// What they come from.
    pub transport: Transport,
    /// The identifier of the dataset.
    pub dataset: String,
    /// Whether there need not be such a dataset.
    pub optional: bool,
    /// Fields named outright: our name and the portal's.
    pub fields: BTreeMap<String, String>,
    /// How the dataset is asked for and read.
    pub reading: DatasetOptions,
    /// The public body, where it is not to be found from the portal.
    pub body: Option<BodyName>,
}

/// Official documents.
#[derive(Clone, Debug)]
pub struct DocumentSource {
    /// What the configuration calls it.
    pub name: Option<String>,
    /// The documents.
    pub of: DocumentsOf,
}

/// Where the documents of a source are.
#[derive(Clone, Debug)]
pub enum DocumentsOf {
    /// They were read. What was published of others before stays beside them.
    Import(Documents),
    /// They were read, and are all that there is.
    Read(Documents),
    /// In files, which are read when the run begins.
    Files(Box<DocumentFiles>),
}

/// A public body as the configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyName {
    /// The SIREN number, or the SIRET number of a budget; empty when not known.
    pub siren: String,
    /// The name.
    pub name: String,
}

/// The names by which the configuration may name fields of a subject.
pub fn field_names(subject: Subject) -> impl Iterator<Item = &'static str> {
    let fields = required(subject).iter().chain(optional(subject));
    fields.map(|field| field.key)
}

impl Source {
    /// Official documents that were read, to be published beside those that were imported before.
    pub fn of_documents(documents: Documents) -> Self {
        Self::Documents(DocumentSource {
            name: None,
            of: DocumentsOf::Import(documents),
        })
    }

    /// Whether standard input is a file of it.
    pub fn has_stdin(&self) -> bool {
        match self {
            Self::Records(source) => match &source.transport {
                Transport::Files(records) => records.files.has_stdin(),
                Transport::Portal(_) | Transport::Documents(_) | Transport::Balances(..) => false,
            },
            Self::Documents(source) => match &source.of {
                DocumentsOf::Files(documents) => documents.files.has_stdin(),
                DocumentsOf::Import(_) | DocumentsOf::Read(_) => false,
            },
            Self::Balances(_) => false,
        }
    }

    /// What the configuration calls it.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Records(source) => source.name.as_deref(),
            Self::Documents(source) => source.name.as_deref(),
            Self::Balances(source) => source.name.as_deref(),
        }
    }
}

impl RecordSource {
    /// A dataset of a portal, with nothing else set.
    pub fn new(subject: Subject, transport: impl Into<Transport>, dataset: &str) -> Self {
        Self {
            name: None,
            subject,
            transport: transport.into(),
            dataset: dataset.to_owned(),
            optional: false,
            fields: BTreeMap::new(),
            reading: DatasetOptions::default(),
            body: None,
        }
    }
}

impl Edition {
    /// An income statement of a portal, and the balance sheet beside it where there is one of this name.
    pub fn of_portal(
        portal: &Portal,
        income_statement: &str,
        balance_sheet: Option<&str>,
        body: Option<&BodyName>,
    ) -> Self {
        let source = |subject, dataset: &str| RecordSource {
            body: body.cloned(),
            ..RecordSource::new(subject, portal.clone(), dataset)
        };
        let statement = source(Subject::IncomeStatement, income_statement);
        let balance = balance_sheet.map(|dataset| RecordSource {
            optional: true,
            ..source(Subject::BalanceSheet, dataset)
        });
        let sources = std::iter::once(statement).chain(balance);
        sources.map(Source::from).collect()
    }

    /// The same edition, whose portals are followed by an observer.
    #[must_use]
    pub fn with_observer(mut self, observer: &Arc<dyn Observer>) -> Self {
        for source in &mut self.sources {
            let portal = match source {
                Source::Records(source) => match &mut source.transport {
                    Transport::Portal(portal) => portal,
                    Transport::Files(_) | Transport::Documents(_) | Transport::Balances(..) => {
                        continue;
                    }
                },
                Source::Balances(source) => &mut source.portal,
                Source::Documents(_) => continue,
            };
            *portal = portal.with_observer(Arc::clone(observer));
        }
        self
    }

    /// Makes one source of all account balances: bodies are looked for in the datasets of the first, then in those of the
    /// next.
    pub fn look_in_one_after_the_other(&mut self) {
        let mut first: Option<Box<BalanceSource>> = None;
        let mut sources = Vec::new();
        for source in self.sources.drain(..) {
            match (source, &mut first) {
                (Source::Balances(source), None) => first = Some(source),
                (Source::Balances(source), Some(first)) => first.datasets.extend(source.datasets),
                (other, _) => sources.push(other),
            }
        }
        sources.extend(first.map(Source::Balances));
        self.sources = sources;
    }

    /// Where it comes from: the addresses of its portals, and what else there is, each once.
    pub fn address(&self) -> String {
        let mut addresses: Vec<&str> = Vec::new();
        for source in &self.sources {
            let address = match source {
                Source::Records(source) => source.transport.address(),
                Source::Documents(_) => crate::documents::DOCUMENTS,
                Source::Balances(source) => source.portal.base_url(),
            };
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        addresses.join(", ")
    }
}

impl From<RecordSource> for Source {
    fn from(source: RecordSource) -> Self {
        Self::Records(Box::new(source))
    }
}

impl From<BalanceSource> for Source {
    fn from(source: BalanceSource) -> Self {
        Self::Balances(Box::new(source))
    }
}

impl FromIterator<Source> for Edition {
    fn from_iter<T: IntoIterator<Item = Source>>(sources: T) -> Self {
        Self {
            sources: sources.into_iter().collect(),
        }
    }
}

impl From<&Source> for Edition {
    fn from(source: &Source) -> Self {
        Self {
            sources: vec![source.clone()],
        }
    }
}

impl From<&Self> for Edition {
    fn from(edition: &Self) -> Self {
        edition.clone()
    }
}
