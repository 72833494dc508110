//! The house keeps its own rules: files are one idea each, documents name what is there.

use std::path::{Path, PathBuf};

use clap::CommandFactory;
use joinery::cli::Cli;
use joinery_engine::spec::{RuleSpec, RuleTable};

const LONGEST: usize = 520;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() && !entry.ends_with("target") {
            rust_files(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
}

#[test]
fn no_file_holds_more_than_one_idea() {
    let mut files = Vec::new();
    for folder in ["src", "crates", "tests", "benches"] {
        rust_files(&root().join(folder), &mut files);
    }
    assert!(files.len() > 100, "the files were found");
    let long: Vec<_> = files
        .iter()
        .map(|file| (std::fs::read_to_string(file).expect("a source file").lines().count(), file))
        .filter(|(lines, _)| *lines > LONGEST)
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:?}");
}

#[test]
fn every_command_and_flag_is_in_the_reference() {
    let page = read("docs/reference/cli.md");
    let mut missing = Vec::new();
    for command in Cli::command().get_subcommands() {
        let named = |end: char| page.contains(&format!("`{}{end}", command.get_name()));
        if !named('`') && !named(' ') {
            missing.push(command.get_name().to_owned());
        }
        for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
            if flag != "help" && flag != "version" && !page.contains(&format!("--{flag}")) {
                missing.push(format!("{} --{flag}", command.get_name()));
            }
        }
    }
    assert!(missing.is_empty(), "docs/reference/cli.md does not name {missing:?}");
}

/// The tables of a configuration: a part of it in which that table has a key that nobody knows; where the shipped file
/// shows the table, and the reference describes it.
const TABLES: [(&str, &str, &str); 14] = [
    ("[store]\nNOBODY = 1", "[store]", "## `[store]`"),
    ("[connection.a]\nNOBODY = 1", "[connection.", "## `[connection.NAME]`"),
    ("[target.a]\ntype = \"sql\"\nNOBODY = 1", "[target.hr]", "### `type = \"sql\"`"),
    ("[target.a]\ntype = \"scim\"\nNOBODY = 1", "[target.app]", "### `type = \"scim\"`"),
    ("[target.a]\ntype = \"scim\"\nurl = \"\"\noauth = { NOBODY = 1 }", "[target.app]", "### `type = \"scim\"`"),
    ("[target.a]\ntype = \"csv\"\nNOBODY = 1", "[target.file]", "### `type = \"csv\"`"),
    ("[target.a]\ntype = \"successfactors\"\nNOBODY = 1", "[target.back]", "### `type = \"successfactors\"`"),
    ("[sync.a]\nNOBODY = 1", "[sync.people]", "## `[sync.NAME]`"),
    ("[sync.a.employment]\nNOBODY = 1", "[sync.people.employment]", "### `[sync.NAME.employment]`"),
    ("[sync.a.leaver]\nNOBODY = 1", "[sync.people.leaver]", "### `[sync.NAME.leaver]`"),
    ("[sync.a.guard]\nNOBODY = 1", "[sync.people.guard]", "### `[sync.NAME.guard]`"),
    ("[[sync.a.rule]]\nNOBODY = 1", "[[sync.people.rule]]", "### `[[sync.NAME.rule]]`"),
    ("[notify]\nNOBODY = 1", "[notify]", "## `[notify]`"),
    ("NOBODY = 1", "", ""),
];

/// The keys of a rule of a mapping, as its parser names them.
fn rule_keys() -> Vec<String> {
    let wrong = toml::from_str::<RuleTable>("NOBODY = 1").expect_err("nobody knows it");
    named(wrong.message())
}

/// The keys that a parser expected in place of one that it does not know.
fn named(wrong: &str) -> Vec<String> {
    let (_, known) = wrong.split_once("`NOBODY`, expected").unwrap_or_else(|| panic!("{wrong}"));
    known.lines().next().unwrap_or_default().split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_of_a_mapping_rule_is_in_the_default_file_the_reference_and_the_parsers_own_words() {
    let (default, page) = (read("joinery.default.toml"), read("docs/reference/configuration.md"));
    let shown = part(&default, "[mapping.", |line| line.starts_with('['));
    let described = part(&page, "## `[mapping.NAME]`", |line| line.starts_with("##"));
    let told = toml::from_str::<RuleSpec>("NOBODY = 1").expect_err("no rule is made so").message().to_owned();
    let keys = rule_keys();
    assert!(keys.len() >= 9, "{keys:?}");
    let mut missing = Vec::new();
    for key in keys {
        let sets = |line: &&str| ["{ ", ", "].iter().any(|before| line.contains(&format!("{before}{key} = ")));
        if !shown.iter().any(sets) {
            missing.push(format!("joinery.default.toml: [mapping.*] {key}"));
        }
        if !described.iter().any(|line| line.starts_with('|') && line.contains(&format!("`{key}`"))) {
            missing.push(format!("docs/reference/configuration.md: [mapping.NAME] {key}"));
        }
        if !told.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == key) {
            missing.push(format!("what a wrong rule is told: {key}"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The lines of the parts under headings that begin so.
fn part<'a>(text: &'a str, heading: &str, is_heading: fn(&str) -> bool) -> Vec<&'a str> {
    let mut within = false;
    let lines = text.lines().map(|line| line.strip_prefix("#:").unwrap_or(line).trim_start());
    lines
        .filter(|line| {
            if is_heading(line) {
                within = line.starts_with(heading);
            }
            within && !is_heading(line)
        })
        .collect()
}

/// The keys that a table may have, as the parser names them when it meets one that it does not know.
fn known_keys(text: &str) -> Vec<String> {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("a configuration");
    let wrong = match joinery::config::Configuration::read(file.path()) {
        Ok(_) => panic!("{text:?} is taken"),
        Err(wrong) => wrong.to_string(),
    };
    named(&wrong)
}

#[test]
fn every_key_is_in_the_default_file_and_in_the_reference() {
    let (default, page) = (read("joinery.default.toml"), read("docs/reference/configuration.md"));
    let mut missing = Vec::new();
    let mut count = 0;
    for (text, table, section) in TABLES {
        let shown = part(&default, table, |line| line.starts_with('['));
        let described = part(&page, section, |line| line.starts_with("##"));
        for key in known_keys(text) {
            count += 1;
            // Tables have headings of their own.
            if section.is_empty() || ["employment", "leaver", "guard", "rule"].contains(&key.as_str()) {
                let heading = format!("[{}{key}", if section.is_empty() { "" } else { "sync.people." });
                if !default.contains(&heading) {
                    missing.push(format!("joinery.default.toml: {heading}]"));
                }
                continue;
            }
            let sign = format!("{key} = ");
            let sets = |line: &&str| {
                let mut starts = line.match_indices(&sign).map(|(at, _)| at);
                starts.any(|at| line[..at].chars().next_back().is_none_or(|before| " {".contains(before)))
            };
            let is_shown = shown.iter().any(sets) || table.contains("target") && key == "type";
            if !is_shown {
                missing.push(format!("joinery.default.toml: {table} {key}"));
            }
            if !described.iter().any(|line| line.starts_with('|') && line.contains(&format!("`{key}`"))) {
                missing.push(format!("docs/reference/configuration.md: {section} {key}"));
            }
        }
    }
    assert!(count > 90, "{count} keys were found");
    assert!(missing.is_empty(), "{missing:#?}");
}
