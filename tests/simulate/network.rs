//! The network between the engine and the gateway: it loses, delays, repeats and mangles, as the dice say.

use gateway_client::transport::{Carried, Transport};
use gateway_client::{Answer, GatewayError};
use sandbox::core::{Reply, Request};
use std::sync::Arc;
use std::time::Duration;

use crate::mangle::{self, number_of, page};
use crate::question;
use crate::witness;
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
    RequestTwice,
    AnswerLost,
    AnswerSlow,
    AnswerTooSlow,
    ServerErrorActed,
    ServerError,
    TooMany,
    Unauthorized,
    Html,
    Cut,
    OtherAmount,
    MissingSplit,
    UnknownStatus,
    AskedBefore,
    CrashBefore,
    CrashAfter,
    CrashAnswered,
}

/// How often each; the rest goes well.
const FATES: [(u64, Fate); 21] = [
    (650, Fate::Well),
    (12, Fate::NotConnected),
    (14, Fate::RequestLost),
    (12, Fate::RequestLate),
    (10, Fate::RequestTwice),
    (18, Fate::AnswerLost),
    (14, Fate::AnswerSlow),
    (8, Fate::AnswerTooSlow),
    (8, Fate::ServerErrorActed),
    (8, Fate::ServerError),
    (8, Fate::TooMany),
    (10, Fate::Unauthorized),
    (8, Fate::Html),
    (8, Fate::Cut),
    (8, Fate::OtherAmount),
    (8, Fate::MissingSplit),
    (8, Fate::UnknownStatus),
    (16, Fate::AskedBefore),
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
    let fate = told(world, &request, drawn(world, &request));
    world.tally().calls += 1;
    question::asked(world, &request);
    let command = witness::sent(world, &request).await;
    let is_question = request.method == "GET";
    let fate = match &command {
        // Our key was changed meanwhile: what is said of the repeat says nothing of what was sent before.
        Some(command) if command.in_doubt && fate == Fate::Well && !world.calm() && world.dice.happens(300) => {
            told(world, &request, Fate::Unauthorized)
        }
        _ => fate,
    };
    wait(world, 1, 60).await;
    match fate {
        Fate::NotConnected => {
            if let Some(command) = &command {
                witness::unsent(world, command);
            }
            return Err(GatewayError::NotSent {
                why: "could not connect".to_owned(),
            });
        }
        Fate::RequestLost => {
            wait(world, 1, 35_000).await;
            return Err(broken("the connection failed"));
        }
        Fate::RequestLate => {
            let longest = [(4, 5_000), (4, 60_000), (2, 900_000), (1, 2_400_000)];
            let after = world.dice.between(1_000, world.dice.one_of(&longest));
            world.later(after * 1000, "late", request);
            wait(world, 1, 20_000).await;
            return Err(broken("the connection failed"));
        }
        Fate::RequestTwice => {
            let after = world.dice.between(1, world.dice.one_of(&[(4, 1_000), (1, 600_000)]));
            world.later(after * 1000, "repeated", request.clone());
        }
        Fate::ServerError => return Ok(page(503)),
        Fate::TooMany => return Ok(page(429)),
        Fate::Unauthorized => {
            let answer = mangle::unauthorized();
            command.inspect(|command| witness::answered(world, command, &answer));
            return Ok(answer);
        }
        Fate::AskedBefore => world.asked_before(&request),
        Fate::CrashBefore => world.crash("crash: recorded, not sent").await,
        _ => {}
    }
    let answer = world.handle(request);
    world.line(|| format!("    {} {}", answer.http_status, String::from_utf8_lossy(&answer.body)));
    let about = command.as_ref().and_then(|_| number_of(&answer.body));
    let unanswered = world.unanswered(about);
    if fate == Fate::CrashAfter {
        world.tally().reached(if command.is_some() {
            "crash between call and record"
        } else {
            "crash between question and record"
        });
        world.crash("crash: acted, not answered").await;
    }
    wait(world, 1, 120).await;
    let answer = mangled(world, fate, answer).await;
    drop(unanswered);
    if fate == Fate::AskedBefore && answer.as_ref().is_ok_and(|answer| answer.http_status == 400) {
        world.tally().reached("a create whose reference is taken");
    }
    if fate == Fate::CrashAnswered {
        world.crash("crash: answered, not recorded").await;
    }
    if let (Some(command), Ok(answer)) = (&command, &answer) {
        witness::answered(world, command, answer);
    }
    if is_question && answer.as_ref().is_ok_and(|answer| answer.http_status == 200) {
        question::answered(world);
    }
    answer
}

