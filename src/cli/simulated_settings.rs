//! The file of `simulate --settings`: switches of the simulated tenant, and what else a tenant may be set to.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::SignedDuration;
use joinery_simulator::world::PasswordPolicy;
use joinery_simulator::{OptionProfile, RateLimits, Settings, Switches, Writing};
use serde::Deserialize;

use super::failure::Wrong;
use crate::config::{Problem, Problems, SecretRef, duration, line_of, path_at};

/// What stands for a limit that there is none of.
const NONE: &str = "none";

/// The settings as they are written. What is left out has the default of [`Settings::new`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsFile {
    application_token_lifetime: Option<String>,
    basic_password: Option<SecretRef>,
    lock_after: Option<Limit>,
    password_age: Option<String>,
    token_lifetime: Option<String>,
    session_lifetime: Option<String>,
    skew: Option<String>,
    strict_clock: Option<bool>,
    public_url: Option<String>,
    rate_limits: RateLimitsTable,
    page_size: Option<usize>,
    expand_limit: Option<usize>,
    snapshot_lifetime: Option<String>,
    writing: WritingTable,
    switches: Switches,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RateLimitsTable {
    odata: Option<Limit>,
    scim: Option<Limit>,
    retry_after: Option<Limit>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WritingTable {
    demanded_of_users: Option<Vec<String>>,
    option_profiles: Option<BTreeMap<String, ProfileTable>>,
    passwords: PasswordsTable,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ProfileTable {
    welcome_mail: Option<bool>,
    process_inactive: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PasswordsTable {
    shortest: Option<usize>,
    longest: Option<usize>,
    classes: Option<usize>,
}

/// A number, or the word `none`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "write a whole number from 0 on, or \"none\"")]
enum Limit {
    Number(u32),
    Word(String),
}

impl SettingsFile {
    /// Reads a file and puts what it says into `settings`.
    pub fn read_into(file: &Path, settings: &mut Settings) -> Result<(), Wrong> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Wrong::usage(format!("the settings {} cannot be read: {error}", file.display())))?;
        let base = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let list = match toml::from_str::<Self>(&text) {
            Ok(read) => read.put(settings, base),
            Err(error) => {
                let start = error.span().map(|span| span.start.min(text.len()));
                let line = start.and_then(|start| text.get(..start)).map(|before| before.matches('\n').count() + 1);
                let key = start.and_then(|start| path_at(&text, start)).unwrap_or_default();
                let problem = Problem { key, line, message: error.message().to_owned() };
                return Err(Wrong::usage(Problems { file: file.to_owned(), list: vec![problem] }.to_string()));
            }
        };
        if list.is_empty() {
            return Ok(());
        }
        let problem =
            |(key, message): (&str, String)| Problem { line: line_of(&text, key), key: key.to_owned(), message };
        let list = list.into_iter().map(problem).collect();
        Err(Wrong::usage(Problems { file: file.to_owned(), list }.to_string()))
    }

    /// Answers what is wrong, by key.
    fn put(self, settings: &mut Settings, base: &Path) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        let spans: [(&'static str, Option<String>, &mut SignedDuration); 5] = [
            ("application_token_lifetime", self.application_token_lifetime, &mut settings.application_token_lifetime),
            ("token_lifetime", self.token_lifetime, &mut settings.token_lifetime),
            ("session_lifetime", self.session_lifetime, &mut settings.session_lifetime),
            ("skew", self.skew, &mut settings.skew),
            ("snapshot_lifetime", self.snapshot_lifetime, &mut settings.snapshot_lifetime),
        ];
        for (key, text, place) in spans {
            let Some(text) = text else { continue };
            match span(&text) {
                Ok(span) => *place = span,
                Err(message) => wrong.push((key, message)),
            }
        }
        match self.password_age.as_deref() {
            None => {}
            Some(NONE) => settings.password_age = None,
            Some(text) => match span(text) {
                Ok(span) => settings.password_age = Some(span),
                Err(message) => wrong.push(("password_age", format!("{message}; or \"{NONE}\""))),
            },
        }
        let RateLimits { odata, scim, retry_after } = &mut settings.rate_limits;
        for (key, limit, place) in [
            ("lock_after", self.lock_after, &mut settings.lock_after),
            ("rate_limits.odata", self.rate_limits.odata, odata),
            ("rate_limits.scim", self.rate_limits.scim, scim),
            ("rate_limits.retry_after", self.rate_limits.retry_after, retry_after),
        ] {
            match limit {
                None => {}
                Some(Limit::Number(number)) => *place = Some(number),
                Some(Limit::Word(word)) if word == NONE => *place = None,
                Some(Limit::Word(_)) => wrong.push((key, format!("write a whole number from 0 on, or \"{NONE}\""))),
            }
        }
        if let Some(reference) = self.basic_password {
            match reference.open(base) {
                Ok(password) => settings.basic_password = Some(password),
                Err(message) => wrong.push(("basic_password", message)),
            }
        }
        if let Some(url) = self.public_url {
            let address = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            if address.is_none_or(|address| address.is_empty() || address.contains(['/', ' ', '?', '#', '@'])) {
                wrong.push(("public_url", "write scheme and host, such as https://tenant.example.com:443".to_owned()));
            }
            settings.public_url = Some(url);
        }
        for (key, number, place) in [
            ("page_size", self.page_size, &mut settings.page_size),
            ("expand_limit", self.expand_limit, &mut settings.expand_limit),
        ] {
            match number {
                Some(0) => wrong.push((key, "write a whole number from 1 on".to_owned())),
                Some(number) => *place = number,
                None => {}
            }
        }
        settings.strict_clock = self.strict_clock.unwrap_or(settings.strict_clock);
        for (key, status) in [
            ("switches.batch_status", self.switches.batch_status),
            ("switches.merge_status", self.switches.merge_status),
            ("switches.expired_token_status", self.switches.expired_token_status),
        ] {
            if !(200..=599).contains(&status) {
                wrong.push((key, "write a status of HTTP, from 200 to 599".to_owned()));
            }
        }
        settings.switches = self.switches;
        self.writing.put(&mut settings.writing);
        wrong
    }
}

impl WritingTable {
    fn put(self, writing: &mut Writing) {
        if let Some(names) = self.demanded_of_users {
            writing.demanded_of_users = names;
        }
        if let Some(profiles) = self.option_profiles {
            let profile = |table: ProfileTable| {
                let OptionProfile { welcome_mail, process_inactive } = OptionProfile::default();
                OptionProfile {
                    welcome_mail: table.welcome_mail.unwrap_or(welcome_mail),
                    process_inactive: table.process_inactive.unwrap_or(process_inactive),
                }
            };
            writing.option_profiles = profiles.into_iter().map(|(id, table)| (id, profile(table))).collect();
        }
        let PasswordPolicy { shortest, longest, classes } = writing.passwords;
        writing.passwords = PasswordPolicy {
            shortest: self.passwords.shortest.unwrap_or(shortest),
            longest: self.passwords.longest.unwrap_or(longest),
            classes: self.passwords.classes.unwrap_or(classes),
        };
    }
}

fn span(text: &str) -> Result<SignedDuration, String> {
    // Dates of the company end in 9999: what is longer than a hundred years is no life of a token.
    const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 36_500);
    let span = SignedDuration::try_from(duration::parse(text)?).unwrap_or(SignedDuration::MAX);
    if span > LONGEST { Err(format!("`{text}` is more than 36500d")) } else { Ok(span) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use joinery_simulator::TimeSource;
    use joinery_simulator::world::Seed;
    use serde_json::{Map, Value as Json};

    use super::*;

    const REFERENCE: &str = include_str!("../../docs/reference/simulator.md");
    /// What the command line has flags for, or makes itself.
    const ELSEWHERE: [&str; 5] = ["clients", "state", "replay", "mutual_tls", "applications"];

    fn fresh() -> Settings {
        let now = jiff::Timestamp::UNIX_EPOCH;
        Settings::new("A", Seed::new(1, 10, now), TimeSource::fixed(now))
    }

    fn read(text: &str) -> Result<Settings, String> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("password"), "geheim\n").expect("written");
        let file = folder.path().join("tenant.toml");
        std::fs::write(&file, text).expect("written");
        let mut settings = fresh();
        SettingsFile::read_into(&file, &mut settings).map_err(|wrong| wrong.message)?;
        Ok(settings)
    }

    /// Name and default of each row of the table under this head.
    fn table(head: &str) -> Vec<(&'static str, &'static str)> {
        let rows = REFERENCE.split_once(head).expect("the table").1.lines().skip(2);
        let rows = rows.take_while(|line| line.starts_with('|'));
        rows.map(|row| {
            let name = row.split('`').nth(1).expect("a name");
            (name, row.trim_end_matches(" |").rsplit("| ").next().expect("a default"))
        })
        .collect()
    }

    fn switches(settings: &Settings) -> Map<String, Json> {
        serde_json::to_value(settings.switches).expect("json").as_object().expect("an object").clone()
    }

    #[test]
    fn every_switch_of_the_reference_can_be_turned() {
        let rows = table("| switch, where evidence conflicts | default |");
        let defaults = switches(&fresh());
        let named: BTreeSet<&str> = rows.iter().map(|(name, _)| *name).collect();
        assert_eq!(named, defaults.keys().map(String::as_str).collect(), "the reference names every switch");
        for (name, default) in rows {
            assert_eq!(defaults[name].to_string(), default, "{name}");
            let other = match &defaults[name] {
                Json::Bool(on) => (!on).to_string(),
                number => (number.as_u64().expect("a number") + 1).to_string(),
            };
            let turned = switches(&read(&format!("[switches]\n{name} = {other}\n")).expect(name));
            let differ: Vec<_> = defaults.iter().filter(|(key, value)| turned[*key] != **value).collect();
            assert_eq!((differ.len(), turned[name].to_string()), (1, other), "{name}: {differ:?}");
        }
    }

    #[test]
    fn every_setting_of_the_reference_can_be_set() {
        let lines = [
            "basic_password = { file = \"password\" }",
            "application_token_lifetime = \"2h\"",
            "lock_after = \"none\"",
            "password_age = \"90d\"",
            "token_lifetime = \"1h\"",
            "session_lifetime = \"30m\"",
            "skew = \"5s\"",
            "strict_clock = true",
            "public_url = \"https://tenant.example.com:443\"",
            "rate_limits = { odata = 9, scim = \"none\", retry_after = 3 }",
            "page_size = 100",
            "expand_limit = 5000",
            "snapshot_lifetime = \"1m\"",
            "writing.demanded_of_users = [\"custom01\"]",
            "writing.option_profiles = { loud = { welcome_mail = true } }",
            "writing.passwords = { shortest = 12, longest = 30, classes = 4 }",
        ];
        let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        let rows = table("| setting | default | meaning |");
        let named: BTreeSet<_> = rows.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(named, lines.iter().map(|line| name(line)).chain(ELSEWHERE.map(str::to_owned)).collect());
        let before = format!("{:?}", fresh());
        for line in lines {
            assert_ne!(format!("{:?}", read(line).expect(line)), before, "{line}");
        }
        assert_eq!(format!("{:?}", read("").expect("nothing")), before);
        let limits = read("[rate_limits]\nodata = 9\nscim = \"none\"\nretry_after = 3\n").expect("limits").rate_limits;
        assert_eq!(limits, RateLimits { odata: Some(9), scim: None, retry_after: Some(3) });
    }

    #[test]
    fn what_is_wrong_is_told_by_key_and_line() {
        for (text, told) in [
            ("\n[switches]\nmetadata_etag = true\n", "line 3: switches.metadata_etag: unknown field"),
            ("[switches]\nbatch_status = \"x\"\n", "line 2: switches.batch_status: invalid type"),
            ("[switches]\nmerge_status = 20\n", "line 2: switches.merge_status: write a status"),
            ("basic = true\n", "line 1: basic: unknown field"),
            ("\nskew = \"soon\"\n", "line 2: skew: `soon` is not a duration"),
            ("skew = \"90000000d\"\n", "line 1: skew: `90000000d` is more than"),
            ("[rate_limits]\nscim = \"few\"\n", "line 2: rate_limits.scim: write a whole number"),
            ("[rate_limits]\nscim = -1\n", "line 2: rate_limits.scim: write a whole number"),
            ("page_size = 0\n", "line 1: page_size: write a whole number from 1"),
            ("public_url = \"tenant.example.com\"\n", "line 1: public_url: write scheme and host"),
            ("basic_password = \"geheim\"\n", "line 1: basic_password: a secret is given by reference"),
            ("basic_password = { file = \"nowhere\" }\n", "line 1: basic_password: the file"),
        ] {
            let message = read(text).expect_err(text);
            assert!(message.contains(told), "{message}");
            assert!(!message.contains("geheim"), "{message}");
        }
    }
}
