//! `$select` and `$expand`, planned once for each request: what is written for a row, in pieces ready to copy.

use crate::schema::{Edm, Set};

use super::narrow::Narrow;
use super::refusal::Refusal;
use super::view::View;

/// The deepest expansion (KBA 3741424 names 10, and 5 for departments).
fn depth_limit(root: Set) -> usize {
    if root == Set::FODepartment { 5 } else { 10 }
}

/// How rows of one entity set are written.
#[derive(Debug)]
pub(crate) struct Plan {
    /// `{"__metadata":{"uri":"`
    pub(crate) open: &'static [u8],
    /// `https://host/odata/v2/User`
    pub(crate) address: Vec<u8>,
    /// `","type":"SFOData.User"}`
    pub(crate) kind: Vec<u8>,
    /// Key properties, in the order of addresses.
    pub(crate) keys: Vec<Column>,
    pub(crate) columns: Vec<Column>,
    pub(crate) navigations: Vec<Link>,
}

/// One property.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) property: usize,
    /// `,"userId":`; for a key, `userId=`.
    pub(crate) name: Vec<u8>,
    pub(crate) edm: Edm,
}

/// One navigation.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) navigation: usize,
    /// `,"manager":`
    pub(crate) name: Vec<u8>,
    /// `/manager"}}`, what follows the row's address when the navigation is not expanded.
    pub(crate) deferred: Vec<u8>,
    pub(crate) expanded: Option<Box<Plan>>,
    /// Which of the rows behind it are written; all, when nothing is said.
    pub(crate) narrow: Option<Narrow>,
}

/// What a request asks for, before names are looked up.
pub(crate) struct Wanted<'a> {
    pub(crate) select: &'a [String],
    pub(crate) expand: &'a [String],
    /// `https://host`
    pub(crate) base: &'a str,
    pub(crate) view: &'a View,
    /// Hidden fields that are selected are an error.
    pub(crate) hidden_are_errors: bool,
    /// `Edm.Double` is written as a JSON number.
    pub(crate) doubles_are_numbers: bool,
}

type Path<'a> = Vec<&'a str>;

impl Plan {
    /// Plans the answer for rows of `set`.
    pub(crate) fn new(set: Set, wanted: &Wanted<'_>) -> Result<Self, Refusal> {
        let (select, expand) = (split(wanted.select), split(wanted.expand));
        let depth = expand.iter().map(Vec::len).max().unwrap_or(0);
        if depth > depth_limit(set) {
            return Err(Refusal::too_deep(set, depth, depth_limit(set)));
        }
        let mut unknown = Vec::new();
        let plan = level(set, &select, &expand, wanted, &mut unknown);
        if unknown.is_empty() { Ok(plan) } else { Err(Refusal::unknown_properties(&unknown)) }
    }

    /// Narrows the navigation at the end of a path.
    pub(crate) fn narrow(&mut self, path: &[String], narrow: Narrow) {
        let Some((name, rest)) = path.split_first() else { return };
        let quoted = format!(",\"{name}\":").into_bytes();
        let Some(link) = self.navigations.iter_mut().find(|link| link.name == quoted) else { return };
        match (rest, &mut link.expanded) {
            ([], _) => link.narrow = Some(narrow),
            (_, Some(plan)) => plan.narrow(rest, narrow),
            (_, None) => {}
        }
    }

    /// True when anything is expanded.
    pub(crate) fn expands(&self) -> bool {
        self.navigations.iter().any(|link| link.expanded.is_some())
    }
}

/// The type by which a value is written: a double is text like a decimal, as tenants answer, or a number.
pub(crate) fn written_as(edm: Edm, doubles_are_numbers: bool) -> Edm {
    if edm == Edm::Double && !doubles_are_numbers { Edm::Decimal } else { edm }
}

/// Paths as names; empty ones say nothing.
fn split(paths: &[String]) -> Vec<Path<'_>> {
    paths
        .iter()
        .map(|path| path.split('/').map(str::trim).collect::<Path<'_>>())
        .filter(|path| path.iter().any(|name| !name.is_empty()))
        .collect()
}

/// What the paths that start with `name` say behind it.
fn below<'a>(paths: &[Path<'a>], name: &str) -> Vec<Path<'a>> {
    paths.iter().filter(|path| path.len() > 1 && path[0] == name).map(|path| path[1..].to_vec()).collect()
}

fn level(set: Set, select: &[Path<'_>], expand: &[Path<'_>], wanted: &Wanted<'_>, unknown: &mut Vec<String>) -> Plan {
    let table = set.table();
    let everything = select.is_empty();
    let star = select.iter().any(|path| path.as_slice() == ["*"]);
    let visible = |name: &str| wanted.view.has_field(set, name);
    let link_visible = |index: usize| {
        let navigation = &table.navigations[index];
        visible(navigation.name) && wanted.view.has_set(navigation.target)
    };

    // Every name that was written must be one, whether or not it leads to anything.
    let mut check = |path: &Path<'_>, only_links: bool| {
        let Some(&name) = path.first() else { return };
        let link = table.navigation(name).is_some_and(link_visible);
        let leaf = !only_links && path.len() == 1;
        let property = leaf && table.property(name).is_some_and(|at| table.properties[at].flags.visible());
        let known = link || (leaf && name == "*") || (property && visible(name));
        let hidden = !known && (property || table.navigation(name).is_some());
        if !known && (!hidden || wanted.hidden_are_errors) {
            let name = format!("{}/{name}", table.name);
            if !unknown.contains(&name) {
                unknown.push(name);
            }
        }
    };
    for path in select {
        check(path, false);
    }
    for path in expand {
        check(path, true);
    }

    let column = |property: usize, name: Vec<u8>| Column {
        property,
        name,
        edm: written_as(table.properties[property].edm, wanted.doubles_are_numbers),
    };
    let quoted = |name: &str| format!(",\"{name}\":").into_bytes();
    let keys: Vec<usize> = table.keys.iter().filter_map(|key| table.property(key)).collect();
    let chosen = |name: &str| everything || star || select.iter().any(|path| path.as_slice() == [name]);
    let columns = keys
        .iter()
        .copied()
        .chain((0..table.properties.len()).filter(|index| !keys.contains(index)))
        .filter(|&index| {
            let property = &table.properties[index];
            property.flags.visible() && visible(property.name) && chosen(property.name)
        })
        .map(|index| column(index, quoted(table.properties[index].name)))
        .collect();

    let mut navigations = Vec::new();
    for (index, navigation) in table.navigations.iter().enumerate() {
        let name = navigation.name;
        let whole = everything || select.iter().any(|path| path.as_slice() == [name]);
        let parts = below(select, name);
        if !link_visible(index) || (!whole && parts.is_empty()) {
            continue;
        }
        let expanded = expand.iter().any(|path| path.first() == Some(&name)).then(|| {
            let select = if whole && !everything { Vec::new() } else { parts };
            Box::new(level(navigation.target, &select, &below(expand, name), wanted, unknown))
        });
        navigations.push(Link {
            navigation: index,
            name: quoted(name),
            deferred: format!("/{name}\"}}}}").into_bytes(),
            expanded,
            narrow: None,
        });
    }

    Plan {
        open: b"{\"__metadata\":{\"uri\":\"",
        address: format!("{}/odata/v2/{}", wanted.base, table.name).into_bytes(),
        kind: format!("\",\"type\":\"SFOData.{}\"}}", table.name).into_bytes(),
        keys: keys
            .iter()
            .map(|&index| column(index, format!("{}=", table.properties[index].name).into_bytes()))
            .collect(),
        columns,
        navigations,
    }
}
