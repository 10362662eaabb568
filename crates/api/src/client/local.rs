//! What a server that is started in this process is called with.

use engine::clock::{Ids, SystemIds};

use crate::server::Running;

/// A fresh admin key, for `auth.bootstrap_admin_key`.
pub(crate) fn admin_key() -> String {
    format!("ap_test_{:032x}{:032x}", SystemIds.random(), SystemIds.random())
}

/// Where the sandbox is that was started beside an API.
#[cfg(feature = "sandbox")]
pub(crate) fn sandbox_of(running: &Running) -> Option<String> {
    running.gateway.as_ref().map(|sandbox| sandbox.url.clone())
}

/// There is none in this binary.
#[cfg(not(feature = "sandbox"))]
pub(crate) fn sandbox_of(_: &Running) -> Option<String> {
    None
}
