//! Literals, filters, keys and queries.

use joinery_odata::{EntityAddress, Expr, Field, Literal, Metadata, Query, ServerError, TypeRef};
use proptest::prelude::*;

use super::arbitrary::{address, expr, literal, query};

proptest! {
    #[test]
    fn a_literal_reads_back(literal in literal()) {
        prop_assert_eq!(Literal::parse(&literal.to_string()), Ok(literal));
    }

    #[test]
    fn a_filter_reads_back(expr in expr()) {
        prop_assert_eq!(Expr::parse(&expr.to_string()), Ok(expr));
    }

    #[test]
    fn an_address_reads_back(address in address(), root in "(https://[a-z.]{3,9}(:443)?)?(/sf)?/odata/v2/|/?", query in "([?][a-z=]{0,5})?") {
        let printed = address.to_string();
        prop_assert!(printed.is_ascii());
        prop_assert_eq!(EntityAddress::parse(&format!("{root}{printed}{query}")), Ok(address));
    }

    #[test]
    fn a_query_reads_back(query in query()) {
        let printed = query.to_string();
        prop_assert!(printed.bytes().all(|byte| byte.is_ascii_graphic()));
        prop_assert_eq!(Query::parse(&printed), Ok(query));
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = (Literal::parse(&text), Expr::parse(&text), EntityAddress::parse(&text), Query::parse(&text));
        let _ = (Field::parse(&text), TypeRef::parse(&text), Metadata::parse(text.as_bytes()));
        let _ = ServerError::read(text.as_bytes());
    }

    #[test]
    fn no_near_miss_panics(text in r"(a|b/c|not |and |or |eq |in |like |'x'|'|''|1|2L|-|,|\(|\)|tolower\(|datetime'|2026-11-21|null| |é|%|=|/){0,24}") {
        if let Ok(read) = Expr::parse(&text) {
            prop_assert_eq!(Expr::parse(&read.to_string()), Ok(read));
        }
        let _ = (Literal::parse(&text), EntityAddress::parse(&text), Query::parse(&text));
    }

    #[test]
    fn no_markup_panics(text in r#"(<edmx:Edmx>|</edmx:Edmx>|<DataServices>|<Schema>|</Schema>|<EntityType Name="a">|<Property Name="b" Type="Edm.Int64"/>|<error>|<code>|<!--|-->|<!\[CDATA\[|\]\]>|<\?|\?>|<!DOCTYPE a>|"|'|>|<|x){0,20}"#) {
        let _ = Metadata::parse(text.as_bytes());
        let _ = ServerError::read(text.as_bytes());
    }
}
