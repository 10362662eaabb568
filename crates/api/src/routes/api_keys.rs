//! API keys.

use actix_web::{HttpResponse, delete, get, post, web};
use domain::ids::KeyId;
use engine::keys::{KeyDraft, KeyView};
use engine::views::Page;
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;

use super::filters::Paging;
use super::reply::{self, Reply};
use crate::body::ApiKeyBody;
use crate::door::Door;
use crate::extract::{Caller, Json, Named, Parameters};

/// A key that was just made: the only time that its secret is seen.
#[derive(Serialize, ToSchema)]
struct NewKey {
    /// What is known of it from now on.
    #[serde(flatten)]
    view: KeyView,
    /// Send it as `Authorization: Bearer`. It is stored as a digest and cannot be shown again.
    key: String,
}

/// Makes an API key. Its secret is in this answer and nowhere else.
#[utoipa::path(tag = "API keys", request_body = ApiKeyBody,
    responses((status = 201, description = "The key, with its secret", body = NewKey)))]
#[post("/v1/api_keys")]
pub(super) async fn create_key(door: web::Data<Door>, _caller: Caller, body: Json<ApiKeyBody>) -> Reply {
    let ApiKeyBody {
        role,
        principal,
        seller,
    } = body.0;
    let draft = KeyDraft {
        role,
        principal,
        seller,
        live: door.production,
    };
    let (view, secret) = door.engine.create_key(draft).await?;
    Ok(HttpResponse::Created().json(NewKey {
        view,
        key: secret.expose_secret().to_owned(),
    }))
}

/// API keys, newest first, revoked ones too.
#[utoipa::path(tag = "API keys", params(Paging),
    responses((status = 200, description = "A page of keys, without their secrets", body = Page<KeyView>)))]
#[get("/v1/api_keys")]
pub(super) async fn list_keys(door: web::Data<Door>, _caller: Caller, query: Parameters<Paging>) -> Reply {
    reply::ok(door.engine.list_keys(query.0.cursor()?, query.0.limit.0).await?)
}

/// Revokes an API key: at once here, within seconds on other instances. The last admin key cannot be revoked.
#[utoipa::path(tag = "API keys", params(("key" = String, Path, description = "key_…")),
    responses((status = 200, description = "The key, revoked", body = KeyView)))]
#[delete("/v1/api_keys/{key}")]
pub(super) async fn revoke_key(door: web::Data<Door>, _caller: Caller, id: Named<KeyId>) -> Reply {
    reply::ok(door.engine.revoke_key(id.0).await?)
}
