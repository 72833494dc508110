//! Lists: which rows, in which order, from where to where.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use joinery_odata::v4::Options;
use joinery_odata::{Expr, InlineCount, Paging, Query};

use super::filter::{self, Judge, Names, Operand, Test, Val};
use super::narrow::{self, Narrow};
use super::plan::{Plan, Wanted};
use super::refusal::Refusal;
use super::render::{self, Renderer};
use super::snapshots::{OwnedKey, OwnedPart, Snapshots, Token};
use super::view::View;
use crate::schema::Set;
use crate::schema::user::user;
use crate::settings::Settings;
use crate::world::{AsOf, Day, KeyPart, RowId, World};

/// A piece of an answer is handed over when it is this long.
const PIECE: usize = 256 * 1024;

/// What a request for data is judged and answered with.
pub(crate) struct Desk<'a> {
    pub(crate) world: &'a World,
    pub(crate) view: &'a View,
    pub(crate) settings: &'a Settings,
    pub(crate) snapshots: &'a Snapshots,
    pub(crate) now: Timestamp,
    /// `https://host`, for addresses.
    pub(crate) base: &'a str,
    /// The path below the host, as it came.
    pub(crate) path: &'a str,
    /// The query string, as it came.
    pub(crate) raw_query: &'a str,
    pub(crate) query: &'a Query,
    /// What v4 says of single navigations in `$expand`; v2 says nothing.
    pub(crate) expansions: &'a [Expansion],
}

/// Options of one navigation in `$expand`.
#[derive(Clone, Debug)]
pub(crate) struct Expansion {
    /// The navigations that lead to it, itself last.
    pub(crate) path: Vec<String>,
    pub(crate) options: Options,
}

/// Rows written as JSON.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) pieces: Vec<Bytes>,
    /// Rows of the list itself, or 1.
    pub(crate) rows: u64,
    /// True for a page of a list.
    pub(crate) is_page: bool,
}

/// How many keys the token of a cursor holds.
const TRAIL: usize = 4;

/// A page of a list.
struct Page {
    rows: Vec<RowId>,
    /// Of the next page.
    next: Option<Token>,
    /// When it was asked for.
    count: Option<usize>,
}

/// A place that cannot be found any more.
fn lost() -> Refusal {
    Refusal::bad_request("The skip token is not valid or has expired.")
}

/// Which rows a list is made of.
pub(crate) enum Source {
    /// All of a set.
    Whole(Set),
    /// What a navigation led to.
    Related(Set, Vec<RowId>),
}

impl Source {
    fn set(&self) -> Set {
        match self {
            Self::Whole(set) | Self::Related(set, _) => *set,
        }
    }
}

impl<'a> Desk<'a> {
    /// The date or range that the request asks for (section "effective dating" of SAP's guide: `asOfDate` and
    /// `fromDate`/`toDate` exclude each other; without any, today).
    pub(crate) fn as_of(&self) -> Result<AsOf, Refusal> {
        let query = self.query;
        match (query.as_of, query.from, query.to) {
            (None, None, None) => Ok(AsOf::Day(self.world.today())),
            (Some(day), None, None) => Ok(AsOf::Day(day.into())),
            (None, from, to) => {
                let from = from.map_or(Day::ALWAYS, Day::from);
                let to = to.map_or(Day::FOREVER, Day::from);
                if from > to {
                    return Err(Refusal::bad_request("fromDate is after toDate."));
                }
                Ok(AsOf::Range(from, to))
            }
            (Some(_), ..) => Err(Refusal::bad_request("asOfDate cannot be combined with fromDate or toDate.")),
        }
    }

    pub(crate) fn plan(&self, set: Set) -> Result<Plan, Refusal> {
        let wanted = Wanted {
            select: &self.query.select,
            expand: &self.query.expand,
            base: self.base,
            view: self.view,
            hidden_are_errors: self.settings.switches.hidden_fields_are_errors,
            doubles_are_numbers: self.settings.switches.doubles_are_numbers,
        };
        let mut plan = Plan::new(set, &wanted)?;
        for expansion in self.expansions {
            plan.narrow(&expansion.path, self.narrow(set, expansion)?);
        }
        Ok(plan)
    }

