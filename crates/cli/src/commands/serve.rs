//! `centime serve`: the site, from what is published.

use centime_server::Site;
use centime_warehouse::{Access, Warehouse};
use tokio::net::TcpListener;

use crate::args::{At, Serve};
use crate::config::Config;
use crate::failure::Failure;
use crate::tell::tell;

/// Serves the site until it is asked to stop.
pub async fn serve(config: &Config, serve: &Serve) -> Result<(), Failure> {
    let url = config.database(serve.sample)?;
    let warehouse = Warehouse::open(&url, Access::Read).await?;
    warehouse.check_marts(&centime_analytics::models()).await?;
    let listener = listen(config, &serve.at).await?;
    announce(config, &listener)?;
    run_site(listener, warehouse).await
}

/// Takes the address, so that a taken one is told before anything else is done.
pub async fn listen(config: &Config, at: &At) -> Result<TcpListener, Failure> {
    let address = config.listen(at);
    TcpListener::bind(&address).await.map_err(|error| {
        Failure::Usage(format!(
            "cannot listen on {address} ({error}): choose another address with --listen"
        ))
    })
}

/// Says where the site is.
pub fn announce(config: &Config, listener: &TcpListener) -> Result<(), Failure> {
    let address = listener
        .local_addr()
        .map_err(|error| Failure::Unexpected(format!("the address is not known: {error}")))?;
    if !config.quiet {
        tell(format!("Centime is at http://{address} (stop with Ctrl-C)"));
    }
    Ok(())
}

/// Serves the site until the process is asked to stop.
pub async fn run_site(listener: TcpListener, warehouse: Warehouse) -> Result<(), Failure> {
    let site = Site::new(warehouse);
    centime_server::serve(listener, site, asked_to_stop())
        .await
        .map_err(|error| Failure::Unexpected(format!("the site stopped: {error}")))
}

/// Waits for Ctrl-C, or for the signal by which services are stopped.
pub async fn asked_to_stop() {
    let interrupt = async {
        // Without a handler the default action ends the process, which is as well.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
