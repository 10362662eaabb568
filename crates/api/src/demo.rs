//! `apportion demo`: the main job on an empty database against the sandbox, explained step by step and cent by cent.

mod before;
mod ending;
mod giving_back;
mod later;
mod one_click;
mod parties;
mod paying;
mod ready;
mod safety;
mod screen;
mod shop;
mod story;
mod told;
mod world;

use std::process::ExitCode;

use self::story::Story;

/// How the demonstration ends.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Stop after the story: exit 0 if every check held, 1 if not
    #[arg(long)]
    once: bool,
}

/// Plays the demonstration.
///
/// # Errors
/// When something of it cannot be played at all.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut story = Story::begin().await?;
    story.sellers().await?;
    let quote = story.cart().await?;
    story.reasons(&quote)?;
    let asked = story.payment(&quote).await?;
    story.buyer_pays(&asked).await?;
    story.books(&asked).await?;
    story.balances(&asked).await?;
    story.repeated(&asked).await?;
    story.answer_lost().await?;
    story.forged().await?;
    story.captured_when_ready().await?;
    story.divided_later().await?;
    story.given_back(&asked).await?;
    story.one_click().await?;
    let all_held = story.verdict().await?;
    if !args.once {
        story.stay().await?;
    }
    story.end().await;
    Ok(if all_held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
