//! How addresses and national ids look in each country. In patterns `#` is a digit, `?` a letter.

use super::dice::Dice;

/// A country's streets, postcodes and ids, in the order of [`super::cultures::CULTURES`].
pub(super) struct Place {
    pub streets: &'static [&'static str],
    /// The number stands after the street.
    pub number_last: bool,
    pub zip: &'static str,
    /// Code of the state or province of each city; empty where addresses have none.
    pub states: &'static [&'static str],
    /// What the national id is called, and how it looks.
    pub card: (&'static str, &'static str),
}

pub(super) const PLACES: [Place; 15] = [
    Place {
        streets: &["Hauptstraße", "Gänseweg", "Am Mühlbach", "Schloßallee", "Bahnhofstr."],
        number_last: true,
        zip: "#####",
        states: &["BE", "BY", "NW", "BW"],
        card: ("SVNR", "## ###### ? ###"),
    },
    Place {
        streets: &["Main Street", "O'Farrell Street", "5th Avenue", "Elm Rd.", "Martin Luther King Jr. Blvd"],
        number_last: false,
        zip: "#####-####",
        states: &["NY", "IL", "CO", "CA", "HI"],
        card: ("ssn", "###-##-####"),
    },
    Place {
        streets: &["rue de l'Église", "avenue Foch", "boulevard Saint-Germain", "impasse des Lilas"],
        number_last: false,
        zip: "#####",
        states: &["IDF", "CVL", "ARA"],
        card: ("NIR", "1 ## ## ## ### ###"),
    },
    Place {
        streets: &["High Street", "King's Road", "St. John's Wood Rd", "Station Rd"],
        number_last: false,
        zip: "??# #??",
        states: &["", ""],
        card: ("NINO", "?? ## ## ## ?"),
    },
    Place {
        streets: &["ul. Długa", "ul. Świętego Jana", "al. Róż"],
        number_last: true,
        zip: "##-###",
        states: &["MA", "LD"],
        card: ("PESEL", "###########"),
    },
    Place {
        streets: &["Rua Augusta", "Av. São João", "Travessa da Conceição"],
        number_last: true,
        zip: "#####-###",
        states: &["SP", "AM"],
        card: ("CPF", "###.###.###-##"),
    },
    Place {
        streets: &["İstiklal Cd.", "Bağdat Cd.", "Çiçek Sk."],
        number_last: true,
        zip: "#####",
        states: &[""],
        card: ("TCKN", "###########"),
    },
    Place {
        streets: &["Οδός Ερμού", "Λεωφόρος Αλεξάνδρας"],
        number_last: true,
        zip: "### ##",
        states: &[""],
        card: ("AMKA", "###########"),
    },
    Place {
        streets: &["вул. Хрещатик", "вул. Лесі Українки", "просп. Свободи"],
        number_last: true,
        zip: "#####",
        states: &["", ""],
        card: ("RNOKPP", "##########"),
    },
    Place {
        streets: &["רחוב דיזנגוף", "שדרות רוטשילד"],
        number_last: true,
        zip: "#######",
        states: &[""],
        card: ("TZ", "#########"),
    },
    Place {
        streets: &["شارع الشيخ زايد", "شارع الوصل"],
        number_last: true,
        zip: "",
        states: &["DU"],
        card: ("EID", "784-####-#######-#"),
    },
    Place {
        streets: &["MG Road", "Brigade Rd", "महात्मा गांधी मार्ग"],
        number_last: false,
        zip: "######",
        states: &["KA", "MH"],
        card: ("PAN", "?????####?"),
    },
    Place {
        streets: &["南京东路", "人民大道", "深南大道"],
        number_last: true,
        zip: "######",
        states: &["31", "44"],
        card: ("RIC", "##################"),
    },
    Place {
        streets: &["丸の内", "神宮前", "西新宿"],
        number_last: true,
        zip: "###-####",
        states: &["13"],
        card: ("MyNumber", "############"),
    },
    Place {
        streets: &["Phố Huế", "Đường Láng", "Phố Hàng Bông"],
        number_last: false,
        zip: "######",
        states: &["HN"],
        card: ("CCCD", "############"),
    },
];

/// Fills a pattern in.
pub(super) fn filled(pattern: &str, dice: &mut Dice) -> String {
    let mut letter = |mark| match mark {
        '#' => char::from(b'0' + dice.below(10) as u8),
        '?' => char::from(b'A' + dice.below(26) as u8),
        other => other,
    };
    pattern.chars().map(&mut letter).collect()
}

impl Place {
    /// A street with a number.
    pub(super) fn street(&self, dice: &mut Dice) -> String {
        let street = dice.pick(self.streets).copied().unwrap_or_default();
        let number = dice.between(1, 180);
        if self.number_last { format!("{street} {number}") } else { format!("{number} {street}") }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cultures::CULTURES;
    use super::*;

    #[test]
    fn every_city_has_a_state_or_none() {
        assert_eq!(PLACES.len(), CULTURES.len());
        for (place, culture) in PLACES.iter().zip(CULTURES) {
            assert_eq!(place.states.len(), culture.cities.len(), "{}", culture.country);
            assert!(!place.streets.is_empty());
        }
    }

    #[test]
    fn patterns_are_filled_in() {
        let text = filled("## ?-x", &mut Dice::new(1));
        assert!(text.len() == 6 && text.ends_with("-x") && text[..2].bytes().all(|byte| byte.is_ascii_digit()));
    }
}
