//! The door: HTTP, keys, problems, OpenAPI, configuration, and the one binary apportion.
