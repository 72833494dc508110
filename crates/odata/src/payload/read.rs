//! Reading one entity, keeping what is wanted.

use std::borrow::Cow;

use super::scan::{JsonScanner, unescape};
use super::{PayloadError, Selection, Tree};

/// How deep the JSON of an entity may nest where it is wanted.
const MAX_DEPTH: usize = 128;

/// Reads one entity (an element of [`super::Page::entities`], or any JSON value) and keeps what is wanted.
///
/// Unwanted members are stepped over by their structure, without being read. The names in the tree are
/// the answer's own. Half of a surrogate pair, which a server may write when it cuts text, reads as U+FFFD.
///
/// # Errors
/// Text that ends early, is no JSON where it is wanted, or nests deeper than 128 there; a wanted navigation whose
/// expansion was cut into pages.
pub fn read_selected<'a>(entity: &'a str, selection: &Selection) -> Result<Tree<'a>, PayloadError> {
    let mut scanner = JsonScanner::new(entity);
    let tree = value(&mut scanner, selection, "", MAX_DEPTH)?;
    scanner.end()?;
    Ok(tree.unwrap_or_default())
}

/// The entity where the scanner stands. One that cannot be read is stepped over by its structure, so that those behind it
/// can be.
pub(super) fn select_or_skip<'a>(
    scanner: &mut JsonScanner<'a>,
    selection: &Selection,
) -> Result<Result<Tree<'a>, PayloadError>, PayloadError> {
    let start = scanner.position();
    match value(scanner, selection, "", MAX_DEPTH) {
        Ok(tree) => Ok(Ok(tree.unwrap_or_default())),
        Err(error) => {
            scanner.back_to(start);
            scanner.value()?;
            Ok(Err(error))
        }
    }
}

/// `None` says that it was deferred. `name` is the member that holds the value.
fn value<'a>(
    scanner: &mut JsonScanner<'a>,
    selection: &Selection,
    name: &str,
    depth: usize,
) -> Result<Option<Tree<'a>>, PayloadError> {
    match scanner.peek() {
        Some(b'"') => text(scanner).map(Some),
        Some(b'{' | b'[') if depth == 0 => Err(scanner.error("less nesting")),
        Some(b'{') => object(scanner, selection, name, depth - 1),
        Some(b'[') => {
            scanner.eat(b'[');
            let mut items = Vec::new();
            scanner.each_element(|scanner| {
                items.extend(value(scanner, selection, name, depth - 1)?);
                Ok(())
            })?;
            Ok(Some(Tree::List(items)))
        }
        _ => word(scanner).map(Some),
    }
}

fn text<'a>(scanner: &mut JsonScanner<'a>) -> Result<Tree<'a>, PayloadError> {
    let start = scanner.position();
    let inner = scanner.string()?;
    if !scanner.had_escape() {
        return Ok(Tree::Text(Cow::Borrowed(inner)));
    }
    match unescape(inner) {
        Some(text) => Ok(Tree::Text(text)),
        None => Err(PayloadError::Json { position: start, expected: "a string with valid escapes" }),
    }
}

fn word<'a>(scanner: &mut JsonScanner<'a>) -> Result<Tree<'a>, PayloadError> {
    let raw = scanner.value()?;
    let number = || {
        if let Ok(whole) = raw.parse::<i64>() {
            return Some(Tree::Int(whole));
        }
        raw.parse::<f64>().ok().filter(|number| number.is_finite()).map(Tree::Double)
    };
    match raw {
        "null" => Some(Tree::Null),
        "true" => Some(Tree::Bool(true)),
        "false" => Some(Tree::Bool(false)),
        _ if !raw.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => None,
        _ => number(),
    }
    .ok_or(PayloadError::Json { position: scanner.position() - raw.len(), expected: "a value" })
}

fn object<'a>(
    scanner: &mut JsonScanner<'a>,
    selection: &Selection,
    navigation: &str,
    depth: usize,
) -> Result<Option<Tree<'a>>, PayloadError> {
    let mut members = Vec::with_capacity(selection.len());
    let mut list = None;
    let (mut deferred, mut next, mut entity) = (false, false, false);
    let mut hint = 0;
    scanner.eat(b'{');
    scanner.members(|scanner, raw| {
        let name = if scanner.had_escape() { unescape(raw).unwrap_or_default() } else { Cow::Borrowed(raw) };
        if name.starts_with("__") {
            match &*name {
                "__deferred" => deferred = true,
                "__next" => next = scanner.peek() != Some(b'n'),
                "__metadata" => entity = true,
                _ => {}
            }
        } else if let Some(navigation) = name.strip_suffix("@odata.nextLink").filter(|name| !name.is_empty()) {
            let mut hint = 0;
            if selection.wanted(navigation, &mut hint).is_some() {
                return Err(PayloadError::PartialExpansion { navigation: navigation.to_owned() });
            }
            scanner.value()?;
            return Ok(());
        } else if name == "results" && !entity && scanner.peek() == Some(b'[') {
            list = value(scanner, selection, navigation, depth)?;
            return Ok(());
        }
        match selection.wanted(&name, &mut hint) {
            Some(inner) => {
                if let Some(read) = value(scanner, inner, &name, depth)? {
                    members.push((name, read));
                }
            }
            None => {
                scanner.value()?;
            }
        }
        Ok(())
    })?;
    match list {
        Some(_) if entity => Ok(Some(Tree::Object(members))),
        Some(_) if next => Err(PayloadError::PartialExpansion { navigation: navigation.to_owned() }),
        Some(list) => Ok(Some(list)),
        None if deferred => Ok(None),
        None => Ok(Some(Tree::Object(members))),
    }
}
