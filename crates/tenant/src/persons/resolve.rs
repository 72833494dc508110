//! Names become paths of this tenant.

use std::collections::BTreeSet;
use std::sync::Arc;

use joinery_model::{Needs, Path};

use super::wanted::{PersonAttributes, Wanted};
use crate::catalogue::{Catalogue, EntitySet, Property};
use crate::picklists::is_label;
use crate::row::{EMPLOYMENT, JOB, Kind};

/// Segments with more attributes than this are asked for whole: a query has room for about 8 KB.
const MOST_NAMED: usize = 30;

/// How deep a tenant expands (COE0046), the steps to the segment included.
const DEEPEST: usize = 10;

/// Marks the primary record of several.
pub(super) const PRIMARY: &str = "isPrimary";

/// The entity sets that lead to the others, with the way to each from the person.
const HUBS: [(&str, &[&str]); 3] =
    [("PerPerson", &[]), ("EmpEmployment", &[EMPLOYMENT]), ("EmpJob", &[EMPLOYMENT, JOB])];

/// Which record of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Which {
    /// The primary one; of lists that mark none the first by its key.
    Primary,
    /// The first of the others by its key.
    Secondary,
}

/// A flat attribute of a person.
#[derive(Clone, Debug)]
pub(super) struct Flat {
    /// `EmpJob_jobTitle`.
    pub(super) name: Arc<str>,
    /// The segment: `EmpJob`.
    pub(super) segment: Arc<str>,
    /// The navigations that lead to the segment.
    pub(super) way: Vec<Arc<str>>,
    /// The navigations from there on, then the property.
    pub(super) behind: Vec<Arc<str>>,
    pub(super) which: Which,
    pub(super) property: Property,
    /// Is it part of its entity's key?
    pub(super) is_key: bool,
    /// What tells the segment's records apart, and which of them is primary.
    pub(super) marks: Vec<Arc<str>>,
    /// The same of the records that the last of `behind` is a property of.
    pub(super) last_marks: Vec<Arc<str>>,
}

impl Flat {
    /// The property's own name.
    pub(super) fn own_name(&self) -> &Arc<str> {
        self.behind.last().unwrap_or(&self.name)
    }

    /// Is it a property of the segment itself, not of what a navigation leads to?
    pub(super) fn is_own(&self) -> bool {
        self.behind.len() == 1
    }

    /// What is read along to know which record is meant, however many other attributes are read.
    fn read_along(&self) -> impl Iterator<Item = Path> {
        let way: Vec<&str> = self.way.iter().map(|name| &**name).collect();
        let whole: Vec<&str> = way.iter().copied().chain(self.behind.iter().map(|name| &**name)).collect();
        // People themselves are told apart by what they are asked by.
        let own = self.marks.iter().filter(|_| !self.way.is_empty());
        let own: Vec<Path> = own.map(|mark| Path::of(&[&way[..], &[&**mark]].concat())).collect();
        let last = self.last_marks.iter().filter(|_| self.behind.len() > 1);
        let before = whole.len().saturating_sub(1);
        let last: Vec<Path> = last.map(|mark| Path::of(&[&whole[..before], &[&**mark]].concat())).collect();
        own.into_iter().chain(last)
    }

    /// Where it stands in a row's data.
    pub(super) fn path(&self) -> Path {
        Path::of(&self.way.iter().chain(&self.behind).map(|name| &**name).collect::<Vec<_>>())
    }
}

/// What names mean.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolved {
    pub(super) flats: Vec<Flat>,
    /// What this tenant does not have, as it was named, and why.
    pub(super) unknown: Vec<(String, String)>,
    /// Paths that lead to sets that the catalogue must have first.
    pub(super) load: BTreeSet<Path>,
}

impl Resolved {
    pub(super) fn of(catalogue: &Catalogue, wanted: &PersonAttributes) -> Self {
        let mut resolved = Self::default();
        for one in wanted.iter() {
            resolved.add(catalogue, one);
        }
        resolved.flats.sort_by(|a, b| a.name.cmp(&b.name));
        resolved.flats.dedup_by(|a, b| a.name == b.name);
        resolved
    }

