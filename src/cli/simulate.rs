//! `joinery simulate`: a SuccessFactors tenant without SAP.

use super::args::{Cli, SimulateArgs};
use super::failure::Wrong;
use super::{recorded, simulated, stop};
use crate::Exit;
use crate::say;

/// Runs until Ctrl-C.
pub async fn run(cli: &Cli, args: &SimulateArgs) -> Result<Exit, Wrong> {
    if let (Some(folder), Some(from)) = (&args.record, &args.from) {
        return recorded::run(cli, args, folder, from).await;
    }
    let stop = stop::on_ctrl_c();
    let company = simulated::Company {
        people: args.people,
        seed: args.seed,
        state: args.state.clone(),
        replay: args.replay.clone(),
        settings: args.settings.clone(),
    };
    let started = simulated::start(&args.folder, args.listen, company).await?;
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
    } else if let Some(capture) = &args.replay {
        say!("The capture in {} answers at {url}; whoever signs in is let in.", capture.display());
        say!();
        say!("Ask it:       set api_server = \"{url}\" in a configuration; nothing else changes");
        say!("Sync it:      {} --config {configuration} sync", simulated::program());
        say!("Look at it:   {url} in a browser: what was asked, and what was not captured");
        say!("Begin anew:   curl -X POST {url}/control/reset");
        say!();
        say!("How a capture is made is in docs/guide/record-a-tenant.md. Ctrl-C ends it.");
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
