//! SCIM filters as clients write them, against the schema: no panic; what is understood prints as what means the same; what it compiles to
//! judges alike. A filter, and in further lines a resource.
#![no_main]

use std::sync::LazyLock;

use joinery_scim::{Condition, Filter, Quirk, Registry, Resolving, Tolerance, read_body, typed};
use libfuzzer_sys::fuzz_target;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::standard);

fuzz_target!(|text: &str| {
    let (first, rest) = text.split_once('\n').unwrap_or((text, "{}"));
    let registry = &*REGISTRY;
    let Some(shape) = registry.shape("User") else { return };
    let mut tolerance = Tolerance::lenient().with(Quirk::UnknownClauses);
    let Ok(filter) = Filter::read(first, &mut tolerance) else { return };
    let Ok(judged) = shape.judge(&filter, Resolving::default(), &mut tolerance) else { return };
    let resource = read_body(rest.as_bytes()).unwrap_or_default();
    let holds = judged.condition.accepts(&resource);
    assert_ne!(Condition::Not(Box::new(judged.condition.clone())).accepts(&resource), holds);
    if let Some(printed) = judged.condition.to_filter() {
        let again = shape.judge(&printed, Resolving::default(), &mut Tolerance::strict());
        assert_eq!(again.map(|again| again.condition).as_ref(), Ok(&judged.condition), "{printed}");
    }
    // Only of what fits the schema is there a typed value that must be judged alike.
    if shape.check(&resource, joinery_scim::Rules::default(), &mut Tolerance::strict()).is_ok() {
        assert_eq!(judged.condition.compile_plain().accepts(&typed(shape, &resource)), holds, "{first}");
    }
});
