//! Arguments of `centime db`, `token` and `audit`: what those who keep a database need.

use std::path::PathBuf;

use centime_access::Role;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum Db {
    /// Make the tables, or bring them up to this version
    Migrate,
    /// Say how the database is
    Status(DbStatus),
    /// Make the roles of a PostgreSQL database and give them their rights
    Roles(Roles),
    /// Distribute the tables over the servers of a Citus cluster, by public body
    Distribute,
    /// Encrypt a SQLite database, give it another key, or take its key away
    Rekey(Rekey),
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// List what was done or refused, the latest first
    List(ListEvents),
    /// Delete what is older than that, for good
    Prune(Prune),
}

#[derive(Debug, clap::Args)]
pub struct ListEvents {
    /// How many at most
    #[arg(long, value_name = "N", default_value = "100")]
    pub limit: u32,
    /// The form of the answer
    #[arg(long, value_enum, default_value = "table")]
    pub format: ListFormat,
    /// Of the sample edition
    #[arg(long)]
    pub sample: bool,
}

#[derive(Debug, clap::Args)]
pub struct Prune {
    /// How old, as in `365d` or `12h`
    #[arg(long, value_name = "DURATION")]
    pub older_than: String,
    /// Of the sample edition
    #[arg(long)]
    pub sample: bool,
}

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token and print it, this once
    Create(CreateToken),
    /// List all tokens, without what they keep secret
    List(ListTokens),
    /// Let a token in no longer, from now on
    Revoke(RevokeToken),
}

#[derive(Debug, clap::Args)]
pub struct CreateToken {
    /// What it is for: a viewer reads, an analyst also exports, an admin also starts runs and manages
    /// tokens
    #[arg(long, value_parser = PossibleValuesParser::new(Role::ALL.map(Role::name))
            .map(|name| name.parse::<Role>().unwrap_or(Role::Viewer)))]
    pub role: Role,
    /// How long it lets in, as in `90d` or `12h` [default: for ever]
    #[arg(long, value_name = "DURATION")]
    pub expires: Option<String>,
    /// What to call it in lists
    #[arg(long, default_value = "")]
    pub name: String,
    /// In the sample edition
    #[arg(long)]
    pub sample: bool,
}

#[derive(Debug, clap::Args)]
pub struct ListTokens {
    /// The form of the answer
    #[arg(long, value_enum, default_value = "table")]
    pub format: ListFormat,
    /// Of the sample edition
    #[arg(long)]
    pub sample: bool,
}

#[derive(Debug, clap::Args)]
pub struct RevokeToken {
    /// Its beginning, as the list shows it: `ctm_` and eight letters
    #[arg(value_name = "TOKEN")]
    pub id: String,
    /// In the sample edition
    #[arg(long)]
    pub sample: bool,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_field_names, reason = "they name the flags")]
pub struct Roles {
    /// A file with the password of `centime_loader`, which the pipeline connects as
    #[arg(long, value_name = "FILE")]
    pub loader_password_file: Option<PathBuf>,
    /// A file with the password of `centime_reader`, which Metabase connects as
    #[arg(long, value_name = "FILE")]
    pub reader_password_file: Option<PathBuf>,
    /// A file with the password of `centime_site`, which the site connects as
    #[arg(long, value_name = "FILE")]
    pub site_password_file: Option<PathBuf>,
    /// A file with the password of `centime_owner`, as which the servers of a Citus cluster come into each other
    #[arg(long, value_name = "FILE")]
    pub owner_password_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct DbStatus {
    /// Of the sample edition
    #[arg(long)]
    pub sample: bool,
}

#[derive(Debug, clap::Args)]
pub struct Rekey {
    /// A file with the new key: 64 hexadecimal digits
    #[arg(long, value_name = "FILE", conflicts_with = "decrypt")]
    pub new_key_file: Option<PathBuf>,
    /// Take the key away
    #[arg(long)]
    pub decrypt: bool,
}

/// The form of a list.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ListFormat {
    /// For people
    Table,
    /// An array of objects
    Json,
}
