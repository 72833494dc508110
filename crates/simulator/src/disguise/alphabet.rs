//! Letters that may stand for each other: a vowel for a vowel, a Greek letter for a Greek one.
//!
//! A made-up word keeps the shape of the real one: its length, its script, where its accents and digits are.

/// Letters in classes; each is in one class at the most.
const LISTS: [&str; 16] = [
    "0123456789",
    "aeiou",
    "bcdfghjklmnpqrstvwxyz",
    "àáâãäåāăąæèéêëēėęěìíîïīįòóôõöøōőœùúûüūůűųýỳơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỵỷỹ",
    "çćčďđðñńňĺľłŕřśšşșťţțþźżžğģķļņ",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "άέήίόύώ",
    "ёђѓєѕіїјљњћќўџґ",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "ءآأؤإئةى",
    "கஙசஜஞடணதநனபமயரறலளழவஷஸஹ",
    "அஆஇஈஉஊஎஏஐஒஓஔ",
    // Without an upper case of one letter.
    "ßıŋς",
    "פמנצכףםןץך",
    "אבגדהוזחטיסעקרשת",
    "-",
];

/// Letters in ranges, first and last.
const RANGES: [(char, char); 9] = [
    ('а', 'я'),
    ('\u{905}', '\u{914}'),
    ('\u{915}', '\u{939}'),
    ('\u{3041}', '\u{3093}'),
    ('\u{30a1}', '\u{30f3}'),
    ('\u{ac00}', '\u{d7a3}'),
    ('\u{4e00}', '\u{9fa5}'),
    ('\u{3400}', '\u{4db5}'),
    ('\u{20000}', '\u{2a6d6}'),
];

/// Marks that stand on letters and stay: accents, vowel signs.
const MARKS: [(char, char); 9] = [
    ('\u{300}', '\u{36f}'),
    ('\u{591}', '\u{5c7}'),
    ('\u{610}', '\u{61a}'),
    ('\u{64b}', '\u{65f}'),
    ('\u{900}', '\u{903}'),
    ('\u{93a}', '\u{94f}'),
    ('\u{bbe}', '\u{bcd}'),
    ('\u{e31}', '\u{e4e}'),
    ('\u{3099}', '\u{309a}'),
];

/// The last class of [`LISTS`] is no letter: it keeps the numbers of the others.
const CLASSES: usize = LISTS.len() + RANGES.len();

/// A letter's class and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) class: u8,
    pub(super) at: u32,
}

/// Where a lower-case letter or a digit stands; none for what is in no class.
pub(super) fn place(letter: char) -> Option<Place> {
    if letter == '-' {
        return None;
    }
    for (class, list) in LISTS.iter().enumerate() {
        if let Some(at) = list.chars().position(|known| known == letter) {
            return Some(Place { class: class as u8, at: at as u32 });
        }
    }
    let range = RANGES.iter().position(|(first, last)| (*first..=*last).contains(&letter))?;
    let at = letter as u32 - RANGES.get(range)?.0 as u32;
    Some(Place { class: (LISTS.len() + range) as u8, at })
}

/// How many letters a class has.
pub(super) fn size(class: u8) -> u32 {
    let class = usize::from(class);
    match LISTS.get(class) {
        Some(list) => list.chars().count() as u32,
        None => RANGES.get(class - LISTS.len()).map_or(1, |(first, last)| *last as u32 - *first as u32 + 1),
    }
}

/// The letter at a place.
pub(super) fn letter(place: Place) -> char {
    let class = usize::from(place.class);
    debug_assert!(class < CLASSES, "places come from here");
    match LISTS.get(class) {
        Some(list) => list.chars().nth(place.at as usize),
        None => RANGES.get(class - LISTS.len()).and_then(|(first, _)| char::from_u32(*first as u32 + place.at)),
    }
    .unwrap_or('x')
}

pub(super) fn is_mark(letter: char) -> bool {
    MARKS.iter().any(|(first, last)| (*first..=*last).contains(&letter))
}

/// Letters, digits and marks make words; everything else stands between them.
pub(super) fn in_word(letter: char) -> bool {
    letter.is_alphanumeric() || is_mark(letter)
}

/// The lower-case letter, and whether it was upper-case: only where both are one letter and lead to each other.
pub(super) fn lowered(letter: char) -> (char, bool) {
    // Turkish: its lower case has two characters.
    if letter == 'İ' {
        return ('i', true);
    }
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(small), None) if small != letter => (small, true),
        _ => (letter, false),
    }
}

/// The upper-case letter, where that is one letter.
pub(super) fn raised(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(large), None) => large,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_letter_has_one_place_and_comes_back() {
        let mut seen = HashSet::new();
        for class in (0..CLASSES as u8).filter(|class| usize::from(*class) != LISTS.len() - 1) {
            assert!(size(class) > 1, "{class}");
            for at in 0..size(class) {
                let one = letter(Place { class, at });
                assert!(seen.insert(one), "{one} stands twice");
                assert_eq!(place(one), Some(Place { class, at }), "{one}");
                assert!(in_word(one), "{one}");
                let (lower, upper) = lowered(one);
                assert!((lower, upper) == (one, false), "{one} is lower-case");
            }
        }
        for class in [1_u8, 2, 3, 4, 5, 6, 7, 16] {
            for at in 0..size(class) {
                let one = letter(Place { class, at });
                assert_eq!(lowered(raised(one)), (one, true), "{one} has an upper case that leads back");
            }
        }
    }
}
