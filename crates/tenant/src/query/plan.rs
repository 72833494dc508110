//! Needs become `$select`, `$expand` and a shape that are valid for this tenant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use joinery_model::{Needs, Root};

use super::need::{Need, reads_all_employments};
use crate::catalogue::{Catalogue, EntitySet, known_target};
use crate::row::{EMPLOYMENT, JOB, Kind, Member, Refers, Shape, What};

/// How a walk is asked for and read.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The entity set that is walked over.
    pub set: Arc<str>,
    /// `$select`, each once.
    pub select: Vec<String>,
    /// `$expand`, each once.
    pub expand: Vec<String>,
    /// What is read of the answer.
    pub shape: Arc<Shape>,
    /// Do mappings look at all employments?
    pub all_employments: bool,
    /// What the mappings or the judgement need and this tenant does not have.
    pub missing: Vec<Missing>,
    /// Where something that mappings read is left out, as slashes from the root: missing or refused.
    pub lost: BTreeSet<String>,
    /// The entity sets of parts of a person that are read, with their path from the root.
    pub parts: BTreeMap<Arc<str>, Part>,
    /// The entity sets of shared objects whose values are read (`FODepartment`, `User`).
    pub shared: BTreeSet<Arc<str>>,
    /// Are values of other people's users read (a manager's name)?
    pub reads_others: bool,
    /// The picklists whose options are read.
    pub picklists: BTreeSet<Arc<str>>,
}

/// A segment of a person that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The navigations that lead there from the root: `employmentNav/jobInfoNav`.
    pub path: String,
}

/// Something that is needed and that the tenant does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The path as mappings write it: `employmentNav.jobInfoNav.departmentNav`.
    pub path: String,
    /// The entity set that should have it.
    pub set: Arc<str>,
    /// The member that it lacks.
    pub name: Arc<str>,
    /// Do mappings name it? Otherwise the judgement needs it.
    pub wanted: bool,
}

/// What the judgement cannot do without; the rest of what it reads is of help where it is there.
const ESSENTIAL: [&str; 7] =
    ["employmentNav", "jobInfoNav", "emplStatusNav", "emplStatus", "startDate", "endDate", "status"];

impl Missing {
    /// The entity set behind the member, when it is a navigation that every tenant has.
    pub fn set_behind(&self) -> Option<&'static str> {
        known_target(&self.set, &self.name)
    }
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {} has no {} in this tenant's metadata; it is left out. Check the spelling, grant the API user's role \
             the field, or refresh the metadata (Admin Center, OData API Metadata Refresh and Export) if it is new",
            self.path, self.set, self.name
        )
    }
}

/// The entity set that a root walks over.
pub fn set_of(root: Root) -> &'static str {
    match root {
        Root::Persons => "PerPerson",
        Root::Users => "User",
    }
}

/// What was refused by the tenant although its metadata has it: set and member.
pub type Refused = BTreeSet<(Arc<str>, Arc<str>)>;

impl Plan {
    /// The plan for these needs. `None` when the tenant's metadata does not have the root.
    ///
    /// A member that the tenant lacks is left out and listed in `missing`, unless only the judgement would have liked
    /// to see it. `refused` are left out as well.
    pub fn new(catalogue: &Catalogue, root: Root, needs: &Needs, refused: &Refused) -> Option<Self> {
        let set = catalogue.set(set_of(root))?;
        let tree = Need::tree(root, needs);
        let mut draft = Draft {
            catalogue,
            refused,
            plan: Self {
                set: set.name.clone(),
                select: Vec::new(),
                expand: Vec::new(),
                shape: Arc::default(),
                all_employments: reads_all_employments(needs),
                missing: Vec::new(),
                lost: BTreeSet::new(),
                parts: BTreeMap::new(),
                shared: BTreeSet::new(),
                reads_others: false,
                picklists: BTreeSet::new(),
            },
        };
        draft.part(set, "");
        let shape = draft.shape(set, &tree, "", false);
        let mut plan = draft.plan;
        plan.shape = Arc::new(shape);
        Some(plan)
    }

