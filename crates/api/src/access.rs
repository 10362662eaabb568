//! Who may call what. A route that is not in this table is refused to everybody.

use engine::Role;

/// A route and who may call it.
#[derive(Debug)]
pub struct Route {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// The path with its parameters, as the router knows it.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody.
    Anybody,
    /// The gateway, with credentials of its own.
    Gateway,
    /// API keys of these roles.
    Keys(&'static [&'static str]),
}

const STOREFRONT: &str = "storefront";
const SELLER: &str = "seller";
const OPS: &str = "ops";
const ADMIN: &str = "admin";

const fn open(path: &'static str) -> Route {
    Route {
        method: "GET",
        path,
        who: Who::Anybody,
    }
}

const fn keys(method: &'static str, path: &'static str, roles: &'static [&'static str]) -> Route {
    Route {
        method,
        path,
        who: Who::Keys(roles),
    }
}

/// Every route.
pub const ROUTES: &[Route] = &[
    keys("GET", "/v1/sellers", &[OPS, ADMIN]),
    keys("GET", "/v1/sellers/{seller}", &[OPS, ADMIN]),
    keys("PUT", "/v1/sellers/{seller}", &[ADMIN]),
    keys("GET", "/v1/sellers/{seller}/balance", &[SELLER, OPS, ADMIN]),
    keys("GET", "/v1/sellers/{seller}/entries", &[SELLER, OPS, ADMIN]),
    keys("GET", "/v1/marketplace/balance", &[OPS, ADMIN]),
    keys("GET", "/v1/marketplace/entries", &[OPS, ADMIN]),
    keys("GET", "/v1/fee_plans/{plan}", &[OPS, ADMIN]),
    keys("PUT", "/v1/fee_plans/{plan}", &[ADMIN]),
    keys("GET", "/v1/fee_plans/{plan}/versions/{version}", &[OPS, ADMIN]),
    keys("POST", "/v1/quotes", &[STOREFRONT, OPS]),
    keys("POST", "/v1/payments", &[STOREFRONT, OPS]),
    keys("GET", "/v1/payments", &[STOREFRONT, SELLER, OPS]),
    keys("GET", "/v1/payments/{payment}", &[STOREFRONT, SELLER, OPS]),
    keys("GET", "/v1/payments/{payment}/timeline", &[OPS]),
    keys("POST", "/v1/payments/{payment}/splits", &[STOREFRONT, OPS]),
    keys("POST", "/v1/payments/{payment}/capture/preview", &[OPS]),
    keys("POST", "/v1/payments/{payment}/capture", &[OPS]),
    keys("POST", "/v1/payments/{payment}/splits/{split}/capture", &[OPS]),
    keys("POST", "/v1/payments/{payment}/ready", &[SELLER, OPS]),
    keys("POST", "/v1/payments/{payment}/cancel", &[STOREFRONT, OPS]),
    keys(
        "POST",
        "/v1/payments/{payment}/refunds/preview",
        &[STOREFRONT, SELLER, OPS],
    ),
    keys("POST", "/v1/payments/{payment}/refunds", &[SELLER, OPS]),
    keys("GET", "/v1/payments/{payment}/refunds", &[STOREFRONT, SELLER, OPS]),
    keys("GET", "/v1/refunds/{refund}", &[STOREFRONT, SELLER, OPS]),
    keys("POST", "/v1/refunds/{refund}/retry", &[OPS]),
    keys("POST", "/v1/refunds/{refund}/abandon", &[OPS]),
    keys("GET", "/v1/customers/{customer}/cards", &[STOREFRONT, OPS]),
    keys("DELETE", "/v1/customers/{customer}/cards/{card}", &[STOREFRONT, OPS]),
    keys("POST", "/v1/settlements", &[OPS]),
    keys("GET", "/v1/operations", &[OPS]),
    keys("POST", "/v1/operations/{operation}/inquire", &[OPS]),
    keys("POST", "/v1/operations/{operation}/resend", &[OPS]),
    keys("POST", "/v1/operations/{operation}/give_up", &[OPS]),
    keys("GET", "/v1/discrepancies", &[OPS]),
    keys("POST", "/v1/discrepancies/{discrepancy}/resolve", &[OPS]),
    keys("POST", "/v1/reconciliations", &[OPS]),
    keys("POST", "/v1/api_keys", &[ADMIN]),
    keys("GET", "/v1/api_keys", &[ADMIN]),
    keys("DELETE", "/v1/api_keys/{key}", &[ADMIN]),
    Route {
        method: "POST",
        path: "/gateway/notifications",
        who: Who::Gateway,
    },
    open("/livez"),
    open("/readyz"),
    open("/openapi.json"),
    open("/docs/{_:.*}"),
    open("/docs"),
];

/// The row of a route.
#[must_use]
pub fn route(method: &str, path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.method == method && route.path == path)
}

/// The methods a path answers.
#[must_use]
pub fn methods(path: &str) -> String {
    let methods: Vec<&str> = ROUTES
        .iter()
        .filter(|route| route.path == path)
        .map(|route| route.method)
        .collect();
    methods.join(", ")
}

impl Who {
    /// Whether a key of this role may call.
    #[must_use]
    pub fn admits(self, role: &Role) -> bool {
        matches!(self, Self::Keys(roles) if roles.contains(&role.as_str()))
    }
}
