//! `[sync.*]` → a compiled sync, or everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use joinery_model::{EmploymentPolicy, Needs};

use super::{Compiled, Guard, Leaver, Rules, Sync, TargetRules};
use crate::cel::Expr;
use crate::mapping::Mapping;
use crate::spec::{EmploymentSpec, GuardSpec, MappingChoice, MappingSpec, SpecError, SyncSpec};

impl Sync {
    /// Compiles a sync with the mappings it names. Every problem is reported, each with its key path; whether the
    /// targets and the connection exist is for whoever has them.
    pub fn compile(
        name: &str,
        spec: &SyncSpec,
        mappings: &BTreeMap<String, MappingSpec>,
    ) -> Result<Self, Vec<SpecError>> {
        let key = format!("sync.{name}");
        let mut errors = Vec::new();
        if spec.targets.is_empty() {
            errors.push(SpecError::at(format!("{key}.targets"), "name at least one target"));
        }
        let mut compiled: Vec<Mapping> = Vec::new();
        let mut used: BTreeMap<&str, usize> = BTreeMap::new();
        let mut targets = Vec::new();
        let mut named = BTreeSet::new();
        for target in &spec.targets {
            if !named.insert(target) {
                errors.push(SpecError::at(format!("{key}.targets"), format!("{target} is named twice")));
                continue;
            }
            let Some((mapping_key, mapping)) = chosen(&key, &spec.mapping, target, &mut errors) else { continue };
            let at = if let Some(at) = used.get(mapping) {
                *at
            } else if let Some(spec) = mappings.get(mapping) {
                compiled.push(Mapping::compile(&format!("mapping.{mapping}"), spec, &mut errors));
                used.insert(mapping, compiled.len() - 1);
                compiled.len() - 1
            } else {
                let defined: Vec<&str> = mappings.keys().map(String::as_str).collect();
                let message = format!("there is no [mapping.{mapping}]; defined: {}", defined.join(", "));
                errors.push(SpecError::at(mapping_key, message));
                continue;
            };
            targets.push(TargetRules { name: target.as_str().into(), mapping: at });
        }
        if let MappingChoice::PerTarget(choices) = &spec.mapping {
            for target in choices.keys().filter(|target| !spec.targets.contains(target)) {
                let message = format!("{target} is not among the targets of this sync");
                errors.push(SpecError::at(format!("{key}.mapping.{target}"), message));
            }
        }
        // What could not be compiled is unknown; complaining about its attributes would be noise.
        let sound = errors.is_empty();
        let known =
            |attribute: &str| !sound || compiled.iter().any(|mapping| mapping.names().any(|name| name == attribute));
        for (at, attribute) in spec.correlate.iter().enumerate() {
            let missing = targets.iter().find(|target| !compiled[target.mapping].has(attribute));
            if let Some(target) = missing.filter(|_| sound) {
                let message = format!("the mapping for {} does not give the attribute {attribute}", target.name);
                errors.push(SpecError::at(format!("{key}.correlate[{at}]"), message));
            }
        }
        if spec.adopt_only && spec.correlate.is_empty() {
            let message = "adopting needs attributes to find accounts by; give correlate";
            errors.push(SpecError::at(format!("{key}.adopt_only"), message));
        }
        let rules = Rules::compile(&key, &spec.rules, known, &mut errors);
        let guard = Guard::compile(&format!("{key}.guard"), &spec.guard, known, &mut errors);
        let only = spec.only.as_deref().and_then(|only| {
            Expr::compile(only).map_err(|message| errors.push(SpecError::at(format!("{key}.only"), message))).ok()
        });
        let policy = policy(&format!("{key}.employment"), &spec.employment, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut paths = BTreeSet::new();
        for mapping in &compiled {
            mapping.needs(&mut paths);
        }
        paths.extend(only.iter().flat_map(|only| only.paths().iter().cloned()));
        Ok(Self(Arc::new(Compiled {
            name: name.into(),
            connection: spec.connection.as_str().into(),
            root: spec.read,
            policy: Arc::new(policy),
            targets,
            correlate: spec.correlate.iter().map(|attribute| attribute.as_str().into()).collect(),
            adopt_only: spec.adopt_only,
            lost_accounts: spec.lost_accounts,
            only,
            leaver: Leaver::new(&spec.leaver, spec.lead_days),
            guard,
            rules,
            needs: Needs { paths },
            config_hash: hash(spec, mappings, used.keys().copied()),
            mappings: compiled,
        })))
    }
}

fn chosen<'a>(
    key: &str,
    choice: &'a MappingChoice,
    target: &str,
    errors: &mut Vec<SpecError>,
) -> Option<(String, &'a str)> {
    match choice {
        MappingChoice::One(mapping) => Some((format!("{key}.mapping"), mapping)),
        MappingChoice::PerTarget(choices) => {
            let key = format!("{key}.mapping.{target}");
            let mapping = choices.get(target);
            if mapping.is_none() {
                errors.push(SpecError::at(key.as_str(), format!("say which mapping makes the records for {target}")));
            }
            mapping.map(|mapping| (key, mapping.as_str()))
        }
    }
}

fn policy(key: &str, spec: &EmploymentSpec, errors: &mut Vec<SpecError>) -> EmploymentPolicy {
    let mut policy = EmploymentPolicy::default();
    if let Some(prefer) = &spec.prefer {
        policy.prefer.clone_from(prefer);
    }
    policy.classes.clone_from(&spec.classes);
    policy.assume_active = spec.assume_active;
    if let Some(codes) = &spec.leave_codes {
        policy.leave_codes.clone_from(codes);
    }
    if let Some(zone) = &spec.zone {
        match TimeZone::get(zone) {
            Ok(found) => policy.zone = found,
            Err(_) => errors.push(SpecError::at(
                format!("{key}.zone"),
                format!("{zone} is not a time zone that this machine knows; write an IANA name such as Europe/Berlin"),
            )),
        }
    }
    policy
}

/// FNV-1a over the stored form, 128 bits: stable everywhere, and nobody gains by forging it.
fn hash<'a>(
    spec: &SyncSpec,
    mappings: &BTreeMap<String, MappingSpec>,
    used: impl Iterator<Item = &'a str>,
) -> Arc<str> {
    let gone = spec.guard.gone;
    let shape =
        SyncSpec { every: None, full_every: None, guard: GuardSpec { gone, ..GuardSpec::default() }, ..spec.clone() };
    let used: BTreeMap<&str, Option<&MappingSpec>> = used.map(|name| (name, mappings.get(name))).collect();
    // Serialising plain data into memory cannot fail; if it did, the two parts would still tell syncs apart.
    let text = serde_json::to_string(&(shape, used)).unwrap_or_default();
    let mut state: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for byte in text.bytes() {
        state = (state ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    format!("{state:032x}").into()
}
