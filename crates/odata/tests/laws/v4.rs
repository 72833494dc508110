//! OData v4: nothing that is read panics, and values keep their meaning from version to version.

use joinery_odata::v4::{Options, from_v2, to_v2};
use joinery_odata::{Edm, EntityAddress, Expr, Literal};
use proptest::prelude::*;

use super::arbitrary::text;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_comes_is_judged(text in text(), options in "(\\$(filter|expand|select|top|count)=|[a-z(),;/:$= ']|&){0,30}") {
        let _ = Options::parse(&text);
        let _ = Options::parse(&options);
        let _ = Expr::parse_v4(&text);
        let _ = EntityAddress::parse_v4(&text);
    }

    #[test]
    fn values_come_back_as_they_were(number in any::<i64>(), second in -62_000_000_000_i64..253_000_000_000, day in 0_i64..2_900_000) {
        let whole = Literal::Int64(number).to_json();
        prop_assert_eq!(to_v2(Edm::Int64, &from_v2(Edm::Int64, false, &whole)), whole);
        let instant = Literal::DateTimeOffset(jiff::Timestamp::from_second(second).unwrap()).to_json();
        prop_assert_eq!(to_v2(Edm::DateTimeOffset, &from_v2(Edm::DateTimeOffset, false, &instant)), instant);
        let date = Literal::DateTime(joinery_odata::date::civil_from_ms(day * 86_400_000).unwrap()).to_json();
        prop_assert_eq!(to_v2(Edm::DateTime, &from_v2(Edm::DateTime, true, &date)), date);
    }

    /// What v2 and v4 write alike means the same in both.
    #[test]
    fn common_filters_are_read_alike(name in "[a-m][a-zA-Z]{0,6}", value in "[ -~]{0,8}", number in any::<i32>()) {
        let value = value.replace('\'', "''");
        let filter = format!("startswith({name},'{value}') or not ({name} eq {number}) and length({name}) gt 2");
        let v2 = Expr::parse(&filter);
        prop_assert!(v2.is_ok());
        prop_assert_eq!(Expr::parse_v4(&filter), v2);
    }
}
