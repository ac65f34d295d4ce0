//! The tests of the resources, each on every engine that is installed.

// scaffold: modules
