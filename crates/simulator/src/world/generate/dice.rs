//! Chance that repeats: SplitMix64 (Steele, Lea, Flood 2014).

/// A stream of numbers from a seed.
#[derive(Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for the `at`-th thing, so that things can be made in any order.
    pub(super) fn of(seed: u64, at: u32) -> Self {
        let mut dice = Self(seed ^ (u64::from(at) + 1).wrapping_mul(0xD1B5_4A32_D192_ED03));
        dice.roll();
        dice
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 for a bound of 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        ((self.roll() >> 32).wrapping_mul(u64::from(bound)) >> 32) as u32
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below((high - low).max(0) as u32 + 1) as i32
    }

    /// True so many times in a hundred.
    pub(super) fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len() as u32) as usize)
    }

    /// Puts a list in a random order.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last as u32 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // First outputs of SplitMix64 seeded with 1234567, as published with the algorithm's reference code.
    #[test]
    fn the_published_sequence() {
        let mut dice = Dice::new(1_234_567);
        assert_eq!(dice.roll(), 6_457_827_717_110_365_317);
        assert_eq!(dice.roll(), 3_203_168_211_198_807_973);
        assert_eq!(dice.roll(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn numbers_stay_in_bounds() {
        let mut dice = Dice::new(7);
        for _ in 0..1000 {
            assert!(dice.below(3) < 3);
            assert!((-2..=2).contains(&dice.between(-2, 2)));
        }
        assert_eq!(dice.below(0), 0);
        let mut list: Vec<u32> = (0..100).collect();
        dice.shuffle(&mut list);
        assert!(!list.is_sorted());
        list.sort_unstable();
        assert_eq!(list, (0..100).collect::<Vec<_>>());
    }
}