    /// What narrows a navigation, its names looked up in the set that it leads to.
    fn narrow(&self, root: Set, expansion: &Expansion) -> Result<Narrow, Refusal> {
        let mut set = root;
        for name in &expansion.path {
            let table = set.table();
            // A name that is none was refused by the plan.
            let Some(at) = table.navigation(name) else { return Ok(Narrow::default()) };
            set = table.navigations[at].target;
        }
        let (names, options) = (self.names(set), &expansion.options);
        let mut by = Vec::new();
        for order in &options.order_by {
            by.push((filter::order_operand(&order.field, names)?, order.descending));
        }
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Narrow {
            test: options.filter.as_ref().map(|filter| filter::compile(filter, names)).transpose()?,
            by,
            skip: options.skip.map_or(0, number),
            top: options.top.map(number),
            count: options.count,
        })
    }

    /// A plan that writes addresses and nothing else.
    pub(crate) fn plan_of_keys(&self, set: Set) -> Result<Plan, Refusal> {
        let keys: Vec<String> = set.table().keys.iter().map(|&key| key.to_owned()).collect();
        let wanted = Wanted {
            select: &keys,
            expand: &[],
            base: self.base,
            view: self.view,
            hidden_are_errors: false,
            doubles_are_numbers: false,
        };
        Plan::new(set, &wanted)
    }

    pub(crate) fn renderer(&self) -> Renderer<'a> {
        let mut renderer = Renderer::new(self.world, self.view, self.settings.expand_limit);
        renderer.range_reaches_down = self.settings.switches.range_reaches_down;
        renderer
    }

    fn names(&self, root: Set) -> Names<'a> {
        Names {
            root,
            view: self.view,
            clock: self.world.clock(),
            email_filterable: self.settings.switches.email_filterable,
        }
    }

    /// The number of rows, as `$count` gives it.
    pub(crate) fn count(&self, source: &Source) -> Result<usize, Refusal> {
        let as_of = self.as_of()?;
        let test = self.test(source)?;
        Ok(self.found(source, as_of, test.as_ref()).count())
    }

    /// A page of the list.
    pub(crate) fn list(&self, source: &Source, only_active_users: bool) -> Result<Written, Refusal> {
        let set = source.set();
        let as_of = self.as_of()?;
        let plan = self.plan(set)?;
        let test = self.test(source)?;
        let Page { rows: page, next, count } = self.page(source, as_of, test.as_ref())?;

        let mut renderer = self.renderer();
        renderer.only_active_users = only_active_users;
        let mut pieces = Vec::new();
        renderer.out.reserve(PIECE + PIECE / 4);
        renderer.out.extend_from_slice(b"{\"d\":{");
        if let Some(count) = count {
            renderer.out.extend_from_slice(format!("\"__count\":\"{count}\",").as_bytes());
        }
        renderer.out.extend_from_slice(b"\"results\":[");
        for (at, &row) in page.iter().enumerate() {
            if at > 0 {
                renderer.out.push(b',');
            }
            renderer.entity(&plan, row, as_of)?;
            if renderer.out.len() >= PIECE {
                let piece = std::mem::replace(&mut renderer.out, Vec::with_capacity(PIECE + PIECE / 4));
                pieces.push(Bytes::from(piece));
            }
        }
        renderer.out.push(b']');
        if let Some(next) = next {
            renderer.out.extend_from_slice(b",\"__next\":");
            let address = self.next_address(&next);
            render::string(&mut renderer.out, &address);
        }
        renderer.out.extend_from_slice(b"}}");
        pieces.push(Bytes::from(renderer.out));
        Ok(Written { pieces, rows: page.len() as u64, is_page: true })
    }

    /// The rows of the page, the token of the next one, and the count when it was asked for.
    fn page(&self, source: &Source, as_of: AsOf, test: Option<&Test>) -> Result<Page, Refusal> {
        let query = self.query;
        let set = source.set();
        let asked = query.page_size.map_or(self.settings.page_size, |size| size as usize);
        let size = asked.clamp(1, self.settings.page_size);
        let token = query.skip_token.as_deref().map(|text| Token::parse(text).ok_or_else(lost)).transpose()?;
        if query.paging == Some(Paging::Snapshot) && set.metadata_framework() {
            let name = set.table().name;
            return Err(Refusal::bad_request(&format!("Snapshot-based pagination is not supported for {name}.")));
        }

        // Where the server keeps the place, `$top` is the size of a page.
        let size_kept = query.top.map_or(size, |top| usize::try_from(top).unwrap_or(size).clamp(1, size));
        match (token, query.paging) {
            (Some(Token::Snapshot { snapshot, row }), _) => {
                let keys = self.snapshots.get(snapshot, self.now, self.settings.snapshot_lifetime).ok_or_else(lost)?;
                Ok(self.page_of(set, &keys, snapshot, row, size_kept))
            }
            (Some(Token::Cursor { after }), _) => self.page_after(source, as_of, test, &after, size_kept),
            (Some(Token::Rows { start_row, .. }), _) => self.page_from(source, as_of, test, start_row, size),
            (None, None) => self.page_from(source, as_of, test, 0, size),
            (None, Some(Paging::Cursor)) => {
                if !query.order_by.is_empty() {
                    let why = "Cursor-based pagination cannot be combined with $orderby.";
                    return Err(Refusal::bad_request(why));
                }
                self.page_after(source, as_of, test, &[], size_kept)
            }
            (None, Some(Paging::Snapshot)) => {
                let rows = self.ordered(source, as_of, test)?;
                let keys: Arc<[OwnedKey]> = rows.iter().map(|&row| self.owned_key(row)).collect();
                if keys.len() <= size_kept {
                    let counted = query.inline_count == Some(InlineCount::AllPages);
                    return Ok(Page { count: counted.then_some(keys.len()), rows, next: None });
                }
                let number = self.snapshots.keep(Arc::clone(&keys), self.now);
                Ok(self.page_of(set, &keys, number, 0, size_kept))
            }
        }
    }

    fn owned_key(&self, row: RowId) -> OwnedKey {
        self.world.key(row).iter().map(OwnedPart::of).collect()
    }

    /// Default paging: so many rows from a row's number on.
    fn page_from(
        &self,
        source: &Source,
        as_of: AsOf,
        test: Option<&Test>,
        start: usize,
        size: usize,
    ) -> Result<Page, Refusal> {
        let query = self.query;
        let counted = query.inline_count == Some(InlineCount::AllPages);
        let skip = query.skip.map_or(0, |skip| usize::try_from(skip).unwrap_or(usize::MAX));
        let top = query.top.map_or(usize::MAX, |top| usize::try_from(top).unwrap_or(usize::MAX));
        let size = size.min(top.saturating_sub(start));
        let from = skip.saturating_add(start);
        let (mut rows, count) = if counted || !query.order_by.is_empty() {
            let all = self.ordered(source, as_of, test)?;
            let count = all.len();
            (all.into_iter().skip(from).take(size.saturating_add(1)).collect::<Vec<_>>(), count)
        } else {
            (self.found(source, as_of, test).skip(from).take(size.saturating_add(1)).collect(), 0)
        };
        let more = rows.len() > size && start + size < top;
        rows.truncate(size);
        let end = start + size;
        let next = more.then_some(Token::Rows { start_row: end, end_row: end.saturating_add(size) });
        Ok(Page { rows, next, count: counted.then_some(count) })
    }

    /// Cursor paging: so many rows behind the last of these that is still there. Rows that were added behind it are
    /// seen, rows that are gone are not missed.
    fn page_after(
        &self,
        source: &Source,
        as_of: AsOf,
        test: Option<&Test>,
        after: &[OwnedKey],
        size: usize,
    ) -> Result<Page, Refusal> {
        let set = source.set();
        let known: Vec<RowId> = after
            .iter()
            .filter_map(|key| {
                let parts: Vec<KeyPart<'_>> = key.iter().map(OwnedPart::borrow).collect();
                self.world.find(set, &parts)
            })
            .collect();
        let passed = self.all(source, as_of).enumerate().filter(|(_, row)| known.contains(row)).last();
        let start = match passed {
            Some((at, _)) => at + 1,
            None if after.is_empty() => 0,
            None => return Err(lost()),
        };
        let fits = self.fits(as_of, test);
        let mut rows: Vec<RowId> =
            self.all(source, as_of).skip(start).filter(fits).take(size.saturating_add(1)).collect();
        let more = rows.len() > size;
        rows.truncate(size);
        let last = rows.len().saturating_sub(TRAIL);
        let trail = rows.get(last..).unwrap_or_default();
        let next = more.then(|| Token::Cursor { after: trail.iter().map(|&row| self.owned_key(row)).collect() });
        let counted = self.query.inline_count == Some(InlineCount::AllPages);
        let count = counted.then(|| self.found(source, as_of, test).count());
        Ok(Page { rows, next, count })
    }

    fn page_of(&self, set: Set, keys: &[OwnedKey], snapshot: u64, row: usize, size: usize) -> Page {
        let end = row.saturating_add(size).min(keys.len());
        let page = keys.get(row..end).unwrap_or_default();
        // Rows that are gone meanwhile, or out of sight, drop out.
        let rows = page.iter().filter_map(|key| {
            let parts: Vec<KeyPart<'_>> = key.iter().map(OwnedPart::borrow).collect();
            self.world.find(set, &parts).filter(|&row| self.view.sees(self.world, row))
        });
        let next = (end < keys.len()).then_some(Token::Snapshot { snapshot, row: end });
        let counted = self.query.inline_count == Some(InlineCount::AllPages);
        Page { rows: rows.collect(), next, count: counted.then_some(keys.len()) }
    }

    /// The condition: the filter, and for users the one that nobody wrote (KBA 2736579): a filter that does not
    /// mention `status` finds only those with `t` and `T`.
    fn test(&self, source: &Source) -> Result<Option<Test>, Refusal> {
        let set = source.set();
        let names = self.names(set);
        let written = self.query.filter.as_ref().map(|filter| filter::compile(filter, names)).transpose()?;
        let mentions = self.query.filter.as_ref().is_some_and(mentions_status);
        let implicit = set == Set::User && matches!(source, Source::Whole(_)) && !mentions;
        if !implicit {
            return Ok(written);
        }
        let active =
            Test::In(Operand::own(user::P::status as usize), vec![Val::Text("t".into()), Val::Text("T".into())]);
        Ok(Some(match written {
            Some(written) => Test::All(vec![active, written]),
            None => active,
        }))
    }

    fn judge(&self, as_of: AsOf) -> Judge<'a> {
        let range_reaches_down = self.settings.switches.range_reaches_down;
        Judge { world: self.world, view: self.view, as_of, range_reaches_down }
    }

    /// The rows that are visible and fulfil the condition, in the world's order.
    fn found<'s>(
        &'s self,
        source: &'s Source,
        as_of: AsOf,
        test: Option<&'s Test>,
    ) -> impl Iterator<Item = RowId> + 's {
        self.all(source, as_of).filter(self.fits(as_of, test))
    }

    /// Every row, in the world's order.
    fn all<'s>(&'s self, source: &'s Source, as_of: AsOf) -> Box<dyn Iterator<Item = RowId> + 's> {
        match source {
            Source::Whole(set) => Box::new(self.world.rows(*set, as_of)),
            Source::Related(_, rows) => Box::new(rows.iter().copied()),
        }
    }

    /// Whether a row is visible and fulfils the condition.
    fn fits<'s>(&'s self, as_of: AsOf, test: Option<&'s Test>) -> impl Fn(&RowId) -> bool + 's {
        let judge = self.judge(as_of);
        move |row| self.view.sees(self.world, *row) && test.is_none_or(|test| judge.accepts(test, *row))
    }

    fn ordered(&self, source: &Source, as_of: AsOf, test: Option<&Test>) -> Result<Vec<RowId>, Refusal> {
        let names = self.names(source.set());
        let mut by = Vec::new();
        for order in &self.query.order_by {
            by.push((filter::order_operand(&order.field, names)?, order.descending));
        }
        let rows = self.found(source, as_of, test);
        Ok(narrow::sorted(&self.judge(as_of), &by, rows))
    }

    /// The address of the next page: this one's, with another token.
    fn next_address(&self, token: &Token) -> String {
        let kept = self.raw_query.split('&').filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !pair.is_empty() && !matches!(name, "$skiptoken" | "%24skiptoken")
        });
        let mut address = format!("{}{}?", self.base, self.path);
        for pair in kept {
            address.push_str(pair);
            address.push('&');
        }
        address.push_str("$skiptoken=");
        address.push_str(&token.write());
        address
    }
}

fn mentions_status(filter: &Expr) -> bool {
    filter.fields().iter().any(|field| field.as_str() == "status")
}