/// What becomes of this request.
fn drawn(world: &World, request: &Request) -> Fate {
    if world.calm() {
        return Fate::Well;
    }
    match world.dice.one_of(&FATES) {
        Fate::AskedBefore if !is_create(request) => Fate::Well,
        fate => fate,
    }
}

fn told(world: &World, request: &Request, fate: Fate) -> Fate {
    world.happened(&(&request.method, &request.path, &request.body, fate.name()));
    let (method, path) = (&request.method, &request.path);
    world.line(|| format!("{method} {path}{}: {}", query(request), fate.name()));
    if fate != Fate::Well {
        world.tally().fault(&format!("{method} {}", fate.name()));
    }
    fate
}

/// What arrives of an answer. What breaks off need not do so at once: others may have told of it by then.
async fn mangled(world: &World, fate: Fate, answer: Answer) -> Result<Answer, GatewayError> {
    let breaks = matches!(fate, Fate::AnswerLost | Fate::ServerErrorActed | Fate::Html | Fate::Cut);
    if breaks && world.dice.happens(500) {
        wait(world, 200, 25_000).await;
    }
    match fate {
        Fate::AnswerLost => return Err(broken("the connection failed")),
        Fate::AnswerSlow => wait(world, 200, 25_000).await,
        Fate::AnswerTooSlow => tokio::time::sleep(TIMEOUT).await,
        Fate::ServerErrorActed => return Ok(page(500)),
        Fate::Html => return Ok(mangle::html()),
        Fate::Cut => return Err(broken("HTTP 200 with a body that broke off")),
        Fate::OtherAmount => return Ok(mangle::other_amount(world, answer)),
        Fate::MissingSplit => return Ok(mangle::missing_split(world, answer)),
        Fate::UnknownStatus => return Ok(mangle::unknown_status(world, answer)),
        _ => {}
    }
    Ok(answer)
}

async fn wait(world: &World, low: u64, high: u64) {
    tokio::time::sleep(Duration::from_millis(world.dice.between(low, high))).await;
}

fn is_create(request: &Request) -> bool {
    request.method == "POST" && request.path == "/v1/payments"
}

fn broken(why: &str) -> GatewayError {
    GatewayError::Unknown { why: why.to_owned() }
}

fn query(request: &Request) -> String {
    if request.query.is_empty() {
        String::new()
    } else {
        format!("?{}", request.query)
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
            Self::RequestTwice => "request delivered twice",
            Self::AnswerLost => "answer lost",
            Self::AnswerSlow => "answer slow",
            Self::AnswerTooSlow => "answer too slow",
            Self::ServerErrorActed => "500, acted",
            Self::ServerError => "503, not acted",
            Self::TooMany => "429",
            Self::Unauthorized => "401",
            Self::Html => "HTML, acted",
            Self::Cut => "body cut, acted",
            Self::OtherAmount => "contradictory echo",
            Self::MissingSplit => "missing split",
            Self::UnknownStatus => "unknown status",
            Self::AskedBefore => "asked before, by a database that is lost",
            Self::CrashBefore => "crash: recorded, not sent",
            Self::CrashAfter => "crash: acted, not answered",
            Self::CrashAnswered => "crash: answered, not recorded",
        }
    }
}
