//! Countries, as the product's country list has them.

/// ISO 3166 alpha-3, alpha-2, and the English name; in the order of the first.
pub(super) const TERRITORIES: &[(&str, &str, &str)] = &[
    ("ARE", "AE", "United Arab Emirates"),
    ("ARG", "AR", "Argentina"),
    ("AUS", "AU", "Australia"),
    ("AUT", "AT", "Austria"),
    ("BEL", "BE", "Belgium"),
    ("BRA", "BR", "Brazil"),
    ("CAN", "CA", "Canada"),
    ("CHE", "CH", "Switzerland"),
    ("CHN", "CN", "China"),
    ("CZE", "CZ", "Czech Republic"),
    ("DEU", "DE", "Germany"),
    ("DNK", "DK", "Denmark"),
    ("ESP", "ES", "Spain"),
    ("FIN", "FI", "Finland"),
    ("FRA", "FR", "France"),
    ("GBR", "GB", "United Kingdom"),
    ("GRC", "GR", "Greece"),
    ("IND", "IN", "India"),
    ("IRL", "IE", "Ireland"),
    ("ISR", "IL", "Israel"),
    ("ITA", "IT", "Italy"),
    ("JPN", "JP", "Japan"),
    ("KOR", "KR", "South Korea"),
    ("MEX", "MX", "Mexico"),
    ("NLD", "NL", "Netherlands"),
    ("NOR", "NO", "Norway"),
    ("POL", "PL", "Poland"),
    ("PRT", "PT", "Portugal"),
    ("SGP", "SG", "Singapore"),
    ("SWE", "SE", "Sweden"),
    ("TUR", "TR", "Türkiye"),
    ("UKR", "UA", "Ukraine"),
    ("USA", "US", "United States"),
    ("VNM", "VN", "Vietnam"),
    ("ZAF", "ZA", "South Africa"),
];

/// Place of a country by its alpha-3 code.
pub(super) fn territory(code: &str) -> Option<usize> {
    TERRITORIES.binary_search_by(|one| one.0.cmp(code)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_stand_in_order() {
        assert!(TERRITORIES.is_sorted_by_key(|one| one.0));
        assert_eq!(territory("DEU").map(|at| TERRITORIES[at].2), Some("Germany"));
    }
}
