//! OData v4 as text: query options, CSDL XML, and the addresses of contexts. Filters and keys of v4 are read into the
//! same trees as v2's ([`crate::Expr::parse_v4`], [`crate::EntityAddress::parse_v4`]).
//!
//! SuccessFactors serves no identity data by v4; who speaks it here speaks it by a name of their own.

mod csdl;
mod options;
mod print;
mod read_csdl;
mod value;

pub use csdl::to_csdl;
pub use options::{Expand, Options, OptionsError};
pub use print::{write_address, write_filter, write_query};
pub use read_csdl::{from_csdl, is_csdl};
pub use value::{from_v2, to_v2};

#[cfg(test)]
mod tests {
    use crate::payload::find_next;
    use crate::{Page, PayloadError, Selection, read_selected};

    #[test]
    fn answers_are_pages_like_those_of_v2() {
        let list = br#"{"@odata.context":"x","@odata.count":7,"value":[{"a":1,"nav":[{"b":"}"}]},{"a":2}],"@odata.nextLink":"https://h/p?$skiptoken=a\u0026b"}"#;
        let page = Page::parse(list).unwrap();
        assert_eq!((page.entities.len(), page.count, page.is_list), (2, Some(7), true));
        assert_eq!(page.next.as_deref(), Some("https://h/p?$skiptoken=a&b"));
        assert_eq!(find_next(list), page.next);
        let selection = Selection::of(["a", "nav/b"]);
        assert_eq!(
            read_selected(page.entities[0], &selection).unwrap().at("nav").map(|nav| nav.items().len()),
            Some(1)
        );
        let one = br#"{"@odata.context":"x#User/$entity","userId":"u","value":"v"}"#;
        let page = Page::parse(one).unwrap();
        assert!(!page.is_list && page.next.is_none());
        assert!(read_selected(page.entities[0], &Selection::of(["userId"])).unwrap().get("userId").is_some());
        let empty = br#"{"@odata.context":"x","value":[]}"#;
        assert_eq!((Page::parse(empty).unwrap().entities.len(), find_next(empty)), (0, None));
        assert!(Page::parse(br#"{"value":[]}"#).is_err() && Page::parse(br#"{"error":{}}"#).is_err());
        let cut = r#"{"nav":[{"b":1}],"nav@odata.nextLink":"x"}"#;
        assert!(matches!(read_selected(cut, &selection), Err(PayloadError::PartialExpansion { .. })));
        assert!(read_selected(cut, &Selection::of(["a"])).is_ok());
    }
}
