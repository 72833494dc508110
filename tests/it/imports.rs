//! Who may import whom: the edges of `docs/ARCHITECTURE.md`, and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Room, and the rooms it may import (normal and build dependencies). Tests may import more.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("odata", &[]),
    ("scim", &["model"]),
    ("tenant", &["model", "odata", "scim"]),
    ("simulator", &["odata", "scim"]),
    ("store", &["model"]),
    ("engine", &["model"]),
    ("targets", &["model", "scim"]),
];

/// The packages of the workspace, as `cargo metadata` tells them.
pub fn packages() -> Vec<serde_json::Value> {
    let answer = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo metadata runs");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let mut metadata: serde_json::Value = serde_json::from_slice(&answer.stdout).expect("cargo metadata is JSON");
    match metadata["packages"].take() {
        serde_json::Value::Array(packages) => packages,
        _ => panic!("cargo metadata lists no packages"),
    }
}

#[test]
fn every_room_imports_only_what_the_house_allows() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        MAY_IMPORT.iter().map(|(room, rooms)| (*room, rooms.iter().copied().collect())).collect();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        let Some(room) = name.strip_prefix("joinery-") else { continue };
        let Some(rooms) = allowed.get(room) else {
            wrong.push(format!("the room {room} is not in the rules"));
            continue;
        };
        seen.insert(room.to_owned());
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let kind = dependency["kind"].as_str().unwrap_or("normal");
            let Some(other) = dependency["name"].as_str().and_then(|name| name.strip_prefix("joinery-")) else {
                continue;
            };
            if kind != "dev" && !rooms.contains(other) {
                wrong.push(format!("{room} imports {other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(seen.len(), MAY_IMPORT.len(), "the rules name a room that is not there");
}

#[test]
fn nothing_is_built_from_what_is_banned() {
    let deny: toml::Table = toml::from_str(include_str!("../../deny.toml")).expect("deny.toml is TOML");
    let banned: BTreeSet<&str> = deny["bans"]["deny"]
        .as_array()
        .expect("a list of crates")
        .iter()
        .map(|ban| ban["crate"].as_str().expect("a crate"))
        .collect();
    assert!(banned.contains("openssl") && banned.contains("ring"), "the bans were read: {banned:?}");
    // `cargo metadata` also names crates that no feature asks for.
    let answer = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--offline", "--locked", "--edges=all", "--prefix=none", "--format={p}"])
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo tree runs");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let tree = String::from_utf8_lossy(&answer.stdout);
    let built: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(built.contains("aws-lc-rs") && built.len() > 200, "the crates were found: {}", built.len());
    let wrong: Vec<_> = banned.intersection(&built).collect();
    assert!(wrong.is_empty(), "banned by deny.toml, and built: {wrong:?}");
}
