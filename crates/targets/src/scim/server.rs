//! What the server says about itself; a server that says nothing is taken to be able and watched.

use joinery_model::Clock;
use joinery_scim::{ListResponse, ResourceType, Schema, ServiceProviderConfig, urn};
use serde_json::Value as Json;

use super::client::{Answer, Ask, Client, Trouble};

/// A server that was looked at.
#[derive(Clone, Debug)]
pub(super) struct Server {
    /// The address of its users, without a slash at the end.
    pub users: String,
    /// What it can do, as far as it says.
    pub config: ServiceProviderConfig,
    /// Its schemas; empty when it shows none.
    pub schemas: Vec<Schema>,
    /// Did it say what it can do?
    pub described: bool,
}

/// Reads the discovery documents. Whatever is missing or unreadable is done without; only a server that cannot be
/// asked at all is an error.
pub(super) async fn discover<C: Clock>(client: &Client<C>, base: &str) -> Result<Server, Trouble> {
    let document = async |name: &str| -> Result<Option<Json>, Trouble> {
        let url = format!("{base}/{name}");
        let ask = Ask { lenient: true, ..Ask::get(&url) };
        match client.ask(&ask).await {
            Ok(answer) => Ok(Some(answer).filter(Answer::is_good).map(|answer| answer.body)),
            // Some servers fail on documents that they do not have.
            Err(Trouble::Again { sent: true, after: None, down: false, why }) if why.contains("answered 5") => Ok(None),
            Err(trouble) => Err(trouble),
        }
    };
    let config = document("ServiceProviderConfig").await?;
    let types = list(document("ResourceTypes").await?);
    let schemas = list(document("Schemas").await?);
    let types: Vec<ResourceType> = types.iter().filter_map(ResourceType::read).collect();
    let users = types.iter().find(|kind| kind.schema.eq_ignore_ascii_case(urn::USER) && !kind.endpoint.is_empty());
    // Only the last step counts: servers give it with and without the base before it.
    let name =
        users.and_then(|kind| kind.endpoint.trim_end_matches('/').rsplit('/').next()).filter(|name| !name.is_empty());
    Ok(Server {
        users: format!("{base}/{}", name.unwrap_or("Users")),
        described: config.as_ref().is_some_and(Json::is_object),
        config: config.map(|config| ServiceProviderConfig::read(&config)).unwrap_or_default(),
        schemas: schemas.iter().filter_map(Schema::read).collect(),
    })
}

fn list(body: Option<Json>) -> Vec<joinery_scim::Resource> {
    match body {
        Some(Json::Array(items)) => {
            items.into_iter().filter_map(|item| if let Json::Object(item) = item { Some(item) } else { None }).collect()
        }
        Some(body) => ListResponse::read(body).map(|list| list.resources).unwrap_or_default(),
        None => Vec::new(),
    }
}
