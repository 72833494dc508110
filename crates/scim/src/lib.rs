//! SCIM 2.0 as text: messages, filters, patches; no input or output.
