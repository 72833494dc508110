//! Random worlds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use joinery_engine::spec::{MappingSpec, SyncSpec};
use joinery_engine::{Ended, Engine, EngineError, Patience, Report, Run, Stop, Sync};
use joinery_model::{FixedClock, Journal, RunKind, Value};
use proptest::prelude::*;

use crate::fused::{CRASHED, Fused};
use crate::journal::MemoryJournal;
use crate::world::{Accounts, Edit, Inner, World, key};

pub const MAPPING: &str = r#"
id = "id"
name = "name"
department = { cel = "p.job.departmentNav.name" }
manager = { person = "job.managerId" }
"#;

pub const SYNC: &str = r#"
connection = "c"
targets = ["byid", "byname"]
mapping = "m"
correlate = ["id"]
lead_days = 1
[guard]
create = "100%"
update = "100%"
disable = "100%"
delete = "100%"
population = "100%"
[leaver]
grace_days = 1
"#;

pub type On<J> = Engine<World, Accounts<J>, Fused<J>, FixedClock>;
pub type Bench = On<MemoryJournal>;

pub fn compile(sync: &str, mapping: &str) -> Sync {
    let mapping: MappingSpec = toml::from_str(mapping).unwrap();
    let sync: SyncSpec = toml::from_str(sync).unwrap();
    Sync::compile("people", &sync, &BTreeMap::from([("m".to_owned(), mapping)])).unwrap()
}

pub fn bench(world: &World) -> Bench {
    bench_on(world, MemoryJournal::default())
}

pub fn bench_on<J: Journal + Clone>(world: &World, journal: J) -> On<J> {
    let journal = Fused::new(journal);
    let targets = [("byid", true), ("byname", false)];
    Engine {
        source: world.clone(),
        targets: targets.map(|(name, by_id)| (name.into(), Accounts::new(by_id, journal.clone()))).into(),
        journal,
        clock: FixedClock::at("2026-11-21T08:00:00Z".parse().unwrap()),
        holder: "test".into(),
        patience: Patience {
            wait: Duration::from_secs(1000),
            outages: 50,
            tries: 50,
            batch: 4,
            restarts: 50,
            ..Patience::default()
        },
    }
}

