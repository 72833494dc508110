//! What happens in a company, and what must arrive.

mod basics;
