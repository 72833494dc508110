//! Where people are delivered: scim, sql, csv.
