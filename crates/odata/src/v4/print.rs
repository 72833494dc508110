//! Filters, addresses and queries written as v4 has them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use percent_encoding::utf8_percent_encode;

use crate::date::iso_civil;
use crate::key::SEGMENT_UNSAFE;
use crate::query::RAW_UNSAFE;
use crate::{BinaryOp, EntityAddress, Expr, Function, InlineCount, KeyPredicate, Literal, Paging, Query};

/// A filter as v4 writes it, not percent-encoded; `None` when it says something that v4 cannot (`like`, `replace`).
pub fn write_filter(filter: &Expr) -> Option<String> {
    Some(match filter {
        Expr::Literal(value) => literal(value)?,
        Expr::Field(field) => field.to_string(),
        Expr::And(all) => joined(all, " and ", "true")?,
        Expr::Or(any) => joined(any, " or ", "false")?,
        Expr::Not(inner) => format!("not ({})", write_filter(inner)?),
        Expr::Negate(inner) => format!("-({})", write_filter(inner)?),
        Expr::Binary { op: BinaryOp::Like, .. } => return None,
        Expr::Binary { op, left, right } => format!("{} {} {}", part(left)?, op.word(), part(right)?),
        Expr::In { operand, values } => {
            let values = values.iter().map(literal).collect::<Option<Vec<_>>>()?;
            format!("{} in ({})", part(operand)?, values.join(","))
        }
        Expr::Call { function, arguments } => {
            let mut arguments = arguments.iter().map(write_filter).collect::<Option<Vec<_>>>()?;
            let word = match function {
                Function::SubstringOf => {
                    arguments.reverse();
                    "contains"
                }
                Function::Replace => return None,
                other => other.word(),
            };
            format!("{word}({})", arguments.join(","))
        }
    })
}

fn joined(parts: &[Expr], between: &str, empty: &str) -> Option<String> {
    match parts {
        [] => Some(empty.to_owned()),
        [one] => write_filter(one),
        _ => Some(parts.iter().map(part).collect::<Option<Vec<_>>>()?.join(between)),
    }
}

/// What stands beside an operator.
fn part(expr: &Expr) -> Option<String> {
    let text = write_filter(expr)?;
    let simple = matches!(expr, Expr::Literal(_) | Expr::Field(_) | Expr::Call { .. });
    Some(if simple { text } else { format!("({text})") })
}

/// v4 has no prefixes: dates, instants and numbers stand bare. A wall clock reading at midnight is a date, any other an
/// instant of UTC.
fn literal(value: &Literal) -> Option<String> {
    Some(match value {
        Literal::Int64(number) => number.to_string(),
        Literal::Decimal(digits) => digits.to_string(),
        Literal::Single(number) if number.is_finite() => format!("{number:?}"),
        Literal::DateTime(civil) if civil.time() == jiff::civil::Time::midnight() => civil.date().to_string(),
        Literal::DateTime(civil) => format!("{}Z", iso_civil(*civil)),
        Literal::DateTimeOffset(instant) => instant.to_string(),
        Literal::Guid(_) => value.to_string().trim_start_matches("guid").trim_matches('\'').to_owned(),
        Literal::Time(_) | Literal::Binary(_) => return None,
        other => other.to_string(),
    })
}

/// An address as v4 writes it, percent-encoded; `None` when its key holds what v4 writes otherwise than is known here.
pub fn write_address(address: &EntityAddress) -> Option<String> {
    let mut text = address.set.clone();
    let key = match &address.key {
        None => None,
        Some(KeyPredicate::Single(value)) => Some(literal(value)?),
        Some(KeyPredicate::Named(parts)) => {
            let part = |(name, value): &(String, Literal)| Some(format!("{name}={}", literal(value)?));
            Some(parts.iter().map(part).collect::<Option<Vec<_>>>()?.join(","))
        }
    };
    if let Some(key) = key {
        let _ = write!(text, "({})", utf8_percent_encode(&key, SEGMENT_UNSAFE));
    }
    for segment in &address.rest {
        let _ = write!(text, "/{}", utf8_percent_encode(segment, SEGMENT_UNSAFE));
    }
    Some(text)
}

