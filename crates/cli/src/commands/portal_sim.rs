//! `centime portal-sim`: a portal to try things on.

use std::io::Write;

use centime_portal_sim::{Fault, Simulator};

use crate::args::PortalSim;
use crate::failure::Failure;
use crate::message::print_stderr;
use crate::stdout::stdout;
use crate::stop::Stop;

/// Serves the sample edition or a folder until it is asked to stop.
pub async fn portal_sim(sim: &PortalSim) -> Result<(), Failure> {
    if sim.list_faults {
        let mut out = stdout();
        for fault in Fault::ALL {
            writeln!(out, "{:16} {}", fault.name(), fault.description())?;
        }
        return Ok(());
    }
    let stop = Stop::listen();
    let simulator = match (&sim.data, sim.bodies) {
        (Some(folder), _) => {
            Simulator::from_dir(folder).map_err(|error| Failure::Usage(error.to_string()))?
        }
        (None, Some(bodies)) => Simulator::sample_of_bodies(bodies),
        (None, None) => Simulator::sample(),
    };
    let running = simulator
        .with_faults(sim.faults.iter().copied())
        .bind(&sim.listen)
        .await
        .map_err(|error| Failure::Usage(error.to_string()))?;
    print_stderr(format!(
        "The simulated portal is at {} (stop with Ctrl-C)",
        running.url()
    ));
    stop.asked().await;
    running.shutdown().await;
    Ok(())
}
