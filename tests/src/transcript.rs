//! What a story looks like from outside: kept beside the tests, compared at the end of each run, read as documentation.

use crate::http::{Answer, Asked};
use crate::json::Json;
use crate::mask::Mask;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Mutex;
use std::{env, fs, process};

/// The transcript of one story.
pub struct Transcript {
    story: &'static str,
    pages: Mutex<Pages>,
}

#[derive(Default)]
struct Pages {
    text: String,
    mask: Mask,
    /// Payments as they were last shown, by id and by whether the caller may see all of them.
    shown: BTreeMap<(String, bool), Vec<(String, Json)>>,
}

impl Transcript {
    /// An empty one.
    pub fn of(story: &'static str) -> Self {
        Self {
            story,
            pages: Mutex::default(),
        }
    }

    /// A sentence that says what happens next, or what was seen.
    pub fn says(&self, sentence: &str) {
        let mut pages = self.pages.lock().expect("no writer has panicked");
        let sentence = pages.mask.text(sentence);
        let gap = if pages.text.is_empty() { "" } else { "\n" };
        writeln!(pages.text, "{gap}## {sentence}").expect("a text can be written to");
    }

    /// A line of its own, such as what is told to the gateway's control plane.
    pub fn notes(&self, line: &str) {
        let mut pages = self.pages.lock().expect("no writer has panicked");
        let line = pages.mask.text(line);
        writeln!(pages.text, "\n{line}").expect("a text can be written to");
    }

    /// A call and its answer.
    pub fn shows(&self, asked: &Asked, answer: &Answer) {
        let mut pages = self.pages.lock().expect("no writer has panicked");
        let path = pages.mask.text(&asked.path);
        let mut text = format!("\n{} {path}\n", asked.method);
        for (name, value) in &asked.headers {
            text += &format!("{name}: {value}\n");
        }
        if let Some(body) = &asked.body {
            text += &format!("\n{}\n", pages.body(body, false));
        }
        text += &format!("\n{}", answer.status);
        for (name, value) in &answer.headers {
            text += &format!("\n{name}: {value}");
        }
        text += "\n";
        if !answer.text.is_empty() {
            text += &format!("\n{}\n", pages.body(&answer.text, true));
        }
        pages.text += &text;
    }

    /// Compares with what is kept, or keeps it anew under `UPDATE_GOLDEN=1`.
    pub fn compare(&self) {
        let text = &self.pages.lock().expect("no writer has panicked").text;
        let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("golden/journeys")
            .join(format!("{}.txt", self.story));
        if env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
            // Both databases write the same file at the same time: a rename is never half a file.
            let draft = golden.with_extension(format!("{}-{:?}", process::id(), std::thread::current().id()));
            fs::create_dir_all(golden.parent().expect("it is in a folder")).expect("the folder can be made");
            fs::write(&draft, text)
                .and_then(|()| fs::rename(&draft, &golden))
                .expect("the transcript can be written");
            return;
        }
        let kept = fs::read_to_string(&golden).unwrap_or_default();
        if kept != *text {
            let line = kept
                .lines()
                .zip(text.lines())
                .take_while(|(kept, told)| kept == told)
                .count();
            panic!(
                "the story {:?} is told otherwise than in {} from line {}:\n  kept: {:?}\n  told: {:?}\n\
                 If that is as it should be, run it again with UPDATE_GOLDEN=1 and read the difference.\n\n{text}",
                self.story,
                golden.display(),
                line + 1,
                kept.lines().nth(line).unwrap_or("(nothing)"),
                text.lines().nth(line).unwrap_or("(nothing)"),
            );
        }
    }
}

impl Pages {
    /// A body, masked. Of a payment that was shown before, only what has changed.
    fn body(&mut self, text: &str, answer: bool) -> String {
        let Some(json) = Json::read(text) else {
            return self.mask.text(text);
        };
        let json = self.mask.json(json);
        let Some(key) = payment(&json).filter(|_| answer) else {
            return json.laid_out();
        };
        let Json::Object(fields) = &json else {
            return json.laid_out();
        };
        match self.shown.insert(key, fields.clone()) {
            None => json.laid_out(),
            Some(before) => {
                let changed: Vec<_> = fields.iter().filter(|field| !before.contains(field)).cloned().collect();
                let gone = before
                    .iter()
                    .filter(|(name, _)| !fields.iter().any(|(now, _)| now == name));
                let gone: String = gone.map(|(name, _)| format!(", without {name}")).collect();
                format!(
                    "{}{gone}, and as before:\n{}",
                    text_of(&json),
                    Json::Object(changed).laid_out()
                )
            }
        }
    }
}

/// The id of a payment, and whether all of it is seen.
fn payment(json: &Json) -> Option<(String, bool)> {
    let Json::Object(fields) = json else { return None };
    let field = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    match field("id")? {
        Json::Text(id) if id.starts_with("pay_") => Some((id.clone(), field("amount").is_some())),
        _ => None,
    }
}

fn text_of(json: &Json) -> String {
    payment(json).map(|(id, _)| id).unwrap_or_default()
}
