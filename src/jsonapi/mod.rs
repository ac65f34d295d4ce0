//! What goes over the wire as JSON: reading bodies and writing answers.

pub mod body;
