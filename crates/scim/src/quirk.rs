//! What clients bend, each bend by its name: allowed or not, and counted when it happens.

use std::fmt;

/// A departure from the standards (RFC 7643, RFC 7644) that some client is known for.
///
/// The standards are the rule; each departure is understood only where a [`Tolerance`] allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quirk {
    /// Filter: text in single quotes (One Identity; an example of RFC 7644, section 3.7.1, too).
    SingleQuotes,
    /// Filter: a date-time without quotes (One Identity).
    BareDateTimes,
    /// Filter: text without quotes (Entra's documents, RFC 9865's own example).
    BareText,
    /// Names: `urn:…:User.division`, a dot where the colon should stand (One Identity).
    DottedUrns,
    /// Names: `givenName`, `division`, `lastModified` without the attribute or schema that they belong to (One Identity).
    BareNames,
    /// Filter: `emails[type eq "work"].value eq "x"` (Entra).
    SubAfterValuePath,
    /// Filter: clauses on unknown attributes are left out (One Identity). See [`crate::Judge`] for what that means.
    UnknownClauses,
    /// Values: `"True"` for `true` (Entra).
    TextBooleans,
    /// Values: `"5"` for `5`.
    TextNumbers,
    /// Bodies: no `schemas`, or not the schema that the resource is of.
    SchemasLeftOut,
    /// Bodies: an extension's attributes without its URN in `schemas`.
    SchemaNotListed,
    /// Bodies: attributes and schemas that nobody knows are left out (Entra posts a Group schema of its own).
    UnknownAttributes,
    /// Values: one value where several may stand, without the array.
    ArrayLeftOut,
    /// Values: an array of one where one value stands (Entra's manager).
    ArrayForOne,
    /// Values: a bare value for a complex one, meaning its `value` (Entra's manager, members as plain ids).
    BareElements,
    /// PATCH: `Replace`, `Add`, `Remove` (Entra).
    CapitalOps,
    /// PATCH: no path, attributes in the value. The RFC allows it; the interoperability profile does not.
    WithoutPath,
    /// PATCH: keys such as `name.givenName` in a value without a path (Entra).
    DottedKeys,
    /// PATCH: a replacement whose value path finds nothing makes the element (Entra).
    MadeElements,
    /// PATCH: a removal with a value takes away just that (Entra's older members).
    RemovedValues,
}

impl Quirk {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::SingleQuotes,
        Self::BareDateTimes,
        Self::BareText,
        Self::DottedUrns,
        Self::BareNames,
        Self::SubAfterValuePath,
        Self::UnknownClauses,
        Self::TextBooleans,
        Self::TextNumbers,
        Self::SchemasLeftOut,
        Self::SchemaNotListed,
        Self::UnknownAttributes,
        Self::ArrayLeftOut,
        Self::ArrayForOne,
        Self::BareElements,
        Self::CapitalOps,
        Self::WithoutPath,
        Self::DottedKeys,
        Self::MadeElements,
        Self::RemovedValues,
    ];

    /// Its name, for settings and metrics: `single_quotes`.
    pub fn name(self) -> &'static str {
        match self {
            Self::SingleQuotes => "single_quotes",
            Self::BareDateTimes => "bare_date_times",
            Self::BareText => "bare_text",
            Self::DottedUrns => "dotted_urns",
            Self::BareNames => "bare_names",
            Self::SubAfterValuePath => "sub_after_value_path",
            Self::UnknownClauses => "unknown_clauses",
            Self::TextBooleans => "text_booleans",
            Self::TextNumbers => "text_numbers",
            Self::SchemasLeftOut => "schemas_left_out",
            Self::SchemaNotListed => "schema_not_listed",
            Self::UnknownAttributes => "unknown_attributes",
            Self::ArrayLeftOut => "array_left_out",
            Self::ArrayForOne => "array_for_one",
            Self::BareElements => "bare_elements",
            Self::CapitalOps => "capital_ops",
            Self::WithoutPath => "without_path",
            Self::DottedKeys => "dotted_keys",
            Self::MadeElements => "made_elements",
            Self::RemovedValues => "removed_values",
        }
    }

    /// The quirk of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quirk| quirk.name() == name)
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which quirks are understood in one request, and how often each was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tolerance {
    allowed: u32,
    met: [u32; Quirk::ALL.len()],
}

impl Tolerance {
    /// These quirks and no others.
    pub fn of(quirks: &[Quirk]) -> Self {
        let allowed = quirks.iter().fold(0, |bits, quirk| bits | 1 << (*quirk as u32));
        Self { allowed, met: [0; Quirk::ALL.len()] }
    }

    /// What the RFCs allow: [`Quirk::WithoutPath`] alone.
    pub fn strict() -> Self {
        Self::of(&[Quirk::WithoutPath])
    }

    /// Everything that is harmless: all but [`Quirk::UnknownClauses`], which answers more than was asked for.
    pub fn lenient() -> Self {
        Self::of(&Quirk::ALL).without(Quirk::UnknownClauses)
    }

    /// The same with one more.
    pub fn with(mut self, quirk: Quirk) -> Self {
        self.allowed |= 1 << (quirk as u32);
        self
    }

    /// The same with one less.
    pub fn without(mut self, quirk: Quirk) -> Self {
        self.allowed &= !(1 << (quirk as u32));
        self
    }

    /// Is it understood?
    pub fn allows(&self, quirk: Quirk) -> bool {
        self.allowed & (1 << (quirk as u32)) != 0
    }

    /// Is it understood? If so it counts as met.
    pub fn meets(&mut self, quirk: Quirk) -> bool {
        let allowed = self.allows(quirk);
        if allowed {
            let count = &mut self.met[quirk as usize];
            *count = count.saturating_add(1);
        }
        allowed
    }

    /// The quirks that were met, each with how often: what a metric counts.
    pub fn met(&self) -> impl Iterator<Item = (Quirk, u32)> + '_ {
        Quirk::ALL.into_iter().map(|quirk| (quirk, self.met[quirk as usize])).filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quirk_has_its_place_and_its_name() {
        for (at, quirk) in Quirk::ALL.into_iter().enumerate() {
            assert_eq!(quirk as usize, at);
            assert_eq!(Quirk::named(quirk.name()), Some(quirk));
        }
    }

    #[test]
    fn only_what_is_allowed_is_met_and_counted() {
        let mut tolerance = Tolerance::of(&[Quirk::CapitalOps]);
        assert!(tolerance.meets(Quirk::CapitalOps) && tolerance.meets(Quirk::CapitalOps));
        assert!(!tolerance.meets(Quirk::DottedKeys));
        assert_eq!(tolerance.met().collect::<Vec<_>>(), [(Quirk::CapitalOps, 2)]);
        assert!(!Tolerance::lenient().allows(Quirk::UnknownClauses));
    }
}