    /// A fact without which nobody can say who works there and who has left, when this tenant does not show it: everybody
    /// would count as active, leavers included. A last day that is hidden is no such fact while the codes of the status
    /// are there.
    pub fn unjudged(&self) -> Option<&'static str> {
        if &*self.set == "User" {
            return self.shape.member("status").is_none().then_some("User.status");
        }
        let Some(employment) = self.shape.navigation(EMPLOYMENT) else { return Some("EmpEmployment") };
        let Some(job) = employment.navigation(JOB) else { return Some("EmpJob") };
        let code = job.navigation("emplStatusNav").is_some_and(|option| option.member("externalCode").is_some());
        match () {
            () if employment.member("startDate").is_none() => Some("EmpEmployment.startDate"),
            () if !code && job.member("emplStatus").is_none() => Some("EmpJob.emplStatus"),
            () if !code && employment.member("endDate").is_none() => Some("EmpEmployment.endDate"),
            () => None,
        }
    }

    /// The tenant shows persons and nothing of their employments.
    pub fn hides_employments(&self) -> bool {
        &*self.set == "PerPerson" && self.shape.navigation(EMPLOYMENT).is_none()
    }

    /// The sets behind navigations of `needs` that the catalogue does not know yet.
    pub fn unknown_sets(catalogue: &Catalogue, root: Root, needs: &Needs) -> BTreeSet<Arc<str>> {
        let mut unknown = BTreeSet::new();
        match catalogue.set(set_of(root)) {
            Some(set) => unknown_behind(catalogue, set, &Need::tree(root, needs), &mut unknown),
            None => {
                unknown.insert(set_of(root).into());
            }
        }
        unknown
    }
}

fn unknown_behind(catalogue: &Catalogue, set: &EntitySet, need: &Need, into: &mut BTreeSet<Arc<str>>) {
    for (name, behind) in &need.behind {
        let Some(navigation) = set.navigations.get(name) else { continue };
        match catalogue.set(&navigation.target) {
            Some(target) => unknown_behind(catalogue, target, behind, into),
            None => {
                into.insert(navigation.target.clone());
            }
        }
    }
}

pub(super) struct Draft<'a> {
    catalogue: &'a Catalogue,
    pub(super) refused: &'a Refused,
    pub(super) plan: Plan,
}

impl<'a> Draft<'a> {
    /// Reads `need` of `set` at `path` (slashes; empty at the root). `all` says that an enclosing `$select` names the
    /// whole entity already.
    fn shape(&mut self, set: &'a EntitySet, need: &Need, path: &str, all: bool) -> Shape {
        let whole = need.whole && !path.is_empty();
        if whole && !all {
            self.select(path.to_owned());
        }
        let all = all || whole;
        let mut members: BTreeMap<Arc<str>, Member> = BTreeMap::new();
        if whole {
            for (name, property) in set.properties.iter().filter(|(_, property)| property.visible) {
                members.insert(name.clone(), member(name, true, What::Property(property.kind)));
            }
        }
        for (name, behind) in &need.behind {
            if self.refused.contains(&(set.name.clone(), name.clone())) {
                if behind.wanted {
                    self.plan.lost.insert(joined(path, name));
                }
                continue;
            }
            if let Some(property) = set.properties.get(name) {
                if !all {
                    self.select(joined(path, name));
                }
                add(set, &mut members, name, behind.wanted, property.kind);
                // Behind a property there is nothing.
                self.plan.lost.extend(behind.behind.keys().map(|below| joined(&joined(path, name), below)));
            } else if let Some(choice) = self.choice(set, name, behind) {
                self.chosen(set, name, behind, choice, path, &mut members, all);
            } else if let Some(target) =
                set.navigations.get(name).and_then(|navigation| self.catalogue.set(&navigation.target))
            {
                let inside = joined(path, name);
                let expand = inside.clone();
                let refers = self.refers(set, name, target, behind.wanted, path, &mut members, all);
                let mut behind = behind.clone();
                if let Some(id) = refers.as_ref().and_then(|refers| refers.id.clone()) {
                    behind.behind.entry(id).or_default();
                }
                if behind.behind.is_empty() && !behind.whole {
                    continue;
                }
                if target.is_part_of_a_person() && navigation_owns(set, target) {
                    self.part(target, &inside);
                }
                self.plan.expand.push(expand);
                let labels = self.labels(set, name, target, &mut behind);
                let shape = self.shape(target, &behind, &inside, false).and(labels);
                let what = What::Navigation(Arc::new(shape));
                members.insert(name.clone(), Member { name: name.clone(), wanted: behind.wanted, what, refers });
            } else if behind.wanted || ESSENTIAL.contains(&&**name) {
                let missing = Missing {
                    path: joined(path, name).replace('/', "."),
                    set: set.name.clone(),
                    name: name.clone(),
                    wanted: behind.wanted,
                };
                // The code behind a type is read along; where types are plain texts there is none to lose or to miss.
                let expected = behind.named || missing.set_behind().is_some();
                if behind.wanted && expected {
                    self.plan.lost.insert(joined(path, name));
                }
                if expected || ESSENTIAL.contains(&&**name) {
                    self.plan.missing.push(missing);
                }
            }
        }
        Shape::new(set.name.clone(), members.into_values().collect())
    }

