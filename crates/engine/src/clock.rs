//! The only two places where time and chance come in, so that a simulation can own both.

use domain::time::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Draws identities.
pub trait Ids: Send + Sync {
    /// A time-ordered id of 128 bits (UUID version 7): random keys make creates three times slower on SQLite.
    fn ordered(&self) -> u128;
    /// 128 random bits with a UUID version 4's marks.
    fn random(&self) -> u128;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one clock that everything else receives"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The machine's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one source of ids that everything else receives"
    )]
    fn ordered(&self) -> u128 {
        uuid::Uuid::now_v7().as_u128()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one source of chance that everything else receives"
    )]
    fn random(&self) -> u128 {
        uuid::Uuid::new_v4().as_u128()
    }
}
