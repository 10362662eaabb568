//! The sandbox beside the API: its gateway while money is not real.

use crate::config::Config;

#[cfg(feature = "sandbox")]
pub(super) use with::start;
#[cfg(feature = "sandbox")]
pub use with::{Beside, start_alone, stop, url};
#[cfg(not(feature = "sandbox"))]
pub(super) use without::start;
#[cfg(not(feature = "sandbox"))]
pub use without::{Beside, start_alone, stop, url};

#[cfg(feature = "sandbox")]
mod with {
    use secrecy::ExposeSecret;

    use super::Config;

    /// The sandbox that runs.
    pub type Beside = sandbox::Running;

    /// Starts it under the configured credentials; it notifies the API at `api_url`.
    pub(crate) async fn start(config: &Config, api_url: &str) -> anyhow::Result<Beside> {
        let mut settings = settings(config);
        let notify = config.sandbox.notification_url.clone();
        settings.config.notification_url = Some(notify.unwrap_or_else(|| format!("{api_url}/gateway/notifications")));
        Ok(sandbox::Sandbox::start(settings).await?)
    }

    /// Starts it alone: it notifies the API where that is expected to listen.
    ///
    /// # Errors
    /// If its address is taken.
    pub async fn start_alone(config: &Config) -> anyhow::Result<Beside> {
        start(config, &format!("http://{}", config.server.listen)).await
    }

    /// What the configuration says of it.
    fn settings(config: &Config) -> sandbox::Settings {
        let key = config.gateway.api_key.expose_secret().to_owned();
        let mut settings = sandbox::Settings::new(config.gateway.site_id.get().into(), key.into());
        settings.listen = config.sandbox.listen;
        settings.public_url.clone_from(&config.sandbox.public_url);
        settings.config.delay_ms = u64::try_from(config.sandbox.delay.as_millis()).unwrap_or(u64::MAX);
        settings
    }

    /// Where it is, without a trailing slash.
    #[must_use]
    pub fn url(running: &Beside) -> &str {
        &running.url
    }

    /// Stops it.
    pub async fn stop(running: Beside) {
        running.stop().await;
    }
}

#[cfg(not(feature = "sandbox"))]
mod without {
    use super::Config;

    /// There is none in this binary.
    pub enum Beside {}

    pub(crate) async fn start(config: &Config, _: &str) -> anyhow::Result<Beside> {
        start_alone(config).await
    }

    /// Refuses.
    ///
    /// # Errors
    /// Always.
    #[expect(clippy::unused_async, reason = "the same signature as with the sandbox")]
    pub async fn start_alone(_: &Config) -> anyhow::Result<Beside> {
        anyhow::bail!("this binary was built without the sandbox; set gateway.base_url")
    }

    /// There is none.
    #[must_use]
    pub fn url(running: &Beside) -> &str {
        match *running {}
    }

    /// There is none to stop.
    #[expect(clippy::unused_async, reason = "the same signature as with the sandbox")]
    pub async fn stop(running: Beside) {
        match running {}
    }
}
