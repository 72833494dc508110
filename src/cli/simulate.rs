//! `joinery simulate`: a SuccessFactors tenant without SAP.

use super::args::{Cli, SimulateArgs};
use super::failure::Wrong;
use super::{simulated, stop};
use crate::Exit;
use crate::say;

/// Runs until Ctrl-C.
pub async fn run(cli: &Cli, args: &SimulateArgs) -> Result<Exit, Wrong> {
    let stop = stop::on_ctrl_c();
    let started = simulated::start(&args.folder, args.people, args.seed, args.listen).await?;
    let url = started.tenant.base_url();
    let configuration = started.configuration.display();
    if cli.json {
        let told = serde_json::json!({
            "url": url,
            "company_id": simulated::COMPANY,
            "people": started.tenant.look(joinery_simulator::world::World::headcount),
            "configuration": started.configuration,
        });
        say!("{told}");
    } else {
        say!("A company of {} people is served at {url} (company id {}).", args.people, simulated::COMPANY);
        say!("OData v2 is under {url}/odata/v2, tokens under {url}/oauth/token.");
        say!();
        say!("Sync it:      {} --config {configuration} sync", simulated::program());
        say!("Look at it:   curl {url}/control/state");
        say!("Change it:    curl -X POST {url}/control/clock -d '{{\"advance\": \"1d\"}}'");
        say!();
        say!("Every way to change it is in docs/reference/simulator.md. Ctrl-C ends it.");
    }
    stop.wait().await;
    started.tenant.stop().await;
    Ok(Exit::Done)
}
