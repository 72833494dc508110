//! Rows are cut into requests.

use std::ops::Range;

use super::row::WriteRow;

/// The most rows that a tenant takes in one request (KBA 3145174).
const MOST_ROWS: usize = 1000;

/// The tenant takes a request of rows of one entity set, at most so many of them, and what must stand together does
/// not come apart.
pub(super) fn cut(rows: &[WriteRow], sizes: &[usize], most_rows: usize, most_bytes: usize) -> Vec<Range<usize>> {
    let most_rows = most_rows.clamp(1, MOST_ROWS);
    let mut batches: Vec<Range<usize>> = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for clump in clumps(rows) {
        let size: usize = sizes.get(clump.clone()).map_or(0, |sizes| sizes.iter().sum());
        let other_set = rows.get(start).zip(rows.get(clump.start)).is_some_and(|(a, b)| a.set() != b.set());
        let full = clump.end - start > most_rows || bytes + size > most_bytes;
        if clump.start > start && (other_set || full) {
            batches.push(start..clump.start);
            (start, bytes) = (clump.start, 0);
        }
        bytes += size;
    }
    if start < rows.len() {
        batches.push(start..rows.len());
    }
    batches
}

/// Two halves of a batch; `None` when it cannot be cut.
pub(super) fn halves(rows: &[WriteRow], batch: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let inside = clumps(rows.get(batch.clone())?);
    let middle = inside.get(inside.len() / 2).map(|clump| batch.start + clump.start)?;
    (middle > batch.start).then_some((batch.start..middle, middle..batch.end))
}

/// Runs of rows of one set that must stand together; most are of one row.
fn clumps(rows: &[WriteRow]) -> Vec<Range<usize>> {
    let mut clumps: Vec<Range<usize>> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let joins = at > 0
            && row.word().is_some()
            && rows.get(at - 1).is_some_and(|before| before.word() == row.word() && before.set() == row.set());
        match clumps.last_mut().filter(|_| joins) {
            Some(clump) => clump.end = at + 1,
            None => clumps.push(at..at + 1),
        }
    }
    clumps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(words: &[&str]) -> Vec<WriteRow> {
        let row = |word: &&str| match *word {
            "" => WriteRow::user("x"),
            word => WriteRow::new("PerEmail").together_with(word),
        };
        words.iter().map(row).collect()
    }

    #[test]
    fn batches_keep_sets_apart_and_people_together() {
        let many = rows(&["", "", "", "a", "a", "b", "b", "b", "c"]);
        let sizes = vec![10; many.len()];
        assert_eq!(cut(&many, &sizes, 2, 1000), [0..2, 2..3, 3..5, 5..8, 8..9]);
        assert_eq!(cut(&many, &sizes, 100, 1000), [0..3, 3..9]);
        assert_eq!(cut(&many, &sizes, 100, 30), [0..3, 3..5, 5..8, 8..9]);
        assert!(cut(&[], &[], 10, 10).is_empty());
        assert_eq!(halves(&many, &(3..9)), Some((3..5, 5..9)));
        assert_eq!(halves(&many, &(5..8)), None);
    }
}
