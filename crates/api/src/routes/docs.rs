//! The documentation: the OpenAPI document, and its pages, which need nothing from elsewhere.

use std::sync::OnceLock;

use actix_web::{App, HttpResponse, get, http::header, web};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, Content, Ref, ResponseBuilder};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::access::{ROUTES, Who};
use crate::problem::{self, codes};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Apportion",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(problem::Body)),
    // In the order in which a marketplace meets them.
    tags(
        (name = "Sellers"),
        (name = "Fee plans"),
        (name = "Quotes"),
        (name = "Payments"),
        (name = "Refunds"),
        (name = "Cards"),
        (name = "Balances and entries"),
        (name = "Settlements"),
        (name = "Operations"),
        (name = "API keys"),
        (name = "From the gateway"),
        (name = "Health and documents"),
    )
)]
struct Base;

/// What stands at the top of the document, before the codes.
const INTRODUCTION: &str = include_str!("introduction.md");

/// This document.
#[utoipa::path(tag = "Health and documents", responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)))]
#[get("/openapi.json")]
pub(super) async fn get_openapi() -> HttpResponse {
    static RENDERED: OnceLock<web::Bytes> = OnceLock::new();
    let body = RENDERED.get_or_init(|| web::Bytes::from(document().to_json().unwrap_or_default()));
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(body.clone())
}

/// The pages of the documentation.
pub(super) fn pages(config: &mut web::ServiceConfig) {
    let ui = SwaggerUi::new("/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/openapi.json"));
    let redirect = || async {
        HttpResponse::PermanentRedirect()
            .insert_header((header::LOCATION, "/docs/"))
            .finish()
    };
    config.route("/docs", web::get().to(redirect)).service(ui);
}

/// The OpenAPI document: what the handlers say of themselves, and what the table of routes says of who may call them.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let app = App::new()
        .into_utoipa_app()
        .openapi(Base::openapi())
        .configure(super::routes);
    let (_, mut document) = app.split_for_parts();
    // The codes are many: readers of the pages open them when they want to, and meet the operations first.
    document.info.description = Some(format!(
        "{INTRODUCTION}\n<details>\n<summary>What every <code>code</code> means</summary>\n\n{}\n</details>\n",
        codes::table()
    ));
    let components = document.components.get_or_insert_with(Components::new);
    let scheme = |scheme, description: &str| {
        SecurityScheme::Http(HttpBuilder::new().scheme(scheme).description(Some(description)).build())
    };
    components.add_security_scheme(
        "api_key",
        scheme(HttpAuthScheme::Bearer, "An API key, `ap_test_…` or `ap_live_…`."),
    );
    components.add_security_scheme(
        "gateway",
        scheme(HttpAuthScheme::Basic, "The marketplace's SiteID and API key."),
    );
    for route in ROUTES {
        let Some(item) = document.paths.paths.get_mut(route.path) else {
            continue;
        };
        let operation = match route.method {
            "GET" => &mut item.get,
            "POST" => &mut item.post,
            "PUT" => &mut item.put,
            _ => &mut item.delete,
        };
        if let Some(operation) = operation {
            complete(operation, route.who);
        }
    }
    document
}

fn complete(operation: &mut utoipa::openapi::path::Operation, who: Who) {
    let none: [&str; 0] = [];
    match who {
        Who::Anybody => return,
        Who::Gateway => operation.security = Some(vec![SecurityRequirement::new("gateway", none)]),
        Who::Keys(roles) => {
            operation.security = Some(vec![SecurityRequirement::new("api_key", none)]);
            let description = operation.description.get_or_insert_with(String::new);
            let gap = if description.is_empty() { "" } else { "\n\n" };
            description.push_str(&format!("{gap}Keys: {}.", roles.join(", ")));
        }
    }
    let problem = ResponseBuilder::new()
        .description("A problem")
        .content(
            problem::MEDIA_TYPE,
            Content::new(Some(Ref::from_schema_name("Problem"))),
        )
        .build();
    operation
        .responses
        .responses
        .insert("default".to_owned(), problem.into());
}