/// A query as v4 writes it, percent-encoded: paths of `$select` and `$expand` are nested, `$inlinecount` is `$count`.
/// SuccessFactors' own parameters stay. `None` when its filter says something that v4 cannot.
pub fn write_query(query: &Query) -> Option<String> {
    let mut parts: Vec<(&str, String)> = Vec::new();
    if let Some(filter) = &query.filter {
        parts.push(("$filter", write_filter(filter)?));
    }
    let mut tree = Node::default();
    for path in &query.expand {
        tree.at(path);
    }
    for path in &query.select {
        tree.choose(path);
    }
    if !tree.select.is_empty() {
        parts.push(("$select", tree.select.join(",")));
    }
    if !tree.below.is_empty() {
        parts.push(("$expand", tree.expand()));
    }
    let orders: Vec<String> = query.order_by.iter().map(ToString::to_string).collect();
    if !orders.is_empty() {
        parts.push(("$orderby", orders.join(",")));
    }
    let mut put = |name, value: Option<String>| parts.extend(value.map(|value| (name, value)));
    put("$top", query.top.map(|number| number.to_string()));
    put("$skip", query.skip.map(|number| number.to_string()));
    put("$count", (query.inline_count == Some(InlineCount::AllPages)).then(|| "true".to_owned()));
    put("$skiptoken", query.skip_token.clone());
    put("customPageSize", query.page_size.map(|number| number.to_string()));
    put("paging", query.paging.map(|paging| if paging == Paging::Snapshot { "snapshot" } else { "cursor" }.to_owned()));
    put("asOfDate", query.as_of.map(|day| day.to_string()));
    put("fromDate", query.from.map(|day| day.to_string()));
    put("toDate", query.to.map(|day| day.to_string()));
    let other = query.other.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let encoded = parts.into_iter().chain(other).map(|(name, value)| {
        let encode = |text| utf8_percent_encode(text, RAW_UNSAFE).to_string();
        // Inside of an expansion these are signs of the grammar.
        let value = encode(&value).replace("%3B", ";").replace("%3D", "=");
        format!("{}={value}", encode(name))
    });
    Some(encoded.collect::<Vec<_>>().join("&"))
}

/// An entity that is expanded, or the root.
#[derive(Default)]
struct Node {
    select: Vec<String>,
    /// A path of `$select` ends here: everything of it is read.
    whole: bool,
    below: BTreeMap<String, Node>,
}

impl Node {
    fn at(&mut self, path: &str) -> &mut Self {
        path.split('/').fold(self, |node, name| node.below.entry(name.to_owned()).or_default())
    }

    fn choose(&mut self, path: &str) {
        let mut node = self;
        let mut names = path.split('/').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                match node.below.get_mut(name) {
                    Some(expanded) => expanded.whole = true,
                    None if !node.select.iter().any(|known| known == name) => node.select.push(name.to_owned()),
                    None => {}
                }
                return;
            }
            node = node.below.entry(name.to_owned()).or_default();
        }
    }

    fn expand(&self) -> String {
        let one = |(name, node): (&String, &Node)| {
            let mut options = Vec::new();
            if !node.whole && !node.select.is_empty() {
                options.push(format!("$select={}", node.select.join(",")));
            }
            if !node.below.is_empty() {
                options.push(format!("$expand={}", node.expand()));
            }
            if options.is_empty() { name.clone() } else { format!("{name}({})", options.join(";")) }
        };
        self.below.iter().map(one).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v4::Options;

    #[test]
    fn filters_are_read_back_as_they_were() {
        for text in [
            "status in 't','f' and tolower(username) eq 'o''hara'",
            "(startDate gt datetime'2026-11-20T00:00:00' and startDate le datetime'2026-11-21T00:00:00') or not (a eq null)",
            "lastModifiedDateTime ge datetimeoffset'2026-11-20T22:00:00Z'",
            "substringof('x',lastName) or startswith(firstName,'a') or seqNumber ne 5L",
            "employmentNav/jobInfoNav/jobTitle eq 'a+b'",
        ] {
            let filter = Expr::parse(text).unwrap();
            let written = write_filter(&filter).unwrap();
            assert_eq!(write_filter(&Expr::parse_v4(&written).unwrap()), Some(written.clone()), "{written}");
            assert!(!written.contains("datetime'") && !written.contains("substringof"), "{written}");
        }
        assert_eq!(write_filter(&Expr::parse("a like '%x%'").unwrap()), None);
    }

    #[test]
    fn paths_are_nested_and_keys_stand_bare() {
        let query = Query::parse(
            "$format=json&$select=userId,nav/jobInfoNav/jobTitle,nav/jobInfoNav/departmentNav,nav/startDate&$expand=nav,\
             nav/jobInfoNav,nav/jobInfoNav/departmentNav&$inlinecount=allpages&customPageSize=5&asOfDate=2026-11-21",
        )
        .unwrap();
        let written = write_query(&query).unwrap();
        assert_eq!(
            written,
            "$select=userId&$expand=nav($select=startDate;$expand=jobInfoNav($select=jobTitle;$expand=departmentNav))\
             &$count=true&customPageSize=5&asOfDate=2026-11-21"
        );
        assert_eq!(Options::parse(&written).unwrap().expand[0].options.select, ["startDate"]);
        let address =
            EntityAddress::parse("EmpJob(seqNumber=1L,startDate=datetime'2017-01-01T00:00:00',userId='a%20b')");
        let address = address.unwrap();
        let written = write_address(&address).unwrap();
        assert_eq!(written, "EmpJob(seqNumber=1,startDate=2017-01-01,userId='a%20b')");
        assert_eq!(EntityAddress::parse_v4(&written).unwrap().set, "EmpJob");
    }
}
