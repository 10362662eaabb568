//! `apportion keys`: for the first key, and where no admin key is at hand.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::ids::KeyId;
use engine::Engine;
use engine::keys::{KeyDraft, KeyView};
use secrecy::ExposeSecret;

use super::out;
use crate::config::Config;
use crate::problem::Problem;
use crate::wiring::{self, Access};

/// How many keys one page of the list has.
const PAGE: usize = 100;

#[derive(Clone, Debug, Args)]
pub(super) struct KeysArgs {
    #[command(subcommand)]
    command: Command,
    /// The answer as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Clone, Debug, Subcommand)]
enum Command {
    /// Makes a key. It is shown once and stored as a digest.
    #[command(after_help = "Example:\n  apportion keys create --role seller --principal s1-dashboard --seller s1")]
    Create {
        /// storefront, seller, ops or admin.
        #[arg(long)]
        role: String,
        /// On whose behalf it speaks; the same for a key that replaces another.
        #[arg(long, value_name = "NAME")]
        principal: String,
        /// The seller that a seller's key is bound to.
        #[arg(long, value_name = "ID")]
        seller: Option<String>,
    },
    /// Lists keys, newest first, revoked ones too.
    #[command(after_help = "Example:\n  apportion keys list --json")]
    List,
    /// Revokes a key. The last admin key cannot be revoked.
    #[command(after_help = "Example:\n  apportion keys revoke key_01j…")]
    Revoke {
        /// key_…
        id: KeyId,
    },
}

pub(super) async fn run(args: KeysArgs, config: &Config) -> anyhow::Result<ExitCode> {
    let engine = wiring::open(config, None, Access::Write)?;
    match args.command {
        Command::Create {
            role,
            principal,
            seller,
        } => {
            let draft = KeyDraft {
                role,
                principal,
                seller,
                live: config.is_production(),
            };
            let (view, secret) = engine.create_key(draft).await.map_err(explained)?;
            let secret = secret.expose_secret();
            if args.json {
                out::json(
                    &serde_json::json!({ "id": view.id, "role": view.role, "principal": view.principal,
                    "seller": view.seller, "live": view.live, "key": secret }),
                )?;
            } else {
                out::line(secret)?;
            }
        }
        Command::List => show(&list(&engine).await?, args.json)?,
        Command::Revoke { id } => show(&[engine.revoke_key(id).await.map_err(explained)?], args.json)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(engine: &Engine) -> anyhow::Result<Vec<KeyView>> {
    let (mut keys, mut before) = (Vec::new(), None);
    loop {
        let page = engine.list_keys(before, PAGE).await.map_err(explained)?;
        keys.extend(page.data);
        match page.next_cursor {
            Some(cursor) => before = Some(cursor.parse()?),
            None => return Ok(keys),
        }
    }
}

fn show(keys: &[KeyView], json: bool) -> anyhow::Result<()> {
    if json {
        return out::json(&keys);
    }
    let rows: Vec<[String; 5]> = keys
        .iter()
        .map(|key| {
            let role = key
                .seller
                .as_ref()
                .map_or_else(|| key.role.clone(), |seller| format!("{}:{seller}", key.role));
            let state = key
                .revoked_at
                .as_ref()
                .map_or_else(|| "works".to_owned(), |at| format!("revoked {at}"));
            [
                key.id.clone(),
                role,
                key.principal.clone(),
                key.created_at.clone(),
                state,
            ]
        })
        .collect();
    Ok(out::line(&out::columns(&rows))?)
}

/// The same words that HTTP would use.
fn explained(error: engine::Error) -> anyhow::Error {
    let problem = Problem::from(error);
    anyhow::anyhow!("{} ({})", problem.detail(), problem.code())
}
