//! What becomes of a difference, or of an operation that was lost.

use domain::discrepancy::Resolution;
use domain::fault::{Fault, Faults};
use engine::Error;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a difference is resolved.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolutionBody {
    /// `accept_gateway`, `ask_again` or `dismiss`.
    #[schema(value_type = String, example = "accept_gateway")]
    pub resolution: Resolution,
    /// Why, in your words: 1 to 1000 characters. It is kept with who said it.
    #[schema(example = "captured at the dashboard while our answer was lost; confirmed by support, case 4711")]
    pub note: String,
}

/// Why an operation that was lost is sent again or given up.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    /// Why, in your words: 1 to 1000 characters. It is kept with who said it.
    #[schema(example = "not on the dashboard; support knows nothing of it, case 4712")]
    pub note: String,
}

impl ResolutionBody {
    /// The same in the desk's words.
    pub fn chosen(&self) -> Result<(Resolution, String), Error> {
        Ok((self.resolution, checked(&self.note)?))
    }
}

impl NoteBody {
    /// The same in the desk's words.
    pub fn told(&self) -> Result<String, Error> {
        checked(&self.note)
    }
}

fn checked(note: &str) -> Result<String, Error> {
    let (plain, length) = (!note.chars().any(char::is_control), note.chars().count());
    if plain && (1..=NOTE_MAX_CHARACTERS).contains(&length) && !note.trim().is_empty() {
        return Ok(note.to_owned());
    }
    let detail = "1 to 1000 characters, none of them control characters";
    let faults: Faults = vec![Fault::new("/note", "text_invalid", detail)];
    Err(Error::Invalid(faults))
}

/// How long a note may be.
const NOTE_MAX_CHARACTERS: usize = 1000;