    fn add(&mut self, catalogue: &Catalogue, wanted: &Wanted) {
        let Some((way, target)) = way_to(catalogue, &wanted.segment) else {
            let why = format!("the tenant leads to no {} from a person, an employment or a job", wanted.segment);
            self.unknown.push((wanted.to_string(), why));
            return;
        };
        let Some(set) = catalogue.set(&target) else {
            return self.needs(catalogue, wanted, &way, &[], &target);
        };
        let marks = marks_of(set);
        let start = Start { wanted, way: &way, which: Which::Primary, marks: &marks };
        let Some(rest) = &wanted.rest else {
            self.all(&start, set, &[]);
            return;
        };
        let secondary = rest.strip_prefix("secondary").and_then(|name| {
            let mut letters = name.chars();
            let first = letters.next()?.to_ascii_lowercase();
            Some(format!("{first}{}", letters.as_str()))
        });
        match secondary {
            Some(name) if !set.properties.contains_key(&**rest) && set.properties.contains_key("isPrimary") => {
                let start = Start { which: Which::Secondary, ..start };
                self.follow(catalogue, &start, set, &[], &name);
            }
            _ => self.follow(catalogue, &start, set, &[], rest),
        }
    }

    /// Follows `rest` from `set`: a property, or a navigation and what stands behind its underscore.
    fn follow(&mut self, catalogue: &Catalogue, start: &Start<'_>, set: &EntitySet, behind: &[Arc<str>], rest: &str) {
        if let Some((name, property)) = set.properties.get_key_value(rest) {
            return self.put(start, set, behind, name, property);
        }
        if let Some((option, property)) = option_member(set, rest) {
            let behind: Vec<Arc<str>> = behind.iter().chain([&option]).cloned().collect();
            let member = rest.strip_prefix(&*option).and_then(|rest| rest.strip_prefix('_')).unwrap_or_default();
            return self.put(start, set, &behind, &member.into(), &property);
        }
        // Of navigations of which one begins the other's name the longer one is meant.
        let navigation = set
            .navigations
            .iter()
            .filter_map(|(name, to)| Some((name, to, rest.strip_prefix(&**name)?)))
            .filter(|(_, _, after)| after.is_empty() || after.starts_with('_'))
            .max_by_key(|(name, ..)| name.len());
        let Some((name, to, after)) = navigation else {
            let why = format!("{} has no {rest} in this tenant's metadata", set.name);
            self.unknown.push((start.wanted.to_string(), why));
            return;
        };
        let behind: Vec<Arc<str>> = behind.iter().chain([name]).cloned().collect();
        if start.way.len() + behind.len() > DEEPEST {
            let why = format!("it leads through more than {DEEPEST} navigations, and no tenant expands that (COE0046)");
            self.unknown.push((start.wanted.to_string(), why));
            return;
        }
        let Some(target) = catalogue.set(&to.target) else {
            return self.needs(catalogue, start.wanted, start.way, &behind, &to.target);
        };
        match after.strip_prefix('_') {
            None | Some("All") => self.all(start, target, &behind),
            Some(after) => self.follow(catalogue, start, target, &behind, after),
        }
    }

    fn all(&mut self, start: &Start<'_>, set: &EntitySet, behind: &[Arc<str>]) {
        for (name, property) in set.properties.iter().filter(|(_, property)| property.visible) {
            self.put(start, set, behind, name, property);
        }
    }

    fn put(&mut self, start: &Start<'_>, set: &EntitySet, behind: &[Arc<str>], name: &Arc<str>, property: &Property) {
        let behind: Vec<Arc<str>> = behind.iter().chain([name]).cloned().collect();
        let mut said = behind.join("_");
        if start.which == Which::Secondary {
            let (first, rest) = said.split_at(said.len().min(1));
            said = format!("secondary{}{rest}", first.to_ascii_uppercase());
        }
        self.flats.push(Flat {
            name: format!("{}_{said}", start.wanted.segment).into(),
            segment: start.wanted.segment.clone(),
            way: start.way.to_vec(),
            behind,
            which: start.which,
            property: property.clone(),
            is_key: set.keys.contains(name),
            marks: start.marks.to_vec(),
            last_marks: marks_of(set),
        });
    }

    /// The set behind this way must be known first, or is not there.
    fn needs(
        &mut self,
        catalogue: &Catalogue,
        wanted: &Wanted,
        way: &[Arc<str>],
        behind: &[Arc<str>],
        target: &Arc<str>,
    ) {
        if catalogue.is_absent(target) {
            self.unknown.push((wanted.to_string(), format!("the tenant shows no {target} to the API user")));
        } else {
            self.load.insert(Path::of(&way.iter().chain(behind).map(|name| &**name).collect::<Vec<_>>()));
        }
    }

    /// What must be read of each person.
    pub(super) fn needs_of(&self) -> Needs {
        let mut paths = BTreeSet::new();
        for flat in &self.flats {
            let siblings = self.flats.iter().filter(|other| other.way == flat.way && other.behind.len() == 1).count();
            // An employment read whole brings its job whole, and a person cannot be read whole.
            let whole =
                siblings > MOST_NAMED && flat.is_own() && !matches!(&*flat.segment, "PerPerson" | "EmpEmployment");
            if whole {
                paths.insert(Path::of(&flat.way.iter().map(|name| &**name).collect::<Vec<_>>()));
            } else {
                paths.insert(flat.path());
            }
            paths.extend(flat.read_along());
        }
        Needs { paths }
    }
}

