//! What a caller may conclude from a call that did not answer with what was asked for.

use domain::sight::Reason;

/// A call that did not answer with what was asked for. The table in the crate's README says which failure is which.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// Not one byte of the request can have been processed: surely nothing happened.
    #[error("nothing was sent: {why}")]
    NotSent {
        /// What stood in the way.
        why: String,
    },
    /// The gateway judged the request and said no; it says that nothing came of it.
    #[error("the gateway refused: {0}")]
    Refused(Refusal),
    /// The gateway says that the reference is taken: ask, compare, then adopt or hold.
    #[error("the gateway says that it is already there: {0}")]
    AlreadyThere(Refusal),
    /// A question about an id that the gateway says it does not have. Not an answer to a command.
    #[error("the gateway says that there is no such payment")]
    Missing,
    /// Sent, or perhaps sent, and no usable answer: neither success nor failure.
    #[error("no usable answer: {why}")]
    Unknown {
        /// What was seen instead of an answer.
        why: String,
    },
    /// Answered with success, but not understandable: for a command, it may well have happened.
    #[error("the gateway's answer is not understandable: {why}")]
    Garbled {
        /// What is wrong with it.
        why: String,
    },
}

/// A refusal in the gateway's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status it came with.
    pub http_status: u16,
    /// The gateway's status number; it has none where no record exists.
    pub gateway_status: Option<u16>,
    /// Its reasons, in its order; one without a code where the gateway's framework said no.
    pub reasons: Vec<Reason>,
    /// The gateway's id of the stored invalid request, for its support desk.
    pub invalid_request_id: Option<String>,
    /// Whether it was our credentials or our network address that were refused: every call will be, until ops act.
    pub credentials: bool,
}

impl GatewayError {
    pub(crate) fn not_sent(why: impl Into<String>) -> Self {
        Self::NotSent { why: why.into() }
    }

    pub(crate) fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown { why: why.into() }
    }

    pub(crate) fn garbled(why: impl Into<String>) -> Self {
        Self::Garbled { why: why.into() }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "HTTP {}", self.http_status)?;
        self.reasons
            .iter()
            .try_for_each(|reason| write!(formatter, "; {} {}", reason.code, reason.info))
    }
}
