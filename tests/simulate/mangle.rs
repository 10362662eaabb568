//! What the network makes of an answer.

use gateway_client::Answer;
use serde_json::Value;

use crate::question::{self, Wrong};
use crate::world::World;

/// Anything that is said by whoever stands before the gateway.
pub fn page(http_status: u16) -> Answer {
    Answer {
        http_status,
        body: b"<html>later</html>".to_vec(),
    }
}

/// Our credentials are refused.
pub fn unauthorized() -> Answer {
    Answer {
        http_status: 401,
        body: br#"{"Message":"Authorization has been denied for this request."}"#.to_vec(),
    }
}

/// A page for people, in place of what was answered.
pub fn html() -> Answer {
    Answer {
        http_status: 200,
        body: b"<html><body>Welcome</body></html>".to_vec(),
    }
}

/// An answer that contradicts what was asked: its first split has a cent more.
pub fn other_amount(world: &World, answer: Answer) -> Answer {
    let about = number_of(&answer.body);
    changed(answer, |body| {
        let amount = body.pointer_mut("/Payment/Splits/0/Amount")?;
        *amount = (number(amount)? + 1).into();
        about.inspect(|about| question::misled(world, *about, Wrong::Amount));
        world.tally().reached("an answer with another amount");
        Some(())
    })
}

/// An answer that leaves its last split out.
pub fn missing_split(world: &World, answer: Answer) -> Answer {
    let about = number_of(&answer.body);
    changed(answer, |body| {
        let splits = body.pointer_mut("/Payment/Splits")?.as_array_mut()?;
        splits.pop()?;
        // A list of none says nothing of any.
        let some = about.filter(|_| !splits.is_empty());
        some.inspect(|about| question::misled(world, *about, Wrong::Splits(splits.len())));
        let what = if splits.is_empty() {
            "an answer without its only split"
        } else {
            "an answer without one of its splits"
        };
        world.tally().reached(what);
        Some(())
    })
}

/// An answer with a status that no document names.
pub fn unknown_status(world: &World, answer: Answer) -> Answer {
    let about = number_of(&answer.body);
    changed(answer, |body| {
        *body.pointer_mut("/Payment/Status/ID")? = UNKNOWN_STATUS.into();
        world.puzzling.lock().unwrap().extend(about);
        world.tally().reached("an answer with an unknown status");
        Some(())
    })
}

fn changed(answer: Answer, change: impl FnOnce(&mut Value) -> Option<()>) -> Answer {
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else {
        return answer;
    };
    match change(&mut body) {
        Some(()) => Answer {
            body: body.to_string().into_bytes(),
            ..answer
        },
        None => answer,
    }
}

/// The gateway writes some numbers as text.
pub fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The gateway's number of the payment that a body is about.
pub fn number_of(body: &[u8]) -> Option<u64> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let at = |pointer: &str| number(body.pointer(pointer)?);
    at("/Payment/ID").or_else(|| at("/Refund/InitialPaymentID"))
}

/// Of which no document says anything.
const UNKNOWN_STATUS: u8 = 77;
