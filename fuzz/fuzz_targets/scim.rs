//! SCIM paths, filters, messages and patches: no panic, what is read prints as what reads back, and writing twice
//! leaves what writing once left. A path or filter, and in further lines a resource.
#![no_main]

use joinery_scim::{
    ErrorMessage, Filter, ListResponse, Path, Resource, ResourceType, Schema, ServiceProviderConfig, Write, get,
    operations, write_all,
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value as Json;

fuzz_target!(|text: &str| {
    let (first, rest) = text.split_once('\n').unwrap_or((text, "{}"));
    let body: Json = serde_json::from_str(rest).unwrap_or_default();
    let resource = body.as_object().cloned().unwrap_or_default();
    if let Ok(read) = first.parse::<Filter>() {
        let printed = read.to_string();
        assert_eq!(printed.parse::<Filter>().as_ref(), Ok(&read), "{printed}");
        let holds = read.accepts(&resource, &|_| false);
        assert_eq!(Filter::Not(Box::new(read.clone())).accepts(&resource, &|_| false), !holds);
        let _ = read.implied();
    }
    if let Ok(path) = first.parse::<Path>() {
        let printed = path.to_string();
        assert_eq!(printed.parse::<Path>().as_ref(), Ok(&path), "{printed}");
        for value in [Some(Json::from("x")), None] {
            let writes = [Write { path: path.clone(), value }];
            let mut once: Resource = resource.clone();
            write_all(&mut once, &writes);
            let mut twice = once.clone();
            write_all(&mut twice, &writes);
            assert_eq!(once, twice);
            let _ = (get(&once, &path), operations(Some(&resource), &writes), operations(None, &writes));
        }
    }
    let _ = (ErrorMessage::read(&body), ServiceProviderConfig::read(&body));
    let _ = (ResourceType::read(&resource), Schema::read(&resource), ListResponse::read(body));
});
