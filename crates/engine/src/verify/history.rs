//! What holds of the history that one payment's events tell.

use domain::payment::Phase;

use super::payment::Facts;

impl Facts {
    /// Follows the phases that the events tell of, from the decision to today.
    pub(super) fn history(&self) -> Option<String> {
        let first = self
            .events
            .first()
            .map(|(_, version, event)| (*version, event.kind.as_str()));
        if first != Some((1, "decided")) {
            return Some("its history does not begin with a decision".to_owned());
        }
        if let Some((_, version, _)) = self
            .events
            .iter()
            .find(|(_, version, _)| *version > self.payment.version)
        {
            return Some(format!(
                "an event of version {version}, and it is at {}",
                self.payment.version
            ));
        }
        let mut phase = Phase::Processing.as_str();
        for (_, version, event) in &self.events {
            match (event.kind.as_str(), event.detail.split_once(" → ")) {
                ("phase", Some((from, to))) if from == phase => phase = to,
                ("phase", _) => {
                    return Some(format!(
                        "at version {version} it was {phase}, and went {}",
                        event.detail
                    ));
                }
                // Nothing had been sent, and now something is.
                ("attempt", _) if event.operation == Some(1) && phase == Phase::Failed.as_str() => {
                    phase = Phase::Processing.as_str();
                }
                _ => {}
            }
        }
        let now = self.payment.phase.as_str();
        (phase != now).then(|| format!("its history ends {phase}, and it is {now}"))
    }
}