    /// How the navigation `name` of `set` means an object that others share; reads the property beside it along.
    #[expect(clippy::too_many_arguments, reason = "one caller; what it passes is its own state")]
    fn refers(
        &mut self,
        set: &EntitySet,
        name: &str,
        target: &EntitySet,
        wanted: bool,
        path: &str,
        members: &mut BTreeMap<Arc<str>, Member>,
        all: bool,
    ) -> Option<Refers> {
        // Options of picklists are not told to have changed; what is read for the judgement alone leans on nothing.
        if !wanted || target.is_part_of_a_person() || &*target.name == "PicklistOption" {
            return None;
        }
        let id = target.business_key()?.clone();
        self.plan.shared.insert(target.name.clone());
        self.plan.reads_others |= &*target.name == "User" && name != "userNav";
        let beside = beside(set, name).filter(|beside| !self.refused.contains(&(set.name.clone(), beside.clone())));
        if let Some(beside) = &beside
            && !members.contains_key(beside)
        {
            if !all {
                self.select(joined(path, beside));
            }
            let kind = set.properties.get(beside).map_or(Kind::Text, |property| property.kind);
            members.insert(beside.clone(), member(beside, false, What::Property(kind)));
        }
        Some(Refers { kind: target.name.clone(), id: Some(id), beside })
    }

    pub(super) fn select(&mut self, path: String) {
        if !self.plan.select.contains(&path) {
            self.plan.select.push(path);
        }
    }

    fn part(&mut self, set: &EntitySet, path: &str) {
        self.plan.parts.entry(set.name.clone()).or_insert_with(|| Part { path: path.to_owned() });
    }
}

fn add(set: &EntitySet, members: &mut BTreeMap<Arc<str>, Member>, name: &Arc<str>, wanted: bool, kind: Kind) {
    let known = members.entry(name.clone()).or_insert_with(|| member(name, wanted, What::Property(kind)));
    known.wanted |= wanted;
    // `managerId` means a user even when nothing is read behind it.
    if wanted && &*set.name == "EmpJob" && &**name == "managerId" {
        known.refers = Some(Refers { kind: "User".into(), id: None, beside: None });
    }
}

/// Is `target` a part of the same person as `set`, not of another one (a manager's employment)?
fn navigation_owns(set: &EntitySet, target: &EntitySet) -> bool {
    !matches!((&*set.name, &*target.name), ("User", _) | ("EmpJob", "EmpEmployment"))
}

/// The property that holds the key which the navigation follows: `department` beside `departmentNav`.
fn beside(set: &EntitySet, navigation: &str) -> Option<Arc<str>> {
    let name = match navigation {
        "managerUserNav" => "managerId",
        "userNav" => "userId",
        _ => navigation.strip_suffix("Nav")?,
    };
    set.properties.get_key_value(name).map(|(name, _)| name.clone())
}

pub(super) fn member(name: &Arc<str>, wanted: bool, what: What) -> Member {
    Member { name: name.clone(), wanted, what, refers: None }
}

pub(super) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}
