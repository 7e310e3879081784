//! `centime serve`: the site, from what is published.

use std::io::ErrorKind;
use std::sync::Arc;

use centime_access::Mode;
use centime_server::{Guard, Listeners, Settings, Site, Sql, Upkeep};
use centime_warehouse::sql::SqlReader;
use centime_warehouse::{DatabaseUrl, Ledger, OpenMode, Warehouse};
use tokio::net::TcpListener;

use crate::args::{ListenArgs, Serve};
use crate::commands::report::reports;
use crate::config::Config;
use crate::failure::Failure;
use crate::message::print_stderr;
use crate::stop::Stop;

/// Serves the site until it is asked to stop.
pub async fn serve(config: &Config, serve: &Serve) -> Result<(), Failure> {
    let stop = Stop::listen();
    let url = config.database(serve.sample)?;
    let warehouse = Warehouse::open(&url, OpenMode::Read).await?;
    warehouse.check_marts(&config.catalogue()?.models()).await?;
    let setup = ServerSetup::open(config, &serve.at).await?;
    let site = setup.site(config, &url, warehouse, None).await?;
    for line in setup.announcement(config)? {
        print_stderr(line);
    }
    setup.run(site, stop).await
}

/// Where the site is, and how open.
pub struct ServerSetup {
    doors: Listeners,
    settings: Settings,
}

impl ServerSetup {
    /// Takes the addresses, so that a taken one is reported before anything else is done, and so is a site
    /// that would be open by accident.
    pub async fn open(config: &Config, at: &ListenArgs) -> Result<Self, Failure> {
        let address = config.listen(at);
        let listener = if config.chooses_listen(at) {
            listen(&address).await?
        } else {
            listen_near(&address).await?
        };
        let local = listener
            .local_addr()
            .map_err(|error| unknown_address(&error))?;
        let mode = mode(
            config.access(at)?,
            local.ip().is_loopback(),
            at.allow_public,
        )?;
        if config.is_opened(at) && !config.quiet {
            print_stderr(
                "Reading is public, as --access or CENTIME_ACCESS says, although the configuration file says access = \"token\".",
            );
        }
        let settings = config.site(mode)?;
        let redirect = match config.redirect() {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let tls = config.tls()?;
        let exposed = !local.ip().is_loopback() && tls.is_none();
        if exposed && settings.trusted_proxies.is_empty() && !config.quiet {
            print_stderr(
                "Tokens and sessions go over the network in the clear: name a certificate in [tls], or put a reverse proxy that has one in front and name it in site.trusted_proxies.",
            );
        }
        Ok(Self {
            doors: Listeners {
                listener,
                tls,
                redirect,
            },
            settings,
        })
    }

    /// The site over a warehouse. Where a token is needed it must be possible to look it up.
    pub async fn site(
        &self,
        config: &Config,
        url: &DatabaseUrl,
        warehouse: Warehouse,
        runs: Option<Arc<Upkeep>>,
    ) -> Result<Site, Failure> {
        let ledger = match Ledger::open(url).await {
            Ok(ledger) => Some(ledger),
            Err(error) if self.settings.mode == Mode::Token => return Err(error.into()),
            Err(error) => {
                print_stderr(format!("Logging in is not possible: {error}"));
                None
            }
        };
        let guard = Guard::new(self.settings.clone(), ledger);
        let guard = match runs {
            Some(runs) => guard.starting_runs(runs),
            None => guard,
        };
        let site = Site::guarded(warehouse, guard)
            .showing(config.catalogue()?)
            .printing(reports());
        Ok(match config.sql(url)? {
            None => site,
            Some(settings) => site.answering(Sql {
                reading: SqlReader::open(&settings.database).await?,
                limits: settings.limits,
                open: settings.open,
            }),
        })
    }

    /// What is said of where the site is.
    pub fn announcement(&self, config: &Config) -> Result<Vec<String>, Failure> {
        let address = self.address()?;
        let mut said = Vec::new();
        if !config.quiet {
            said.push(format!("Centime is at {address} (stop with Ctrl-C)"));
            if self.settings.mode == Mode::Token {
                said.push(
                    "Reading needs a token: `centime token create --role viewer` makes one."
                        .to_owned(),
                );
            }
        }
        Ok(said)
    }

    /// Where the site is on this machine.
    pub fn address(&self) -> Result<String, Failure> {
        let address = self.doors.listener.local_addr();
        let address = address.map_err(|error| unknown_address(&error))?;
        let scheme = if self.doors.tls.is_some() {
            "https"
        } else {
            "http"
        };
        Ok(format!("{scheme}://{address}"))
    }

    /// Serves the site until the process is asked to stop.
    pub async fn run(self, site: Site, stop: Stop) -> Result<(), Failure> {
        let asked = async move {
            stop.asked().await;
        };
        let served = centime_server::serve(self.doors, site.clone(), asked).await;
        site.guard().close().await;
        served.map_err(|error| Failure::Unexpected(format!("the site stopped: {error}")))
    }
}

async fn listen(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::Usage(format!(
            "cannot listen on {address} ({error}): choose another address with --listen"
        ))
    })
}

/// The address that is used where none is set, or another port of the same machine where another
/// program has that one.
async fn listen_near(usual: &str) -> Result<TcpListener, Failure> {
    match TcpListener::bind(usual).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let host = usual.rsplit_once(':').map_or(usual, |(host, _)| host);
            let listener = listen(&format!("{host}:0")).await?;
            print_stderr(format!(
                "Another program listens on {usual}: this site takes another port. --listen chooses one."
            ));
            Ok(listener)
        }
        Err(_) => listen(usual).await,
        Ok(listener) => Ok(listener),
    }
}

fn unknown_address(error: &std::io::Error) -> Failure {
    Failure::Unexpected(format!("the address is not known: {error}"))
}

/// How open the site is. Nothing is open to other machines unless two settings allow it.
fn mode(asked: Option<Mode>, loopback: bool, allowed: bool) -> Result<Mode, Failure> {
    match asked {
        None if loopback => Ok(Mode::Public),
        None => Ok(Mode::Token),
        Some(Mode::Public) if !loopback && !allowed => Err(Failure::Usage(
            "with public access anyone who reaches this address could read: say --allow-public where that is meant, or --access token"
                .to_owned(),
        )),
        Some(mode) => Ok(mode),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_another_program_s_unless_it_was_chosen() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let other = listen_near(&address.to_string()).await.unwrap();
        let other = other.local_addr().unwrap();
        assert!(other.ip() == address.ip() && other.port() != address.port());
        let refused = listen(&address.to_string()).await.unwrap_err().to_string();
        assert!(refused.contains("--listen"), "{refused}");
        drop(taken);
        let free = listen_near(&address.to_string()).await.unwrap();
        assert_eq!(free.local_addr().unwrap(), address);
    }

    #[test]
    fn nothing_is_open_by_accident() {
        use Mode::{Public, Token};
        for (asked, loopback, allowed, expected) in [
            (None, true, false, Some(Public)),
            (None, false, false, Some(Token)),
            // Being allowed to be public is not being asked to be.
            (None, false, true, Some(Token)),
            (Some(Public), true, false, Some(Public)),
            (Some(Public), false, false, None),
            (Some(Public), false, true, Some(Public)),
            (Some(Token), true, true, Some(Token)),
            (Some(Token), false, false, Some(Token)),
        ] {
            let found = mode(asked, loopback, allowed).ok();
            assert_eq!(found, expected, "{asked:?} {loopback} {allowed}");
        }
    }
}
