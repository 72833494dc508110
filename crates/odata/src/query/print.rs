//! Writing a query string.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{InlineCount, OrderBy, Paging, Query};

/// What must not stand raw in the value of a query option. `+` is there because servers read it as a space (KBA
/// 3278751).
pub(crate) const RAW_UNSAFE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'>')
    .add(b'=')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b';');

impl Query {
    /// Names and values, decoded, in the order they are printed.
    fn parts(&self) -> Vec<(&str, String)> {
        let mut parts = Vec::new();
        let mut put = |name, value: Option<String>| parts.extend(value.map(|value| (name, value)));
        put("$format", self.format.as_ref().map(|format| format.word().to_owned()));
        put("$filter", self.filter.as_ref().map(ToString::to_string));
        put("$select", joined(self.select.iter()));
        put("$expand", joined(self.expand.iter()));
        put("$orderby", joined(self.order_by.iter()));
        put("$top", self.top.map(|number| number.to_string()));
        put("$skip", self.skip.map(|number| number.to_string()));
        put(
            "$inlinecount",
            self.inline_count.map(|count| match count {
                InlineCount::AllPages => "allpages".to_owned(),
                InlineCount::None => "none".to_owned(),
            }),
        );
        put("$skiptoken", self.skip_token.clone());
        put("customPageSize", self.page_size.map(|number| number.to_string()));
        put(
            "paging",
            self.paging.map(|paging| match paging {
                Paging::Snapshot => "snapshot".to_owned(),
                Paging::Cursor => "cursor".to_owned(),
            }),
        );
        put("asOfDate", self.as_of.map(|day| day.to_string()));
        put("fromDate", self.from.map(|day| day.to_string()));
        put("toDate", self.to.map(|day| day.to_string()));
        parts.extend(self.other.iter().map(|(name, value)| (name.as_str(), value.clone())));
        parts
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, value)) in self.parts().iter().enumerate() {
            if at > 0 {
                f.write_str("&")?;
            }
            let encode = |text| utf8_percent_encode(text, RAW_UNSAFE);
            write!(f, "{}={}", encode(name), encode(value))?;
        }
        Ok(())
    }
}

impl fmt::Display for OrderBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.field, if self.descending { " desc" } else { "" })
    }
}

fn joined(items: impl ExactSizeIterator<Item = impl ToString>) -> Option<String> {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    (!items.is_empty()).then(|| items.join(","))
}
