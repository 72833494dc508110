//! `joinery simulate --record`: a real tenant is written down, without its people.

use std::fmt::Write as _;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use joinery_model::Clock;
use joinery_simulator::{RecordError, Recorder, RecorderSettings, TimeSource};
use secrecy::SecretSlice;

use super::args::{Cli, SimulateArgs};
use super::failure::Wrong;
use super::{simulated, stop};
use crate::http::{self, Reach};
use crate::say;
use crate::{Exit, SystemClock};

/// Bytes of the secret.
const LENGTH: usize = 32;

/// Records until Ctrl-C.
pub async fn run(cli: &Cli, args: &SimulateArgs, folder: &Path, from: &str) -> Result<Exit, Wrong> {
    let stop = stop::on_ctrl_c();
    let key = match &args.key {
        Some(file) => key_of(file, folder)?,
        None => SecretSlice::from(random()?.to_vec()),
    };
    let reach = Reach { proxy: args.proxy.clone(), ca_file: args.ca_file.clone(), ..Reach::default() };
    let settings = RecorderSettings {
        listen: args.listen,
        from: from.to_owned(),
        folder: folder.to_owned(),
        key,
        client: http::client(&reach).map_err(|error| Wrong::usage(format!("{error:#}")))?,
        time: TimeSource::new(|| SystemClock.now()),
    };
    let recording = Recorder::start(settings).await.map_err(|error| match error {
        RecordError::Listen { .. } => {
            Wrong::usage(format!("{error}; --listen takes another address, port 0 a free one"))
        }
        error => Wrong::usage(error.to_string()),
    })?;
    let url = recording.base_url().to_owned();
    if cli.json {
        say!("{}", serde_json::json!({"url": url, "capture": folder}));
    } else {
        say!("What is asked at {url} goes to the tenant, and is written to {} without its people.", folder.display());
        say!();
        say!(
            "Ask it:       set api_server = \"{url}\" in a copy of your configuration, and sync into a throw-away target"
        );
        say!("Replay it:    {} simulate --replay {}", simulated::program(), folder.display());
        say!();
        if let Some(file) = &args.key {
            say!("The made-up values are chosen by {}: keep it apart from the capture.", file.display());
        } else {
            say!("The made-up values are chosen by a secret that is forgotten at the end; --key FILE keeps one.");
        }
        say!("Only reading passes. Step by step: docs/guide/record-a-tenant.md. Ctrl-C ends it.");
    }
    stop.wait().await;
    let (captured, refused, failed) = (recording.captured(), recording.refused(), recording.failed());
    recording.stop().await.map_err(|error| Wrong::new(Exit::Failed, error.to_string()))?;
    if !cli.json {
        say!(
            "{captured} requests are captured in {}; {refused} would have changed something and were refused.",
            folder.display()
        );
    }
    match failed {
        Some(why) => Err(Wrong::new(Exit::Failed, format!("the capture is not whole: {why}"))),
        None => Ok(Exit::Done),
    }
}

/// The secret in a file, which is made when it is not there. It must not lie in the capture, nor be anybody else's to read.
fn key_of(file: &Path, folder: &Path) -> Result<SecretSlice<u8>, Wrong> {
    let wrong = |error: std::io::Error| Wrong::usage(format!("the key {} cannot be used: {error}", file.display()));
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if absolute(file).starts_with(absolute(folder)) {
        return Err(Wrong::usage(format!(
            "the key {} would lie in the capture, where whoever gets the capture gets it: keep it elsewhere",
            file.display()
        )));
    }
    match std::fs::File::open(file) {
        Ok(mut opened) => {
            if opened.metadata().map_err(wrong)?.permissions().mode() & 0o077 != 0 {
                return Err(Wrong::usage(format!("others can read the key {}: chmod 600 it", file.display())));
            }
            let mut text = String::new();
            opened.read_to_string(&mut text).map_err(wrong)?;
            let bytes = from_hex(text.trim());
            let bytes =
                bytes.ok_or_else(|| Wrong::usage(format!("{} holds no key: 64 hexadecimal digits", file.display())))?;
            Ok(SecretSlice::from(bytes))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let bytes = random()?;
            let mut text = String::with_capacity(2 * LENGTH);
            for byte in bytes {
                let _ = write!(text, "{byte:02x}");
            }
            let mut made =
                std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(wrong)?;
            made.write_all((text + "\n").as_bytes()).map_err(wrong)?;
            Ok(SecretSlice::from(bytes.to_vec()))
        }
        Err(error) => Err(wrong(error)),
    }
}

fn random() -> Result<[u8; LENGTH], Wrong> {
    let mut bytes = [0; LENGTH];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Wrong::new(Exit::Failed, "the random source fails".to_owned()))?;
    Ok(bytes)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
    (digits.len() == 2 * LENGTH).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, capture) = (folder.path().join("capture.key"), folder.path().join("capture"));
        let first = key_of(&file, &capture).expect("a new key");
        assert_eq!(file.metadata().expect("its mode").permissions().mode() & 0o777, 0o600);
        let again = key_of(&file, &capture).expect("the same key");
        assert!(first.expose_secret() == again.expose_secret() && first.expose_secret().len() == LENGTH);
        assert!(key_of(&capture.join("key"), &capture).is_err(), "not in the capture");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("another mode");
        assert!(key_of(&file, &capture).is_err(), "nobody else reads it");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("another mode");
        std::fs::write(&file, "short").expect("written");
        assert!(key_of(&file, &capture).is_err());
    }
}
