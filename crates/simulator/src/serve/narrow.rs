//! Fewer rows behind an expanded navigation, and in another order: `$expand=nav($filter=…;$orderby=…;$top=…)` of v4.

use std::cmp::Ordering;

use super::filter::{Judge, Operand, Test, Val};
use crate::world::RowId;

/// What narrows an expanded navigation to many.
#[derive(Debug, Default)]
pub(crate) struct Narrow {
    pub(crate) test: Option<Test>,
    /// Each with true for descending.
    pub(crate) by: Vec<(Operand, bool)>,
    pub(crate) skip: usize,
    pub(crate) top: Option<usize>,
    pub(crate) count: bool,
}

impl Narrow {
    /// The rows that are left, and how many there were before `skip` and `top`.
    pub(crate) fn apply(&self, judge: &Judge<'_>, rows: Vec<RowId>) -> (Vec<RowId>, usize) {
        let fits = |row: &RowId| self.test.as_ref().is_none_or(|test| judge.accepts(test, *row));
        let rows = sorted(judge, &self.by, rows.into_iter().filter(fits));
        let count = rows.len();
        (rows.into_iter().skip(self.skip).take(self.top.unwrap_or(usize::MAX)).collect(), count)
    }
}

/// Rows in the order of these values; as they came where they are equal.
pub(crate) fn sorted(judge: &Judge<'_>, by: &[(Operand, bool)], rows: impl Iterator<Item = RowId>) -> Vec<RowId> {
    if by.is_empty() {
        return rows.collect();
    }
    let mut keyed: Vec<(Vec<Val<'_>>, RowId)> =
        rows.map(|row| (by.iter().map(|(operand, _)| judge.first(operand, row)).collect(), row)).collect();
    keyed.sort_by(|(a, _), (b, _)| {
        let mut orders = a.iter().zip(b).zip(by).map(|((a, b), (_, descending))| {
            let order = a.sort(b);
            if *descending { order.reverse() } else { order }
        });
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    keyed.into_iter().map(|(_, row)| row).collect()
}
