//! From a YAML file to the modules of protected resources.

pub mod yaml;
