//! Where the server is killed: moments that are seen from outside, so that the product needs no switch for them.

use std::fmt;

/// What the server asks of the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// A new payment.
    Create,
    /// Of the whole payment.
    Capture,
    /// Of one split.
    Refund,
    /// Of an open or authorized payment.
    Cancel,
    /// Anything that only looks.
    Question,
}

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// The last byte of a client's request was sent to the server.
    ClientAsked,
    /// The gateway has the whole request and has not acted yet: recorded, not known.
    Received(Call),
    /// The gateway has acted, and not a byte of its answer has left.
    Acted(Call),
    /// The last byte of the gateway's answer has left.
    Answered(Call),
    /// The last byte of a notification was sent to the server.
    BellSent,
    /// The server's 204 to a notification has arrived.
    BellAnswered,
    /// The server's answer to a client has arrived.
    ClientAnswered,
    /// Whatever happens then.
    AnyMoment,
}

impl Point {
    /// Every point, in the order of a payment's life.
    pub const ALL: [Self; 19] = [
        Self::ClientAsked,
        Self::Received(Call::Create),
        Self::Acted(Call::Create),
        Self::Answered(Call::Create),
        Self::Received(Call::Capture),
        Self::Acted(Call::Capture),
        Self::Answered(Call::Capture),
        Self::Received(Call::Refund),
        Self::Acted(Call::Refund),
        Self::Answered(Call::Refund),
        Self::Received(Call::Cancel),
        Self::Acted(Call::Cancel),
        Self::Answered(Call::Cancel),
        Self::Received(Call::Question),
        Self::Answered(Call::Question),
        Self::BellSent,
        Self::BellAnswered,
        Self::ClientAnswered,
        Self::AnyMoment,
    ];
}

impl fmt::Display for Point {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |call: &Call| match call {
            Call::Create => "create",
            Call::Capture => "capture",
            Call::Refund => "refund",
            Call::Cancel => "cancel",
            Call::Question => "question",
        };
        match self {
            Self::ClientAsked => write!(to, "client: request sent"),
            Self::Received(call) => write!(to, "{}: received, not acted", of(call)),
            Self::Acted(call) => write!(to, "{}: acted, not answered", of(call)),
            Self::Answered(call) => write!(to, "{}: answered", of(call)),
            Self::BellSent => write!(to, "notification: sent"),
            Self::BellAnswered => write!(to, "notification: answered with 204"),
            Self::ClientAnswered => write!(to, "client: answered"),
            Self::AnyMoment => write!(to, "any moment"),
        }
    }
}
