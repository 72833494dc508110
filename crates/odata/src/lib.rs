//! OData as text: metadata, literals, filters, payloads; no input or output.
