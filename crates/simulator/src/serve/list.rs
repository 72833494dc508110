//! Lists: which rows, in which order, from where to where.

use std::cmp::Ordering;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use joinery_odata::{Expr, InlineCount, Paging, Query};

use super::filter::{self, Judge, Names, Operand, Test, Val};
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
        };
        Plan::new(set, &wanted)
    }

    /// A plan that writes addresses and nothing else.
    pub(crate) fn plan_of_keys(&self, set: Set) -> Result<Plan, Refusal> {
        let keys: Vec<String> = set.table().keys.iter().map(|&key| key.to_owned()).collect();
        let wanted = Wanted { select: &keys, expand: &[], base: self.base, view: self.view, hidden_are_errors: false };
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
        let (page, next, count) = self.page(source, as_of, test.as_ref())?;

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
            let address = self.next_address(next);
            render::string(&mut renderer.out, &address);
        }
        renderer.out.extend_from_slice(b"}}");
        pieces.push(Bytes::from(renderer.out));
        Ok(Written { pieces, rows: page.len() as u64, is_page: true })
    }

    /// The rows of the page, the token of the next one, and the count when it was asked for.
    #[expect(clippy::type_complexity, reason = "three answers of one look at the rows, used once")]
    fn page(
        &self,
        source: &Source,
        as_of: AsOf,
        test: Option<&Test>,
    ) -> Result<(Vec<RowId>, Option<Token>, Option<usize>), Refusal> {
        let query = self.query;
        let set = source.set();
        let asked = query.page_size.map_or(self.settings.page_size, |size| size as usize);
        let size = asked.clamp(1, self.settings.page_size);
        let lost = || Refusal::bad_request("The skip token is not valid or has expired.");
        let token = query.skip_token.as_deref().map(|text| Token::parse(text).ok_or_else(lost)).transpose()?;
        if query.paging == Some(Paging::Snapshot) && set.metadata_framework() {
            let name = set.table().name;
            return Err(Refusal::bad_request(&format!("Snapshot-based pagination is not supported for {name}.")));
        }

        // Where the server keeps the place, `$top` is the size of a page.
        let size_kept = query.top.map_or(size, |top| usize::try_from(top).unwrap_or(size).clamp(1, size));
        let now = self.now;
        if let Some(Token::Snapshot { snapshot, row }) = token {
            let keys = self.snapshots.get(snapshot, now, self.settings.snapshot_lifetime).ok_or_else(lost)?;
            return Ok(self.page_of(set, &keys, snapshot, row, size_kept));
        }
        let counted = query.inline_count == Some(InlineCount::AllPages);
        if query.paging.is_some() && token.is_none() {
            let rows = self.ordered(source, as_of, test)?;
            let keys: Arc<[OwnedKey]> =
                rows.iter().map(|&row| self.world.key(row).iter().map(OwnedPart::of).collect::<OwnedKey>()).collect();
            if keys.len() <= size_kept {
                let count = counted.then_some(keys.len());
                return Ok((rows, None, count));
            }
            let number = self.snapshots.keep(Arc::clone(&keys), now);
            return Ok(self.page_of(set, &keys, number, 0, size_kept));
        }

        let start = match token {
            Some(Token::Rows { start_row, .. }) => start_row,
            _ => 0,
        };
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
        Ok((rows, next, counted.then_some(count)))
    }

    fn page_of(
        &self,
        set: Set,
        keys: &[OwnedKey],
        snapshot: u64,
        row: usize,
        size: usize,
    ) -> (Vec<RowId>, Option<Token>, Option<usize>) {
        let end = row.saturating_add(size).min(keys.len());
        let page = keys.get(row..end).unwrap_or_default();
        // Rows that are gone meanwhile, or out of sight, drop out.
        let rows = page.iter().filter_map(|key| {
            let parts: Vec<KeyPart<'_>> = key.iter().map(OwnedPart::borrow).collect();
            self.world.find(set, &parts).filter(|&row| self.view.sees(self.world, row))
        });
        let next = (end < keys.len()).then_some(Token::Snapshot { snapshot, row: end });
        let counted = self.query.inline_count == Some(InlineCount::AllPages);
        (rows.collect(), next, counted.then_some(keys.len()))
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
    ) -> Box<dyn Iterator<Item = RowId> + 's> {
        let judge = self.judge(as_of);
        let fits =
            move |row: &RowId| self.view.sees(self.world, *row) && test.is_none_or(|test| judge.accepts(test, *row));
        match source {
            Source::Whole(set) => Box::new(self.world.rows(*set, as_of).filter(fits)),
            Source::Related(_, rows) => Box::new(rows.iter().copied().filter(fits)),
        }
    }

    fn ordered(&self, source: &Source, as_of: AsOf, test: Option<&Test>) -> Result<Vec<RowId>, Refusal> {
        let names = self.names(source.set());
        let mut by = Vec::new();
        for order in &self.query.order_by {
            by.push((filter::order_operand(&order.field, names)?, order.descending));
        }
        let rows = self.found(source, as_of, test);
        if by.is_empty() {
            return Ok(rows.collect());
        }
        let judge = self.judge(as_of);
        let mut keyed: Vec<(Vec<Val<'_>>, RowId)> =
            rows.map(|row| (by.iter().map(|(operand, _)| judge.first(operand, row)).collect(), row)).collect();
        keyed.sort_by(|(a, _), (b, _)| {
            let mut orders = a.iter().zip(b).zip(&by).map(|((a, b), (_, descending))| {
                let order = a.sort(b);
                if *descending { order.reverse() } else { order }
            });
            orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        Ok(keyed.into_iter().map(|(_, row)| row).collect())
    }

    /// The address of the next page: this one's, with another token.
    fn next_address(&self, token: Token) -> String {
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