/// An option's member that a picklist knows: the option's name (`employeeClassNav`) and what the member holds. Labels are
/// in no metadata, and neither is an option to which the tenant has no navigation.
fn option_member(set: &EntitySet, rest: &str) -> Option<(Arc<str>, Property)> {
    let chosen = set.properties.iter().filter(|(_, property)| property.picklist.is_some());
    let (property, described, member) = chosen
        .filter_map(|(name, described)| {
            Some((name, described, rest.strip_prefix(&**name)?.strip_prefix("Nav_").filter(|rest| !rest.is_empty())?))
        })
        .max_by_key(|(name, ..)| name.len())?;
    let option: Arc<str> = format!("{property}Nav").into();
    let said = matches!(member, "externalCode" | "id") && !set.navigations.contains_key(&option);
    (is_label(member) || said).then(|| {
        let property = Property { kind: Kind::Text, filterable: false, writable: false, ..described.clone() };
        (option, property)
    })
}

/// A set's key, and its flag of the primary record, as far as the tenant shows them.
fn marks_of(set: &EntitySet) -> Vec<Arc<str>> {
    let primary: Arc<str> = PRIMARY.into();
    let all = set.keys.iter().chain([&primary]);
    all.filter(|name| set.property(name).is_some_and(|property| property.visible)).cloned().collect()
}

/// Where following a name begins.
struct Start<'a> {
    wanted: &'a Wanted,
    way: &'a [Arc<str>],
    which: Which,
    marks: &'a [Arc<str>],
}

/// The navigations that lead to a segment, and its set's name.
fn way_to(catalogue: &Catalogue, segment: &str) -> Option<(Vec<Arc<str>>, Arc<str>)> {
    if let Some((hub, way)) = HUBS.iter().find(|(hub, _)| *hub == segment) {
        return Some((way.iter().map(|name| Arc::from(*name)).collect(), (*hub).into()));
    }
    HUBS.iter().find_map(|(hub, way)| {
        let (name, to) = catalogue.set(hub)?.navigations.iter().find(|(_, to)| &*to.target == segment)?;
        let way = way.iter().map(|name| Arc::from(*name)).chain([name.clone()]).collect();
        Some((way, to.target.clone()))
    })
}

#[cfg(test)]
mod tests {
    use joinery_odata::Metadata;

    use super::*;

    const METADATA: &str = r#"<edmx:Edmx xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" Version="1.0">
        <edmx:DataServices><Schema Namespace="S" xmlns="http://schemas.microsoft.com/ado/2006/09/edm">
        <EntityContainer Name="C"><EntitySet Name="PerPerson" EntityType="S.PerPerson"/>
        <EntitySet Name="PerHome" EntityType="S.PerHome"/><AssociationSet Name="h" Association="S.h">
        <End EntitySet="PerPerson" Role="p"/><End EntitySet="PerHome" Role="h"/></AssociationSet></EntityContainer>
        <EntityType Name="PerPerson"><Key><PropertyRef Name="personIdExternal"/></Key>
        <Property Name="personIdExternal" Type="Edm.String"/>
        <NavigationProperty Name="homeNav" Relationship="S.h" FromRole="p" ToRole="h"/></EntityType>
        <EntityType Name="PerHome"><Key><PropertyRef Name="homeType"/></Key>
        <Property Name="homeType" Type="Edm.String"/><Property Name="city" Type="Edm.String"/>
        <Property Name="isPrimary" Type="Edm.Boolean"/></EntityType>
        <Association Name="h"><End Type="S.PerPerson" Multiplicity="1" Role="p"/>
        <End Type="S.PerHome" Multiplicity="*" Role="h"/></Association></Schema></edmx:DataServices></edmx:Edmx>"#;

    #[test]
    fn what_tells_records_apart_is_always_read_along() {
        let mut catalogue = Catalogue::default();
        catalogue.add(&Metadata::parse(METADATA.as_bytes()).unwrap());
        for name in ["PerHome_city", "PerHome_secondaryCity"] {
            let resolved = Resolved::of(&catalogue, &PersonAttributes::of([name]).unwrap());
            assert!(resolved.unknown.is_empty(), "{:?}", resolved.unknown);
            let needs = resolved.needs_of();
            let paths: Vec<String> = needs.paths.iter().map(ToString::to_string).collect();
            assert_eq!(paths, ["homeNav.city", "homeNav.homeType", "homeNav.isPrimary"], "{name}");
        }
    }
}
