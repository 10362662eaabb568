//! Who may call what: the table, asserted for every route and every role.

use actix_web::http::Method;
use actix_web::test::TestRequest;

use super::{World, bearer};
use crate::access::{ROUTES, Who};

fn filled(path: &str) -> String {
    let id = "01j00000000000000000000000";
    path.replace("{payment}", &format!("pay_{id}"))
        .replace("{operation}", &format!("op_{id}_1"))
        .replace("{split}", &format!("spl_{id}_1"))
        .replace("{refund}", &format!("ref_{id}_1"))
        .replace("{card}", &format!("card_{id}"))
        .replace("{customer}", "customer-1")
        .replace("{key}", &format!("key_{id}"))
        .replace("{seller}", "s1")
        .replace("{plan}", "standard")
        .replace("{version}", "1")
        .replace("{_:.*}", "index.html")
}

#[actix_web::test]
async fn every_route_admits_exactly_the_roles_of_the_table() {
    let world = World::new().await;
    let keys = [
        ("storefront", &world.storefront),
        ("seller", &world.seller),
        ("ops", &world.ops),
        ("admin", &world.admin),
    ];
    for route in ROUTES {
        let Who::Keys(roles) = route.who else { continue };
        let method: Method = route.method.parse().unwrap();
        let request = || TestRequest::default().method(method.clone()).uri(&filled(route.path));
        world.send(request()).await.problem(401, "credentials_missing");
        world
            .send(request().insert_header(bearer("ap_test_nobody")))
            .await
            .problem(401, "credentials_invalid");
        for (role, key) in keys {
            let answer = world.send(request().insert_header(bearer(key))).await;
            let refused = answer.status == 403;
            assert_eq!(
                refused,
                !roles.contains(&role),
                "{role} at {} {}",
                route.method,
                route.path
            );
            // What is admitted reaches a handler: it misses something else, or answers.
            assert_ne!(answer.status, 401);
            assert_ne!(answer.status, 405, "{} {}", route.method, route.path);
            assert_ne!(answer.status, 500, "{} {}: {}", route.method, route.path, answer.body);
        }
    }
}

#[actix_web::test]
async fn what_anybody_may_call_needs_no_key() {
    let world = World::new().await;
    for route in ROUTES.iter().filter(|route| route.who == Who::Anybody) {
        let answer = world.send(TestRequest::get().uri(&filled(route.path))).await;
        assert!(
            answer.status.is_success() || answer.status.is_redirection(),
            "{}: {}",
            route.path,
            answer.status
        );
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[actix_web::test]
async fn a_seller_sees_itself_and_nobody_else() {
    let world = World::new().await;
    assert_eq!(world.get("/v1/sellers/s1/balance", &world.seller).await.status, 200);
    let other = world.get("/v1/sellers/s2/balance", &world.seller).await;
    let missing = world.get("/v1/sellers/s9/balance", &world.seller).await;
    other.problem(404, "not_found");
    missing.problem(404, "not_found");
    assert_eq!(other.body["detail"], missing.body["detail"]);
    world
        .get("/v1/sellers/s2/entries", &world.seller)
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn the_documents_routes_are_the_tables() {
    let document = serde_json::to_value(crate::document()).unwrap();
    let mut documented = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|key| key.len() <= 6) {
            documented.push((method.to_uppercase(), path.clone()));
        }
    }
    let pages = |path: &str| path.starts_with("/docs");
    let mut listed: Vec<(String, String)> = ROUTES
        .iter()
        .filter(|route| !pages(route.path))
        .map(|route| (route.method.to_owned(), route.path.to_owned()))
        .collect();
    documented.sort();
    listed.sort();
    assert_eq!(documented, listed);
}

#[actix_web::test]
async fn production_refuses_test_keys() {
    let mut world = World::new().await;
    let mut door = world.door.as_ref().clone();
    door.production = true;
    world.door = actix_web::web::Data::new(door);
    world
        .get("/v1/sellers", &world.ops)
        .await
        .problem(401, "test_key_refused");
}
