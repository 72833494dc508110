//! What every resource has (RFC 7643, section 3.1).

use super::{Attribute, Returned};

/// `schemas`, `id`, `externalId` and `meta`: attributes of every resource, of no schema.
pub(crate) fn of_every_resource() -> Vec<Attribute> {
    vec![
        Attribute::reference("schemas", &["uri"], "The URNs of the schemas that the resource holds data of")
            .many()
            .required()
            .returned(Returned::Always),
        Attribute::text("id", "The resource's identifier, given by the server and never used again")
            .required()
            .exact()
            .read_only()
            .returned(Returned::Always)
            .unique(),
        Attribute::text("externalId", "The client's own identifier for the resource").exact(),
        Attribute::complex(
            "meta",
            "What the server knows about the resource itself",
            vec![
                Attribute::text("resourceType", "The name of its resource type").exact(),
                Attribute::date_time("created", "When it came to be"),
                Attribute::date_time("lastModified", "When it last changed"),
                Attribute::reference("location", &["uri"], "Its address"),
                Attribute::text("version", "Its version: the entity tag").exact(),
            ],
        )
        .read_only(),
    ]
}
