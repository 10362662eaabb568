//! The network between the engine and the gateway: it loses, delays, repeats and mangles, as the dice say.

use gateway_client::transport::{Carried, Transport};
use gateway_client::{Answer, GatewayError};
use sandbox::core::{Reply, Request};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

use crate::world::World;

/// The longest that the engine waits for an answer.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// What becomes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Well,
    NotConnected,
    RequestLost,
    RequestLate,
    AnswerLost,
    AnswerSlow,
    AnswerTooSlow,
    ServerErrorActed,
    ServerError,
    TooMany,
    Html,
    Cut,
    OtherAmount,
    CrashBefore,
    CrashAfter,
    CrashAnswered,
}

/// How often each; the rest goes well.
const FATES: [(u64, Fate); 16] = [
    (650, Fate::Well),
    (12, Fate::NotConnected),
    (14, Fate::RequestLost),
    (12, Fate::RequestLate),
    (18, Fate::AnswerLost),
    (14, Fate::AnswerSlow),
    (8, Fate::AnswerTooSlow),
    (8, Fate::ServerErrorActed),
    (8, Fate::ServerError),
    (8, Fate::TooMany),
    (8, Fate::Html),
    (8, Fate::Cut),
    (8, Fate::OtherAmount),
    (2, Fate::CrashBefore),
    (4, Fate::CrashAfter),
    (2, Fate::CrashAnswered),
];

/// Carries requests to the gateway's core.
pub struct Network(pub Arc<World>);

impl Transport for Network {
    fn carry(&self, request: reqwest::Request) -> Carried<'_> {
        let request = as_the_gateway_sees_it(&request);
        Box::pin(async move {
            let carried = tokio::time::timeout(TIMEOUT, carry(&self.0, request)).await;
            carried.unwrap_or_else(|_| Err(broken("no answer in time")))
        })
    }
}

async fn carry(world: &World, request: Request) -> Result<Answer, GatewayError> {
    let fate = if world.calm() {
        Fate::Well
    } else {
        world.dice.one_of(&FATES)
    };
    let name = format!("{} {}", request.method, fate.name());
    world.happened(&(&request.method, &request.path, &request.body, fate.name()));
    if fate != Fate::Well {
        world.tally().fault(&name);
    }
    world.count_call(&request);
    wait(world, 1, 60).await;
    match fate {
        Fate::NotConnected => {
            return Err(GatewayError::NotSent {
                why: "could not connect".to_owned(),
            });
        }
        Fate::RequestLost => {
            wait(world, 1, 35_000).await;
            return Err(broken("the connection failed"));
        }
        Fate::RequestLate => {
            let after = world
                .dice
                .one_of(&[(4, 5_000), (4, 60_000), (2, 900_000), (1, 2_400_000)]);
            world.later(world.dice.between(1_000, after) * 1000, request);
            wait(world, 1, 20_000).await;
            return Err(broken("the connection failed"));
        }
        Fate::ServerError => return Ok(page(503)),
        Fate::TooMany => return Ok(page(429)),
        Fate::CrashBefore => world.crash("crash: recorded, not sent").await,
        _ => {}
    }
    let is_command = request.method == "POST";
    let answer = world.handle(request);
    let about = number_of(&answer.body);
    let unanswered = world.unanswered(about.filter(|_| is_command));
    if fate == Fate::CrashAfter {
        world.tally().reached(if is_command {
            "crash between call and record"
        } else {
            "crash between question and record"
        });
        world.crash("crash: acted, not answered").await;
    }
    wait(world, 1, 120).await;
    let answer = mangled(world, fate, answer).await;
    drop(unanswered);
    if fate == Fate::CrashAnswered {
        world.crash("crash: answered, not recorded").await;
    }
    answer
}

/// What arrives of an answer.
async fn mangled(world: &World, fate: Fate, answer: Answer) -> Result<Answer, GatewayError> {
    match fate {
        Fate::AnswerLost => Err(broken("the connection failed")),
        Fate::AnswerSlow => {
            wait(world, 200, 25_000).await;
            Ok(answer)
        }
        Fate::AnswerTooSlow => {
            tokio::time::sleep(TIMEOUT).await;
            Ok(answer)
        }
        Fate::ServerErrorActed => Ok(page(500)),
        Fate::Html => Ok(Answer {
            http_status: 200,
            body: b"<html><body>Welcome</body></html>".to_vec(),
        }),
        Fate::Cut => Err(broken("HTTP 200 with a body that broke off")),
        Fate::OtherAmount => Ok(other_amount(world, answer)),
        _ => Ok(answer),
    }
}

/// An answer that contradicts what was asked: its first split has a cent more.
fn other_amount(world: &World, answer: Answer) -> Answer {
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else {
        return answer;
    };
    if let Some(amount) = body.pointer_mut("/Payment/Splits/0/Amount")
        && let Some(cents) = number(amount)
    {
        *amount = (cents + 1).into();
        world.tally().reached("an answer shown with another amount");
    }
    Answer {
        body: body.to_string().into_bytes(),
        ..answer
    }
}

/// The gateway writes some numbers as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The gateway's number of the payment that a body is about.
pub fn number_of(body: &[u8]) -> Option<u64> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let at = |pointer: &str| number(body.pointer(pointer)?);
    at("/Payment/ID").or_else(|| at("/Refund/InitialPaymentID"))
}

async fn wait(world: &World, low: u64, high: u64) {
    tokio::time::sleep(Duration::from_millis(world.dice.between(low, high))).await;
}

fn broken(why: &str) -> GatewayError {
    GatewayError::Unknown { why: why.to_owned() }
}

fn page(http_status: u16) -> Answer {
    Answer {
        http_status,
        body: b"<html>later</html>".to_vec(),
    }
}

fn as_the_gateway_sees_it(request: &reqwest::Request) -> Request {
    let header = |name: &str| Some(request.headers().get(name)?.to_str().ok()?.to_owned());
    Request {
        method: request.method().as_str().to_owned(),
        path: request.url().path().to_owned(),
        query: request.url().query().unwrap_or_default().to_owned(),
        authorization: header("Authorization"),
        request_id: header("RequestId"),
        body: request
            .body()
            .and_then(|body| body.as_bytes())
            .unwrap_or_default()
            .to_vec(),
    }
}

/// The whole answer of the core: nothing is cut there, all chance is here.
pub fn whole(reply: Reply) -> Answer {
    match reply {
        Reply::Answer(response) | Reply::Cut { response, .. } => Answer {
            http_status: response.status,
            body: response.body,
        },
        Reply::Closed => page(500),
    }
}

impl Fate {
    const fn name(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::NotConnected => "not connected",
            Self::RequestLost => "request lost",
            Self::RequestLate => "request late",
            Self::AnswerLost => "answer lost",
            Self::AnswerSlow => "answer slow",
            Self::AnswerTooSlow => "answer too slow",
            Self::ServerErrorActed => "500, acted",
            Self::ServerError => "503, not acted",
            Self::TooMany => "429",
            Self::Html => "HTML, acted",
            Self::Cut => "body cut, acted",
            Self::OtherAmount => "contradictory echo",
            Self::CrashBefore => "crash: recorded, not sent",
            Self::CrashAfter => "crash: acted, not answered",
            Self::CrashAnswered => "crash: answered, not recorded",
        }
    }
}
