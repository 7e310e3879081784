//! `centime portal-sim`: a portal to try things on.

use std::io::Write;

use centime_portal_sim::{Fault, MOST_BODIES, National, Simulator};

use crate::args::{PortalSim, SimEdition};
use crate::failure::Failure;
use crate::message::print_stderr;
use crate::stdout::stdout;
use crate::stop::Stop;

/// How many communes the national edition has unless said.
const NATIONAL_COMMUNES: u32 = 100;

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
        _ if sim.edition == SimEdition::National => {
            let communes = sim.bodies.unwrap_or(NATIONAL_COMMUNES);
            if communes > MOST_BODIES {
                return Err(Failure::Usage(format!(
                    "the national edition has at most {MOST_BODIES} communes: give --bodies a number up to that"
                )));
            }
            Simulator::national(&National::new(communes, sim.years.clone(), sim.seed))
        }
        (Some(folder), _) => {
            Simulator::from_dir(folder).map_err(|error| Failure::Usage(error.to_string()))?
        }
        (None, Some(bodies)) => Simulator::sample_of_bodies(bodies),
        (None, None) => Simulator::sample(),
    };
    let running = simulator
        .with_faults(sim.faults.iter().copied())
        .with_quota(sim.quota)
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
