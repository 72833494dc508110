//! Where somebody lives, and the national ids that they have.

use super::cultures::CULTURES;
use super::dice::Dice;
use super::people::Maker;
use super::places::{PLACES, filled};
use crate::world::Day;
use crate::world::data::{Audit, Author};
use crate::world::segments::{Address, Card};
use crate::world::text::{Text, Texts};

/// Keeps the chance of households apart from everything else's.
const STREAM: u64 = 0x0048_4F4D_4553;

impl Maker<'_> {
    /// A home, for some a second one since they moved, for some a mailing address; ids of one country or two. A few
    /// have none of all that.
    pub(super) fn household(&mut self, place: u32, culture: usize, start: Day) -> (Vec<Address>, Vec<Card>) {
        let mut dice = Dice::of(self.seed ^ STREAM, place);
        let dice = &mut dice;
        let imported = Audit::at(self.past(start, dice), Author::Import);
        let mut addresses = Vec::new();
        if dice.percent(94) {
            let known = self.today.0 - start.0;
            let first = self.address("home", culture, start, imported, dice);
            if known > 500 && dice.percent(18) {
                let since = start.plus(dice.between(100, known - 30));
                let moved = Audit::at(self.past(since, dice), Author::Admin);
                let next = self.address("home", culture, since, moved, dice);
                addresses = vec![Address { end: since.plus(-1), ..first }, next];
            } else {
                addresses.push(first);
            }
            if dice.percent(7) {
                addresses.push(self.address("mailing", culture, start, imported, dice));
            }
        }
        let mut cards = Vec::new();
        if dice.percent(90) {
            cards.push(card(&mut self.world.texts, culture, true, imported, dice));
            let other = dice.below(PLACES.len() as u32) as usize;
            if other != culture && dice.percent(3) {
                cards.push(card(&mut self.world.texts, other, false, imported, dice));
            }
        }
        addresses.shrink_to_fit();
        cards.shrink_to_fit();
        (addresses, cards)
    }

    fn address(&mut self, kind: &str, culture: usize, start: Day, audit: Audit, dice: &mut Dice) -> Address {
        let (place, people) = (&PLACES[culture], &CULTURES[culture]);
        let at = dice.below(people.cities.len() as u32) as usize;
        let street = place.street(dice);
        let more = if dice.percent(12) { format!("Apt. {}", dice.between(1, 60)) } else { String::new() };
        let zip = filled(place.zip, dice);
        let mut some = |text: &str| if text.is_empty() { Text::NONE } else { self.world.texts.shared(text) };
        Address {
            start,
            end: Day::FOREVER,
            kind: some(kind),
            street: some(&street),
            more: some(&more),
            city: some(people.cities[at].0),
            state: some(place.states[at]),
            country: some(people.country),
            zip: if zip.is_empty() { Text::NONE } else { self.world.texts.add(&zip) },
            audit,
        }
    }
}

fn card(texts: &mut Texts, culture: usize, primary: bool, audit: Audit, dice: &mut Dice) -> Card {
    let (kind, pattern) = PLACES[culture].card;
    let number = filled(pattern, dice);
    Card {
        country: texts.shared(CULTURES[culture].country),
        kind: texts.shared(kind),
        number: texts.add(&number),
        primary,
        audit,
    }
}
