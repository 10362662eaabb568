//! Queries, names, registrations and the doorbell: what is not exactly right is refused.

use actix_web::middleware::from_fn;
use actix_web::test::TestRequest;
use actix_web::{App, HttpResponse, web};
use serde_json::{Value, json};
use tracing_actix_web::TracingLogger;

use super::{World, bearer};
use crate::frame::{RequestSpan, frame};

#[actix_web::test]
async fn queries_and_names_are_read_strictly() {
    let world = World::new().await;
    let ops = world.ops.clone();
    let at = |answer: super::Answer, status, code: &str| answer.problem(status, code);
    assert_eq!(
        at(
            world.get("/v1/payments?statu=open", &ops).await,
            400,
            "unknown_parameter"
        ),
        "?statu"
    );
    assert_eq!(
        at(
            world.get("/v1/payments?status=opne", &ops).await,
            400,
            "parameter_invalid"
        ),
        "?status"
    );
    assert_eq!(
        at(world.get("/v1/payments?limit=0", &ops).await, 400, "parameter_invalid"),
        "?limit"
    );
    assert_eq!(
        at(world.get("/v1/payments?limit=x", &ops).await, 400, "parameter_invalid"),
        "?limit"
    );
    assert_eq!(
        at(
            world.get("/v1/payments?held=maybe", &ops).await,
            400,
            "parameter_invalid"
        ),
        "?held"
    );
    assert_eq!(
        at(
            world.get("/v1/payments?order=a&order=b", &ops).await,
            400,
            "parameter_invalid"
        ),
        "?order"
    );
    assert_eq!(
        at(
            world.get("/v1/payments?created_from=today", &ops).await,
            400,
            "parameter_invalid"
        ),
        "?created_from"
    );
    at(world.get("/v1/payments/pay_1", &ops).await, 404, "not_found");
    at(world.get("/v1/sellers/s%201", &ops).await, 404, "not_found");
    at(world.get("/v1/nothing", &ops).await, 404, "not_found");
    at(world.get("/nothing", &ops).await, 404, "not_found");
    let delete = TestRequest::delete().uri("/v1/payments").insert_header(bearer(&ops));
    let refused = world.send(delete).await;
    refused.problem(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), "POST, GET");
}

#[actix_web::test]
async fn registrations_that_cannot_be() {
    let world = World::new().await;
    let seller = |site: Value| json!({"name": "Lamps", "site_id": site, "status": "active"});
    world
        .put("/v1/sellers/s4", seller(json!(33512)))
        .await
        .problem(409, "site_taken");
    world
        .put("/v1/sellers/s4", seller(json!(33511)))
        .await
        .problem(409, "site_taken");
    assert_eq!(
        world
            .put("/v1/sellers/s4", seller(json!(0)))
            .await
            .problem(422, "site_id_invalid"),
        "/site_id"
    );
    assert_eq!(
        world
            .put("/v1/sellers/s4", seller(json!(1.5)))
            .await
            .problem(400, "field_type"),
        "/site_id"
    );
    world
        .put("/v1/sellers/marketplace", seller(json!(7)))
        .await
        .problem(422, "seller_id_invalid");
    let plan = json!({"rules": []});
    assert_eq!(
        world.put("/v1/fee_plans/p", plan).await.problem(422, "rules_missing"),
        "/rules"
    );
    let again = world
        .put(
            "/v1/sellers/s1",
            json!({"name": "s1", "site_id": 33512, "status": "active"}),
        )
        .await;
    assert_eq!(again.status, 200, "{}", again.body);
}

#[actix_web::test]
async fn the_doorbell_is_for_the_gateway() {
    let world = World::new().await;
    let ring = |authorization: &str, body: &str| {
        let request = TestRequest::post().uri("/gateway/notifications");
        request
            .insert_header(("authorization", authorization.to_owned()))
            .set_payload(body.to_owned())
    };
    let refused = world.send(ring("Basic MzAyMDE6d3Jvbmc=", "{\"Payment\": {}}")).await;
    refused.problem(401, "credentials_invalid");
    assert!(refused.header("www-authenticate").starts_with("Basic"));
    // 30201:sandbox-api-key
    let right = "Basic MzAyMDE6c2FuZGJveC1hcGkta2V5";
    assert_eq!(world.send(ring(right, "not json")).await.status, 400);
    let stored = world
        .send(ring(right, "{\"Payment\": {\"ID\": 1, \"MethodID\": 9}}"))
        .await;
    assert_eq!(stored.status, 204, "{}", stored.body);
}

#[actix_web::test]
async fn a_panic_is_a_problem_that_does_not_know_about_the_money() {
    let broken = || async {
        if true {
            panic!("on purpose")
        } else {
            HttpResponse::Ok().finish()
        }
    };
    let app = App::new()
        .route("/v1/payments", web::post().to(broken))
        .route("/v1/payments", web::get().to(broken));
    let app = app.wrap(from_fn(frame)).wrap(TracingLogger::<RequestSpan>::new());
    let app = actix_web::test::init_service(app).await;
    for (request, charged) in [(TestRequest::post(), "unknown"), (TestRequest::get(), "no")] {
        let request = request.uri("/v1/payments").to_request();
        let error = actix_web::dev::Service::call(&app, request).await.err().unwrap();
        let response = error.error_response();
        assert_eq!(response.status(), 500);
        let id = response
            .headers()
            .get("x-request-id")
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let body = actix_web::body::to_bytes(response.into_body()).await.ok().unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (body["code"].as_str(), body["charged"].as_str()),
            (Some("internal"), Some(charged))
        );
        assert!(!id.is_empty() && body["request_id"] == id.as_str());
    }
}