pub fn block<R>(future: impl Future<Output = R>) -> R {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

pub async fn run<J: Journal>(bench: &On<J>, sync: &Sync, kind: RunKind) -> Result<Report, EngineError> {
    bench.run(sync, Run { kind: Some(kind), ..Run::default() }, &|_| {}, &Stop::never()).await
}

/// The target as the mapping of the source: everybody who should have an account has one that says the right things,
/// and whoever has left has none that is usable.
pub fn check<J>(world: &Inner, bench: &On<J>) -> Result<(), TestCaseError> {
    let today = world.today();
    for (name, target) in &bench.targets {
        let table = target.table.lock().unwrap();
        for (who, person) in &world.people {
            let id: Arc<str> = format!("acc-{}", key(*who)).into();
            let account = table.get(&id);
            let started = person.start.checked_sub(jiff::ToSpan::days(1i64)).unwrap() <= today;
            let ended =
                |days: i64| person.end.is_some_and(|end| end.checked_add(jiff::ToSpan::days(days)).unwrap() < today);
            let left = ended(1);
            if !started || left {
                prop_assert!(account.is_none_or(|account| !account.active), "{name}: {who} should not be active");
                continue;
            }
            // In the grace days an account that is there stays as it was; nobody gets a new one.
            prop_assert!(account.is_some() || ended(0), "{name}: {who} has no account");
            let Some(account) = account else { continue };
            prop_assert!(account.active, "{name}: {who} is not active");
            let text = |attribute: &str| account.attributes.get(attribute).map(Value::to_plain);
            prop_assert_eq!(text("name"), Some(person.name.clone()));
            prop_assert_eq!(text("department"), Some(world.department(person).to_owned()));
            let manager = match person.manager {
                None => Some(String::new()),
                Some(by) if !target.by_id => Some(format!("u{by:02}")),
                Some(by) => {
                    let id: Arc<str> = format!("acc-{}", key(by)).into();
                    // A manager without an account is waited for: what stood there before may still stand there.
                    if table.contains_key(&id) && world.people.contains_key(&by) {
                        Some(id.to_string())
                    } else {
                        text("manager")
                    }
                }
            };
            prop_assert_eq!(
                text("manager").unwrap_or_default(),
                manager.unwrap_or_default(),
                "{}: manager of {}",
                name,
                who
            );
        }
    }
    Ok(())
}

fn edit() -> impl Strategy<Value = Edit> {
    let who = 0u8..12;
    prop_oneof![
        4 => (who.clone(), 0u8..4).prop_map(|(who, starts_in)| Edit::Hire { who, starts_in }),
        2 => (who.clone(), any::<u8>()).prop_map(|(who, name)| Edit::Rename { who, name }),
        1 => (who.clone(), 0u8..3).prop_map(|(who, department)| Edit::Move { who, department }),
        2 => (who.clone(), proptest::option::of(who.clone())).prop_map(|(who, by)| Edit::Manage { who, by }),
        1 => (who.clone(), 0u8..3).prop_map(|(who, in_days)| Edit::Leave { who, in_days }),
        1 => who.clone().prop_map(|who| Edit::Return { who }),
        1 => who.prop_map(|who| Edit::Vanish { who }),
        1 => (0u8..3, any::<u8>()).prop_map(|(department, name)| Edit::RenameDepartment { department, name }),
        1 => Just(Edit::NextDay),
    ]
}

#[derive(Clone, Debug)]
pub struct Act {
    pub before: Vec<Edit>,
    pub meanwhile: Vec<Edit>,
    pub full: bool,
    pub plan: bool,
    pub apply: bool,
    pub source: Vec<u8>,
    pub target: Vec<u8>,
    pub dies: Option<u16>,
    pub after: bool,
}

pub fn act() -> impl Strategy<Value = Act> {
    let edits = |most| proptest::collection::vec(edit(), 0..most);
    (
        edits(8),
        edits(4),
        any::<bool>(),
        (proptest::bool::weighted(0.25), any::<bool>()),
        proptest::collection::vec(0u8..3, 0..6),
        proptest::collection::vec(0u8..6, 0..6),
        proptest::option::weighted(0.6, 0u16..60),
        any::<bool>(),
    )
        .prop_map(|(before, meanwhile, full, (plan, apply), source, target, dies, after)| Act {
            before,
            meanwhile,
            full,
            plan,
            apply,
            source,
            target,
            dies,
            after,
        })
}

/// After quiescence by delta runs alone, the target is the mapping of the source; nothing was delivered from an
/// unfinished walk (the target asserts it), every run that ended balanced (the engine refuses one that does not).
async fn law<J: Journal + Clone>(acts: Vec<Act>, journal: J) -> Result<(), TestCaseError> {
    let world = World::new();
    let sync = compile(SYNC, MAPPING);
    let bench = bench_on(&world, journal);
    for act in acts {
        {
            let mut world = world.lock();
            act.before.iter().for_each(|edit| world.edit(edit));
            world.meanwhile = act.meanwhile;
            world.mishaps = act.source;
        }
        for target in bench.targets.values() {
            target.mishaps.lock().unwrap().clone_from(&act.target);
        }
        bench.journal.die_at(act.dies, act.after);
        let kind = if act.full { RunKind::Full } else { RunKind::Delta };
        let asked = Run { kind: Some(kind), plan_only: act.plan, ..Run::default() };
        match bench.run(&sync, asked, &|_| {}, &Stop::never()).await {
            Ok(report) => {
                prop_assert!(report.balance.is_some());
                if act.apply && matches!(report.ended, Ended::Planned | Ended::Held) {
                    match bench.apply(&sync, report.run, &|_| {}, &Stop::never()).await {
                        Ok(_) | Err(EngineError::Stale { .. } | EngineError::Nothing(_)) => {}
                        Err(error) => prop_assert!(error.to_string().contains(CRASHED), "{}", error),
                    }
                }
            }
            Err(EngineError::Nothing(_)) if act.plan => {}
            Err(error) => prop_assert!(error.to_string().contains(CRASHED), "{}", error),
        }
    }
    bench.journal.die_at(None, false);
    {
        let mut world = world.lock();
        world.meanwhile.clear();
        world.mishaps.clear();
    }
    bench.targets.values().for_each(|target| target.mishaps.lock().unwrap().clear());
    for _ in 0..2 {
        let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
        prop_assert!(matches!(report.ended, Ended::Complete | Ended::Held), "{:?}", report);
    }
    check(&world.lock(), &bench)?;
    // A full run finds nothing that the deltas missed, except who is gone.
    let report = run(&bench, &sync, RunKind::Full).await.unwrap();
    let balance = report.balance.unwrap();
    for target in balance.targets.values() {
        prop_assert_eq!(target.delivered, 0, "{:?}", balance);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_target_becomes_the_mapping_of_the_source(acts in proptest::collection::vec(act(), 1..7)) {
        block(law(acts, MemoryJournal::default()))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// The same on the real journal.
    #[test]
    fn the_same_holds_on_sqlite(acts in proptest::collection::vec(act(), 1..7)) {
        block(law(acts, joinery_store::Store::in_memory().unwrap()))?;
    }
}
