//! `joinery simulate`: a SuccessFactors tenant without SAP.

use super::args::{Cli, SimulateArgs};
use super::failure::Wrong;
use super::{simulated, stop};
use crate::Exit;
use crate::say;

/// Runs until Ctrl-C.
pub async fn run(cli: &Cli, args: &SimulateArgs) -> Result<Exit, Wrong> {
    let stop = stop::on_ctrl_c();
    let started = simulated::start(&args.folder, args.people, args.seed, args.listen, args.state.clone()).await?;
    let url = started.tenant.base_url();
    let certificate_url = started.tenant.certificate_url().unwrap_or_default();
    let configuration = started.configuration.display();
    let people = started.tenant.look(joinery_simulator::world::World::headcount);
    if cli.json {
        let told = serde_json::json!({
            "url": url,
            "certificate_url": certificate_url,
            "company_id": simulated::COMPANY,
            "people": people,
            "configuration": started.configuration,
            "sign_in": started.sign_in,
        });
        say!("{told}");
    } else {
        say!("A company of {people} people is served at {url} (company id {}).", simulated::COMPANY);
        say!(
            "OData v2 is under {url}/odata/v2, tokens under {url}/oauth/token; client certificates are asked for at {certificate_url}."
        );
        say!();
        say!("Sync it:      {} --config {configuration} sync", simulated::program());
        say!("Look at it:   {url} in a browser: people, groups, clock, faults, and what was asked");
        say!("Change it:    there, or: curl --json '{{\"advance\": \"1d\"}}' {url}/control/clock");
        say!("Sign in:      ready-made settings for other ways are in {}", started.sign_in.display());
        say!();
        if let Some(file) = started.tenant.state_file() {
            say!(
                "Keep it:      it is saved to {} when it ends, and by: curl -X POST {url}/control/save",
                file.display()
            );
        }
        say!("Every way to change it is in docs/reference/simulator.md. Ctrl-C ends it.");
    }
    stop.wait().await;
    let kept = started.tenant.state_file().map(|_| started.tenant.save());
    started.tenant.stop().await;
    if let Some(kept) = kept {
        kept.map_err(|error| Wrong::new(Exit::Failed, error.to_string()))?;
    }
    Ok(Exit::Done)
}
