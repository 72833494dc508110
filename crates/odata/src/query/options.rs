//! The options of a query string, and methods that set them.

use jiff::civil::Date;

use crate::{Expr, Field};

/// `$orderby`: one property and a direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderBy {
    /// What is ordered by.
    pub field: Field,
    /// True for `desc`.
    pub descending: bool,
}

/// `$inlinecount`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InlineCount {
    /// `allpages`: the answer carries `__count`.
    AllPages,
    /// `none`.
    None,
}

/// `$format`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// `json`.
    Json,
    /// `atom`.
    Atom,
    /// `xml`.
    Xml,
    /// Anything else, as it was.
    Other(String),
}

/// `paging`: who keeps the place of a walk (KBA 2489065).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// `snapshot`: the server stores the keys of the whole result at the first call.
    Snapshot,
    /// `cursor`: the server goes on after the last key.
    Cursor,
}

/// The options of a query string. `Display` prints them percent-encoded, without the `?`, in a fixed order; unknown
/// ones follow in the order they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// `$format`.
    pub format: Option<Format>,
    /// `$filter`.
    pub filter: Option<Expr>,
    /// `$select`: property and navigation paths; `*` stands as it is.
    pub select: Vec<String>,
    /// `$expand`: navigation paths.
    pub expand: Vec<String>,
    /// `$orderby`, first counts most.
    pub order_by: Vec<OrderBy>,
    /// `$top`.
    pub top: Option<u64>,
    /// `$skip`.
    pub skip: Option<u64>,
    /// `$inlinecount`.
    pub inline_count: Option<InlineCount>,
    /// `$skiptoken`, opaque.
    pub skip_token: Option<String>,
    /// `customPageSize`.
    pub page_size: Option<u32>,
    /// `paging`.
    pub paging: Option<Paging>,
    /// `asOfDate`: the day whose slices are wanted.
    pub as_of: Option<Date>,
    /// `fromDate`: first day of the range whose slices are wanted.
    pub from: Option<Date>,
    /// `toDate`: last day of that range.
    pub to: Option<Date>,
    /// Everything else, decoded, in order, repeats kept.
    pub other: Vec<(String, String)>,
}

impl Query {
    /// No options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds to `$select`.
    pub fn select(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.select.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Adds to `$expand`.
    pub fn expand(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.expand.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Sets `$filter`, or narrows it with `and`.
    pub fn filter(mut self, filter: Expr) -> Self {
        self.filter = Some(match self.filter {
            Some(before) => before.and(filter),
            None => filter,
        });
        self
    }

    /// Adds an ascending `$orderby`.
    pub fn order_by(mut self, field: Field) -> Self {
        self.order_by.push(OrderBy { field, descending: false });
        self
    }

    /// Sets `$top`.
    pub fn top(mut self, top: u64) -> Self {
        self.top = Some(top);
        self
    }

    /// Sets `$skip`.
    pub fn skip(mut self, skip: u64) -> Self {
        self.skip = Some(skip);
        self
    }

    /// Sets `$format=json`.
    pub fn json(mut self) -> Self {
        self.format = Some(Format::Json);
        self
    }

    /// Sets `$inlinecount=allpages`.
    pub fn count(mut self) -> Self {
        self.inline_count = Some(InlineCount::AllPages);
        self
    }

    /// Sets `customPageSize`.
    pub fn page_size(mut self, rows: u32) -> Self {
        self.page_size = Some(rows);
        self
    }

    /// Sets `paging`.
    pub fn paging(mut self, paging: Paging) -> Self {
        self.paging = Some(paging);
        self
    }

    /// Sets `asOfDate`.
    pub fn as_of(mut self, day: Date) -> Self {
        self.as_of = Some(day);
        self
    }

    /// Sets `fromDate` and `toDate`.
    pub fn between(mut self, from: Date, to: Date) -> Self {
        (self.from, self.to) = (Some(from), Some(to));
        self
    }

    /// Adds an option that this type does not know.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.other.push((name.into(), value.into()));
        self
    }

    /// The value of an option that this type does not know; the first one counts.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.other.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Format {
    pub(super) fn from_word(word: &str) -> Self {
        match word {
            "json" => Self::Json,
            "atom" => Self::Atom,
            "xml" => Self::Xml,
            other => Self::Other(other.to_owned()),
        }
    }

    pub(super) fn word(&self) -> &str {
        match self {
            Self::Json => "json",
            Self::Atom => "atom",
            Self::Xml => "xml",
            Self::Other(word) => word,
        }
    }
}
