//! What the judgement looks at.

use std::sync::Arc;

use jiff::civil::Date;

/// One employment of a person, as far as the judgement needs it.
#[derive(Clone, Debug, Default)]
pub struct Employment {
    /// The assignment's id, which also breaks ties.
    pub user_id: Arc<str>,
    /// First day. `None` when the tenant does not say.
    pub start: Option<Date>,
    /// Last day, still worked.
    pub end: Option<Date>,
    /// `ST`, `GA`; nothing means `ST`.
    pub class: Option<Arc<str>>,
    /// Marked as the primary one, where the tenant marks one.
    pub primary: bool,
    /// Job information, in any order.
    pub slices: Vec<Slice>,
}

/// One slice of job information.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    /// First day.
    pub start: Option<Date>,
    /// Last day.
    pub end: Option<Date>,
    /// Number within the first day; the highest one of a day is in force.
    pub sequence: i64,
    /// The code of `emplStatus` (`A`, `U`, `T`), or whatever the tenant gives in its place.
    pub status: Option<Arc<str>>,
}

/// Something with a first and a last day, of which one is in force.
pub(crate) trait Dated {
    fn start(&self) -> Option<Date>;
    fn end(&self) -> Option<Date>;
    fn sequence(&self) -> i64 {
        0
    }
}

impl Dated for Slice {
    fn start(&self) -> Option<Date> {
        self.start
    }
    fn end(&self) -> Option<Date> {
        self.end
    }
    fn sequence(&self) -> i64 {
        self.sequence
    }
}

/// The position of the slice that is in force on `day`: of those that cover it the one that started last, of those
/// that started on one day the one with the highest number.
pub(crate) fn in_force<T: Dated>(slices: &[T], day: Date) -> Option<usize> {
    (0..slices.len())
        .filter(|&at| covers(&slices[at], day))
        .max_by_key(|&at| (slices[at].start(), slices[at].sequence()))
}

/// The slice in force on `day`, or failing that the last one that began before it, or failing that the first one after
/// it: what is known about somebody whose slices do not reach the day.
pub(crate) fn nearest<T: Dated>(slices: &[T], day: Date) -> Option<usize> {
    let order = |&at: &usize| (slices[at].start(), slices[at].sequence());
    in_force(slices, day)
        .or_else(|| {
            (0..slices.len()).filter(|&at| slices[at].start().is_none_or(|start| start <= day)).max_by_key(order)
        })
        // Of the slices that begin first, the one with the highest number of that day.
        .or_else(|| (0..slices.len()).min_by_key(|&at| (slices[at].start(), std::cmp::Reverse(slices[at].sequence()))))
}

fn covers<T: Dated>(slice: &T, day: Date) -> bool {
    slice.start().is_none_or(|start| start <= day) && slice.end().is_none_or(|end| end >= day)
}
