//! The endpoints.

use serde_json::{Map, Value as Json, json};

use super::schemas::{reference, resource_name};
use super::{About, Verbs};
use crate::{Registry, Shape};

const MEDIA: &str = "application/scim+json";

pub(super) fn paths(registry: &Registry, about: &About) -> Json {
    let mut all = Map::new();
    for shape in registry.shapes() {
        let reading = Verbs::read_only(&shape.kind.name);
        let verbs = about.verbs.iter().find(|verbs| verbs.kind == shape.kind.name).unwrap_or(&reading);
        let endpoint = &shape.kind.endpoint;
        all.insert(endpoint.clone(), collection(shape, verbs, about));
        all.insert(format!("{endpoint}/.search"), search(&format!("{}List", shape.kind.name), &shape.kind.name));
        all.insert(format!("{endpoint}/{{id}}"), member(shape, verbs));
    }
    all.insert("/.search".to_owned(), search("ResourceList", "Resource"));
    let read = |schema: &str, summary: &str, path: bool| {
        let mut read = operation(&format!("get{schema}"), summary, &[], None, &[(200, "The document", Some(schema))]);
        if path {
            read["parameters"] = json!([parameter("id")]);
        }
        json!({"get": read})
    };
    let mut config = read("ServiceProviderConfig", "What the service can do", false);
    // RFC 7643, section 5: the ways to sign in can be read before signing in.
    config["get"]["security"] = json!([]);
    all.insert("/ServiceProviderConfig".to_owned(), config);
    all.insert("/ResourceTypes".to_owned(), read("ResourceTypeList", "The kinds of resources", false));
    all.insert("/ResourceTypes/{id}".to_owned(), read("ResourceType", "One kind of resources", true));
    all.insert("/Schemas".to_owned(), read("SchemaList", "The schemas", false));
    all.insert("/Schemas/{id}".to_owned(), read("Schema", "One schema", true));
    if about.bulk {
        let bulk = operation(
            "bulk",
            "Several requests in one",
            &[],
            Some("BulkRequest"),
            &[(200, "What became of each", Some("BulkResponse"))],
        );
        all.insert("/Bulk".to_owned(), json!({"post": bulk}));
    }
    if let Some(user) = registry.shape("User").filter(|_| about.me) {
        let parameters = ["attributes", "excludedAttributes"];
        let resource = resource_name(user);
        let me = operation("getMe", "Who asks", &parameters, None, &[(200, "The resource", Some(&resource))]);
        all.insert("/Me".to_owned(), json!({"get": me}));
    }
    all.into()
}

fn parameter(name: &str) -> Json {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

fn content(schema: &str) -> Json {
    json!({MEDIA: {"schema": reference(schema)}})
}

fn operation(
    id: &str,
    summary: &str,
    parameters: &[&str],
    body: Option<&str>,
    answers: &[(u16, &str, Option<&str>)],
) -> Json {
    let mut responses = Map::new();
    for (status, description, schema) in answers {
        let mut answer = json!({"description": description});
        if let Some(schema) = schema {
            answer["content"] = content(schema);
        }
        responses.insert(status.to_string(), answer);
    }
    let errors = [
        ("400", "BadRequest"),
        ("401", "Unauthorized"),
        ("403", "Forbidden"),
        ("404", "NotFound"),
        ("409", "Conflict"),
        ("412", "PreconditionFailed"),
        ("413", "TooLarge"),
        ("429", "TooMany"),
    ];
    let writes = body.is_some();
    for (status, name) in errors {
        if writes || !matches!(status, "409" | "412" | "413") {
            responses.insert(status.to_owned(), json!({"$ref": format!("#/components/responses/{name}")}));
        }
    }
    let mut operation = json!({"operationId": id, "summary": summary, "responses": responses});
    if !parameters.is_empty() {
        operation["parameters"] = parameters.iter().map(|name| parameter(name)).collect();
    }
    if let Some(body) = body {
        operation["requestBody"] = json!({"required": true, "content": content(body)});
    }
    operation
}

fn collection(shape: &Shape, verbs: &Verbs, about: &About) -> Json {
    let (kind, resource) = (&shape.kind.name, resource_name(shape));
    let mut parameters =
        vec!["filter", "attributes", "excludedAttributes", "sortBy", "sortOrder", "startIndex", "count"];
    if about.cursors {
        parameters.push("cursor");
    }
    let list = format!("{kind}List");
    let listing = operation(
        &format!("list{kind}"),
        &format!("Lists: {kind}"),
        &parameters,
        None,
        &[(200, "A page", Some(&list))],
    );
    let mut all = json!({"get": listing});
    if verbs.create {
        let shown = ["attributes", "excludedAttributes"];
        let answers = [(201, "It was made", Some(&*resource))];
        all["post"] = operation(&format!("create{kind}"), &format!("Makes: {kind}"), &shown, Some(&resource), &answers);
    }
    all
}

fn member(shape: &Shape, verbs: &Verbs) -> Json {
    let (kind, resource) = (&shape.kind.name, resource_name(shape));
    let shown = ["id", "attributes", "excludedAttributes"];
    let whole = (200, "The resource", Some(&*resource));
    let unchanged = (304, "The client has this version", None);
    let mut all =
        json!({"get": operation(&format!("get{kind}"), &format!("Reads: {kind}"), &shown, None, &[whole, unchanged])});
    if verbs.replace {
        all["put"] =
            operation(&format!("replace{kind}"), &format!("Replaces: {kind}"), &shown, Some(&resource), &[whole]);
    }
    if verbs.patch {
        let done = (204, "It was changed", None);
        all["patch"] =
            operation(&format!("patch{kind}"), &format!("Changes: {kind}"), &shown, Some("PatchOp"), &[whole, done]);
    }
    if verbs.delete {
        let mut delete = operation(
            &format!("delete{kind}"),
            &format!("Takes away: {kind}"),
            &["id"],
            None,
            &[(204, "It is gone", None)],
        );
        delete["responses"]["412"] = json!({"$ref": "#/components/responses/PreconditionFailed"});
        all["delete"] = delete;
    }
    all
}

fn search(list: &str, kind: &str) -> Json {
    let id = format!("search{kind}");
    json!({"post": operation(&id, &format!("Searches: {kind}"), &[], Some("SearchRequest"), &[(200, "A page", Some(list))])})
}
