//! What is on its way without anybody waiting for it: requests that arrive late or again, and notifications.

use sandbox::core::Request;

use crate::world::World;

impl World {
    /// A request arrives so many microseconds later, whatever has become of who sent it.
    pub fn later(&self, after: u64, how: &'static str, request: Request) {
        let number = self.dice.draw();
        let due = self.time.micros() + after;
        let name = (request.path.clone(), request.body.clone());
        if how == "repeated" {
            self.repeated.lock().unwrap().insert(name);
        }
        self.late.lock().unwrap().insert((due, number), (how, request));
        self.bell.notify_one();
    }

    /// The same was asked by a database that is lost: what was restored from an older copy derives the same reference.
    pub fn asked_before(&self, request: &Request) {
        let name = (request.path.clone(), request.body.clone());
        self.repeated.lock().unwrap().insert(name);
        self.handle(request.clone());
    }

    /// Whether the network delivered something of this name more often than it was sent.
    pub fn is_repeated(&self, reference: &str) -> bool {
        let repeated = self.repeated.lock().unwrap();
        repeated
            .iter()
            .any(|(_, body)| String::from_utf8_lossy(body).contains(reference))
    }

    /// Whether the network delivered a request for this path more often than it was sent.
    pub fn is_repeated_at(&self, path: &str) -> bool {
        let repeated = self.repeated.lock().unwrap();
        repeated.iter().any(|(at, _)| at.trim_end_matches('/') == path)
    }

    /// When the gateway has something to do by itself.
    pub fn next_due(&self) -> Option<u64> {
        let late = self.late.lock().unwrap().first_key_value().map(|((due, _), _)| *due);
        let core = self.core.lock().unwrap().next_due();
        late.into_iter().chain(core).min()
    }

    /// Requests whose time has come arrive.
    pub fn deliver_late(&self) {
        let now = self.time.micros();
        loop {
            let due = {
                let mut late = self.late.lock().unwrap();
                match late.first_key_value() {
                    Some(((due, _), _)) if *due <= now => late.pop_first(),
                    _ => None,
                }
            };
            let Some((_, (how, request))) = due else { return };
            self.line(|| format!("{} {} arrives {how}", request.method, request.path));
            let method = request.method.clone();
            let times = self.times_sent(&request);
            let about = request.path.split('/').nth(3).and_then(|id| id.parse().ok());
            let answer = self.handle(request);
            if let Some(id) = about
                && how == "repeated"
                && method == "POST"
            {
                // Nothing else tells of it than its notification.
                self.outside.lock().unwrap().insert((id, "repeated"));
            }
            if method == "POST" {
                let after = if times > 1 { " after resend" } else { "" };
                let end = if answer.http_status < 300 { "taken" } else { "refused" };
                self.tally().reached(&format!("{how} arrival{after}, {end}"));
            }
        }
    }

    fn times_sent(&self, request: &Request) -> u32 {
        let body = String::from_utf8_lossy(&request.body);
        let sent = self.sent.lock().unwrap();
        let id = request.path.split('/').nth(3).unwrap_or("-");
        let same = |name: &String| match name.split_once(' ') {
            Some((number, what)) => {
                // Behind a space stands which of several it was.
                let what = what.split(' ').next().unwrap_or(what);
                number == id && (request.path.ends_with(what) || body.contains(what))
            }
            None => body.contains(name.as_str()) && id == "-",
        };
        let times = sent.iter().filter(|(name, _)| same(name)).map(|(_, sent)| sent.times);
        times.max().unwrap_or_default()
    }

    /// A notification is stored.
    pub fn bell_stored(&self, redacted: &str) {
        *self.bells.lock().unwrap().entry(redacted.to_owned()).or_default() += 1;
    }

    /// A notification was answered with 204; whether as many of its kind are stored as were answered so.
    pub fn bell_answered(&self, redacted: &str) -> bool {
        let mut bells = self.bells.lock().unwrap();
        match bells.get_mut(redacted) {
            Some(stored) if *stored > 0 => {
                *stored -= 1;
                true
            }
            _ => false,
        }
    }
}
