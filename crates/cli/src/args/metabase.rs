//! Arguments of `centime metabase`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Metabase {
    /// Make in Metabase what is missing, and put right what differs
    Sync(MetabaseSync),
    /// Say how a Metabase is, and what a sync would change
    Status(MetabaseArgs),
}

/// Which Metabase. Its passwords and keys are given in files that the configuration names, or in the
/// environment: others can read command lines.
#[derive(Debug, clap::Args)]
pub struct MetabaseArgs {
    /// Its address [default: metabase.url of the configuration]
    #[arg(
        long,
        value_name = "URL",
        env = "CENTIME_METABASE_URL",
        hide_env_values = true
    )]
    pub url: Option<String>,
    /// The language of names: fr or en [default: fr]
    #[arg(long, value_name = "CODE", env = "CENTIME_METABASE_LANGUAGE")]
    pub language: Option<String>,
    /// Go on with a version that was not tried
    #[arg(long)]
    pub any_version: bool,
}

#[derive(Debug, clap::Args)]
pub struct MetabaseSync {
    #[command(flatten)]
    pub at: MetabaseArgs,
    /// Only say what would be sent
    #[arg(long)]
    pub dry_run: bool,
    /// Give the dashboard a public link
    #[arg(long)]
    pub public_link: bool,
    /// Send the password of the connection again, because it has changed
    #[arg(long)]
    pub send_password: bool,
    /// How long to wait for Metabase to start, and to find the tables
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    pub wait: String,
}
