//! Answers: no panic, and the quick way to the next page agrees with the whole one.
#![no_main]

use joinery_odata::payload::{find_next, read_upsert_request, read_upsert_results};
use joinery_odata::{Page, Selection, Tree, read_selected};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let next = find_next(bytes);
    if let Ok(page) = Page::parse(bytes) {
        // The quick way counts on `d` being all there is, and on one `__next` at most.
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let members = read_selected(text, &Selection::everything());
        let only_d = matches!(&members, Ok(Tree::Object(members)) if members.len() == 1);
        let once = text.matches("__next").count() == 1;
        if let Some(next) = next.filter(|_| page.is_list && only_d && once) {
            assert_eq!(page.next, Some(next));
        }
        let some = Selection::of(["a", "b/c", "__metadata/uri"]);
        for entity in &page.entities {
            let _ = (read_selected(entity, &Selection::everything()), read_selected(entity, &some));
        }
    }
    if let Ok(rows) = read_upsert_request(bytes) {
        for row in rows {
            let _ = row.to_json();
        }
    }
    let _ = read_upsert_results(bytes).map(|results| results.iter().filter(|result| result.reason().is_some()).count());
});
