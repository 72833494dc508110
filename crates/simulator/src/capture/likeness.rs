//! When two requests are the same, and how alike two others are.

use joinery_odata::Expr;

use super::Exchange;

/// A request without what does not matter: the order of options, of what is selected and expanded, blanks in a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    method: String,
    path: String,
    options: Vec<(String, String)>,
}

impl Key {
    /// Of a request whose path and options are percent-decoded.
    pub(crate) fn new(method: &str, path: &str, query: &[(String, String)]) -> Self {
        let mut options: Vec<_> = query.iter().map(|(name, value)| (name.clone(), plain(name, value))).collect();
        options.sort();
        let method = if method == "HEAD" { "GET" } else { method };
        let path = path.trim_end_matches('/').trim_end_matches("()");
        Self { method: method.to_owned(), path: path.to_owned(), options }
    }

    pub(crate) fn of(exchange: &Exchange) -> Self {
        Self::new(&exchange.method, &exchange.path, &exchange.query)
    }
}

fn plain(name: &str, value: &str) -> String {
    match name {
        "$select" | "$expand" => {
            let mut parts: Vec<&str> = value.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
            parts.sort_unstable();
            parts.dedup();
            parts.join(",")
        }
        "$filter" => Expr::parse(value).map_or_else(|_| value.trim().to_owned(), |filter| filter.to_string()),
        _ => value.trim().to_owned(),
    }
}

/// How alike they are: the path counts most, then each option that is the same. 0 when they have nothing to do with
/// each other.
pub(crate) fn likeness(one: &Key, other: &Key) -> usize {
    let set = |key: &Key| key.path.split('(').next().unwrap_or_default().to_owned();
    let same = one.options.iter().filter(|option| other.options.contains(option)).count();
    let named = one.options.iter().filter(|(name, _)| other.options.iter().any(|(known, _)| known == name)).count();
    let path = if one.path == other.path {
        1000
    } else if set(one) == set(other) {
        500
    } else {
        return 0;
    };
    path + 10 * same + named + usize::from(one.method == other.method)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str, query: &[(&str, &str)]) -> Key {
        let query: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Key::new("GET", path, &query)
    }

    #[test]
    fn order_and_blanks_do_not_matter_and_everything_else_does() {
        let one =
            key("/odata/v2/User", &[("$select", "a,b"), ("$filter", "a eq 'x'  and b eq 1"), ("$skiptoken", "T1")]);
        let same =
            key("/odata/v2/User/", &[("$skiptoken", "T1"), ("$filter", "a eq 'x' and b eq 1"), ("$select", "b, a")]);
        assert_eq!(one, same);
        for other in [
            key("/odata/v2/User", &[("$select", "a,b"), ("$filter", "a eq 'x' and b eq 1"), ("$skiptoken", "T2")]),
            key("/odata/v2/User", &[("$select", "a,b"), ("$filter", "a eq 'X' and b eq 1"), ("$skiptoken", "T1")]),
            key("/odata/v2/User", &[("$select", "a"), ("$filter", "a eq 'x' and b eq 1"), ("$skiptoken", "T1")]),
            key("/odata/v2/EmpJob", &[]),
        ] {
            assert_ne!(one, other);
        }
        assert!(
            likeness(&one, &key("/odata/v2/User", &[("$select", "a,b")])) > likeness(&one, &key("/odata/v2/User", &[]))
        );
        assert!(likeness(&one, &key("/odata/v2/User('x')", &[])) > 0);
        assert_eq!(likeness(&one, &key("/odata/v2/EmpJob", &[("$select", "a,b")])), 0);
    }
}
