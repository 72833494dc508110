//! `joinery keys`: a key and a certificate for "Manage OAuth2 Client Applications".

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jiff::SignedDuration;
use joinery_model::Clock;
use joinery_tenant::{Certificate, Expiry, KeySize, KeyWish, make_key};
use secrecy::ExposeSecret;

use super::args::{CertificateArgs, Cli, KeysCommand, KeysNewArgs};
use super::failure::Wrong;
use crate::say;
use crate::{Exit, SystemClock};

const DAY_HOURS: i64 = 24;

/// `keys new` and `keys show`.
pub fn run(cli: &Cli, command: &KeysCommand) -> Result<Exit, Wrong> {
    match command {
        KeysCommand::New(args) => new(cli, args),
        KeysCommand::Show(args) => show(cli, args),
    }
}

fn new(cli: &Cli, args: &KeysNewArgs) -> Result<Exit, Wrong> {
    // Absolute, because joinery.toml resolves relative paths against its own folder.
    let folder = std::path::absolute(&args.folder)?;
    let key_file = folder.join(format!("{}.key.pem", args.name));
    let certificate_file = folder.join(format!("{}.crt.pem", args.name));
    for file in [&key_file, &certificate_file] {
        if file.exists() {
            return Err(Wrong::usage(format!(
                "{} is there already and is not overwritten; choose another --name or --folder",
                file.display()
            )));
        }
    }
    let wish = KeyWish {
        name: args.name.clone(),
        size: match args.bits {
            2048 => KeySize::Bits2048,
            4096 => KeySize::Bits4096,
            _ => KeySize::Bits3072,
        },
        now: SystemClock.now(),
        lasts: SignedDuration::from_hours(i64::from(args.days) * DAY_HOURS),
    };
    let made = make_key(&wish).map_err(|error| Wrong::new(Exit::Failed, error.to_string()))?;
    std::fs::create_dir_all(&folder)?;
    write_new(&key_file, made.private_key.expose_secret().as_bytes(), 0o600)?;
    write_new(&certificate_file, made.certificate_pem.as_bytes(), 0o644)?;
    if cli.json {
        let told = serde_json::json!({
            "private_key": key_file,
            "certificate": certificate_file,
            "certificate_body": made.certificate_body,
            "expires": made.certificate.not_after().to_string(),
        });
        say!("{told}");
    } else if !cli.quiet {
        say!("private key   {} (keep it secret; mode 0600)", key_file.display());
        say!("certificate   {} (expires {})", certificate_file.display(), made.certificate.not_after());
        say!();
        say!("In Admin Center open \"Manage OAuth2 Client Applications\", register a client, and paste this as its");
        say!("X.509 certificate (one line, without BEGIN and END):");
        say!();
        say!("{}", made.certificate_body);
        say!();
        say!("Then put into joinery.toml, with the API Key that the page shows:");
        say!();
        say!("  client_id = \"…\"");
        say!("  private_key = {{ file = \"{}\" }}", key_file.display());
        say!("  certificate = \"{}\"", certificate_file.display());
    }
    Ok(Exit::Done)
}

fn show(cli: &Cli, args: &CertificateArgs) -> Result<Exit, Wrong> {
    let bytes = std::fs::read(&args.file)
        .map_err(|error| Wrong::usage(format!("{} cannot be read: {error}", args.file.display())))?;
    let certificate = Certificate::read(&bytes)
        .map_err(|error| Wrong::usage(format!("{}: {}", args.file.display(), error.message)))?;
    let now = SystemClock.now();
    let expiry = certificate.expiry(now, SignedDuration::from_hours(30 * DAY_HOURS));
    let expired = expiry == Expiry::Expired;
    if cli.json {
        let told = serde_json::json!({
            "not_before": certificate.not_before().to_string(),
            "not_after": certificate.not_after().to_string(),
            "expired": expired,
        });
        say!("{told}");
    } else {
        say!("valid from {} to {}", certificate.not_before(), certificate.not_after());
        if expired {
            say!(
                "it has expired: the tenant refuses assertions signed with its key; make a new pair with `joinery keys new`"
            );
        }
    }
    Ok(if expired { Exit::Failed } else { Exit::Done })
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Wrong> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(|error| Wrong::new(Exit::Failed, format!("{} cannot be written: {error}", path.display())))?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}
