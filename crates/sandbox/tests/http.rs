//! The shell: sockets, the notifier, faults that only a connection can show, and the project's own client against it.

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test macro starts the runtime")]
mod tests {
    use sandbox::{Running, Sandbox, Settings};
    use serde_json::{Value, json};
    use std::time::{Duration, Instant};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

    const ONE_STEP: &str = include_str!("../../gateway-client/tests/golden/one-step-create.request.json");
    const AUTHORIZATION: &str = "Basic MzAyMDE6c2VjcmV0";

    async fn start(notification_url: Option<String>) -> Running {
        let mut settings = Settings::new(30201, "secret".to_owned().into());
        settings.config.notification_url = notification_url;
        settings.config.retry_delays_ms = vec![10];
        Sandbox::start(settings).await.unwrap()
    }

    fn client() -> reqwest::Client {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap()
    }

    async fn post(url: String, body: String) -> reqwest::Result<reqwest::Response> {
        client()
            .post(url)
            .header("Authorization", AUTHORIZATION)
            .body(body)
            .send()
            .await
    }

    async fn json(answer: reqwest::Response) -> Value {
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    async fn fault(sandbox: &Running, fault: Value) {
        let answer = post(format!("{}/_sandbox/faults", sandbox.url), json!([fault]).to_string())
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
    }

    async fn eventually(mut holds: impl FnMut() -> bool) {
        let until = Instant::now() + Duration::from_secs(10);
        while !holds() {
            assert!(Instant::now() < until, "it never happened");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Writes one request to a fresh connection and reads until it is closed.
    async fn raw(sandbox: &Running, method: &str, target: &str, body: &str) -> Vec<u8> {
        let mut socket = TcpStream::connect(sandbox.addr).await.unwrap();
        let length = body.len();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTHORIZATION}\r\nContent-Length: {length}\r\n\r\n"
        );
        socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let mut read = Vec::new();
        // A reset is as good an end as a close.
        let _ = tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut read))
            .await
            .unwrap();
        read
    }

    #[tokio::test]
    async fn a_buyer_pays_and_the_marketplace_is_notified() {
        let receiver = MockServer::start().await;
        let refusing = Mock::given(matchers::method("POST"))
            .respond_with(ResponseTemplate::new(503))
            .up_to_n_times(2);
        refusing.mount(&receiver).await;
        Mock::given(matchers::header("Authorization", AUTHORIZATION))
            .respond_with(ResponseTemplate::new(204))
            .mount(&receiver)
            .await;
        let sandbox = start(Some(format!("{}/gateway/notifications", receiver.uri()))).await;

        let created = post(format!("{}/v1/payments", sandbox.url), ONE_STEP.to_owned())
            .await
            .unwrap();
        assert_eq!(created.status(), 201);
        assert_eq!(created.headers()["content-type"], "application/json; charset=utf-8");
        let created = json(created).await;
        let page = created["Payment"]["RedirectURL"].as_str().unwrap();
        assert!(
            page.starts_with(&format!("{}/Home?PaymentToken=", sandbox.url)),
            "{page}"
        );
        let shown = client().get(page).send().await.unwrap();
        assert_eq!(shown.headers()["content-type"], "text/html; charset=utf-8");
        assert!(shown.text().await.unwrap().contains("1.00"));

        let paid = post(page.to_owned(), "outcome=success".to_owned()).await.unwrap();
        assert_eq!(paid.status(), 303);
        let expected = "http://demo.smart2pay.com/redirect.php?data=2&MerchantTransactionID=s2ptest_split1";
        assert_eq!(paid.headers()["location"], expected);

        eventually(|| {
            sandbox.with_core(|core, now| core.books(now, &Default::default()).notifications.acknowledged == 1)
        })
        .await;
        let received = receiver.received_requests().await.unwrap();
        assert_eq!(received.len(), 3, "refused twice, then acknowledged");
        let body: Value = serde_json::from_slice(&received[2].body).unwrap();
        assert_eq!(
            (&body["Payment"]["ID"], &body["Payment"]["Status"]["ID"]),
            (&created["Payment"]["ID"], &json!(2))
        );
        sandbox.stop().await;
    }

    #[tokio::test]
    async fn two_steps_and_a_refund_over_http() {
        let receiver = MockServer::start().await;
        Mock::given(matchers::method("POST"))
            .respond_with(ResponseTemplate::new(204))
            .mount(&receiver)
            .await;
        let sandbox = start(Some(receiver.uri())).await;
        let settings = json!({"refund_settles_after_ms": 20, "capture_settles_after_ms": 20}).to_string();
        post(format!("{}/_sandbox/config", sandbox.url), settings)
            .await
            .unwrap();
        let request = ONE_STEP.replace("\"MethodID\": 9", "\"MethodID\": 1130");
        let created = json(post(format!("{}/v1/payments", sandbox.url), request).await.unwrap()).await;
        let page = created["Payment"]["RedirectURL"].as_str().unwrap();
        post(page.to_owned(), "outcome=success".to_owned()).await.unwrap();
        let payment = format!("{}/v1/payments/{}", sandbox.url, created["Payment"]["ID"]);
        // No body and no length at all: as curl asks for a full capture.
        let captured = client()
            .post(format!("{payment}/capture/"))
            .header("Authorization", AUTHORIZATION)
            .send()
            .await
            .unwrap();
        assert_eq!(captured.status(), 200);
        assert_eq!(json(captured).await["Payment"]["Status"]["ID"], 13);
        let entry = || sandbox.with_core(|core, now| core.books(now, &Default::default()).payments[0].clone());
        eventually(|| entry().status == 2).await;
        let split = entry().splits[0].id;
        let refund = json!({"Refund": {"MerchantTransactionID": "r", "Amount": 60}}).to_string();
        let refunded = post(format!("{payment}/splits/{split}/refunds"), refund).await.unwrap();
        assert_eq!(refunded.status(), 201);
        eventually(|| entry().splits[0].amount_refunded == 60).await;
        eventually(|| {
            sandbox.with_core(|core, now| core.books(now, &Default::default()).notifications.acknowledged == 3)
        })
        .await;
        let received = receiver.received_requests().await.unwrap();
        let last: Value = serde_json::from_slice(&received[2].body).unwrap();
        assert_eq!(
            (&last["Refund"]["SplitID"], &last["Refund"]["Status"]["ID"]),
            (&json!(split), &json!(2))
        );
    }

    #[tokio::test]
    async fn a_closed_connection_carries_no_byte() {
        let sandbox = start(None).await;
        for (name, known) in [("lose_request", 0), ("lose_answer", 1)] {
            fault(&sandbox, json!({"times": 1, "do": name})).await;
            assert_eq!(raw(&sandbox, "POST", "/v1/payments", ONE_STEP).await, b"");
            assert_eq!(
                sandbox.with_core(|core, now| core.books(now, &Default::default()).payments_total),
                known
            );
        }
        fault(&sandbox, json!({"times": 1, "do": "lose_answer"})).await;
        let error = post(format!("{}/v1/payments", sandbox.url), ONE_STEP.to_owned())
            .await
            .unwrap_err();
        assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
    }

    #[tokio::test]
    async fn a_cut_answer_ends_after_so_many_bytes() {
        let sandbox = start(None).await;
        fault(&sandbox, json!({"times": 1, "do": "cut_at", "bytes": 25})).await;
        let read = String::from_utf8(raw(&sandbox, "POST", "/v1/payments", ONE_STEP).await).unwrap();
        let (head, body) = read.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 201"), "{head}");
        let announced: usize = head
            .to_lowercase()
            .split_once("content-length: ")
            .unwrap()
            .1
            .lines()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(announced > 1_000);
        assert_eq!(body.len(), 25, "{body}");
    }

    #[tokio::test]
    async fn a_late_request_acts_without_anybody_asking() {
        let sandbox = start(None).await;
        fault(&sandbox, json!({"times": 1, "do": "deliver_late_ms", "ms": 100})).await;
        assert_eq!(raw(&sandbox, "POST", "/v1/payments", ONE_STEP).await, b"");
        let total = || sandbox.with_core(|core, now| core.books(now, &Default::default()).requests_total);
        assert_eq!(total(), 1);
        eventually(|| total() == 2).await;
    }

    #[tokio::test]
    async fn delayed_answers_do_not_wait_for_each_other() {
        let sandbox = start(None).await;
        post(
            format!("{}/_sandbox/config", sandbox.url),
            json!({"delay_ms": 300}).to_string(),
        )
        .await
        .unwrap();
        let started = Instant::now();
        let client = client();
        let asks: Vec<_> = (0..20)
            .map(|_| {
                let request = client
                    .get(format!("{}/v1/payments", sandbox.url))
                    .header("Authorization", AUTHORIZATION);
                tokio::spawn(request.send())
            })
            .collect();
        for ask in asks {
            assert_eq!(ask.await.unwrap().unwrap().status(), 200);
        }
        let took = started.elapsed();
        assert!(
            (Duration::from_millis(300)..Duration::from_secs(3)).contains(&took),
            "{took:?}"
        );
    }

    #[tokio::test]
    async fn any_notification_can_be_sent_on_demand() {
        let receiver = MockServer::start().await;
        let right = Mock::given(matchers::header("Authorization", AUTHORIZATION));
        right.respond_with(ResponseTemplate::new(204)).mount(&receiver).await;
        let sandbox = start(Some(receiver.uri())).await;
        let notify = |body: Value| post(format!("{}/_sandbox/notify", sandbox.url), body.to_string());
        assert_eq!(
            json(notify(json!({"body": {"Payment": {}}})).await.unwrap()).await["status"],
            204
        );
        assert_eq!(
            json(notify(json!({"body": "{", "credentials": "wrong"})).await.unwrap()).await["status"],
            404
        );
        let given = json!({"body": "x", "credentials": {"given": {"site_id": "30201", "api_key": "secret"}}});
        assert_eq!(json(notify(given).await.unwrap()).await["status"], 204);
        let nobody = json(
            notify(json!({"body": "x", "url": "http://127.0.0.1:1/"}))
                .await
                .unwrap(),
        )
        .await;
        assert!(nobody["status"].is_null() && nobody["error"].is_string());
        assert_eq!(notify(json!({"boddy": "x"})).await.unwrap().status(), 400);
        let received = receiver.received_requests().await.unwrap();
        assert_eq!(received[0].body, br#"{"Payment":{}}"#);
        assert_eq!(received[1].body, b"{");
    }

    #[tokio::test]
    async fn a_stopped_sandbox_frees_its_port_quickly() {
        let sandbox = start(None).await;
        let client = client();
        client
            .get(format!("{}/_sandbox/books", sandbox.url))
            .send()
            .await
            .unwrap();
        let (addr, started) = (sandbox.addr, Instant::now());
        sandbox.stop().await;
        assert!(started.elapsed() < Duration::from_secs(3));
        assert!(TcpStream::connect(addr).await.is_err());

        let dropped = start(None).await;
        let addr = dropped.addr;
        drop(dropped);
        let until = Instant::now() + Duration::from_secs(3);
        while TcpStream::connect(addr).await.is_ok() {
            assert!(Instant::now() < until, "it still listens");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[tokio::test]
    async fn an_address_that_is_taken_is_an_error() {
        let sandbox = start(None).await;
        let mut settings = Settings::new(1, "k".to_owned().into());
        settings.listen = sandbox.addr;
        let error = Sandbox::start(settings).await.unwrap_err();
        assert!(error.to_string().starts_with("cannot listen on 127.0.0.1:"), "{error}");
    }
}
