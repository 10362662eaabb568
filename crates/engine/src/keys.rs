//! API keys: shown once, stored as digests, gone at once when revoked.

mod cache;
mod secret;

use domain::ids::{IdError, KeyId, Principal, SellerId};
use secrecy::SecretString;
use serde::Serialize;
use store::{KeyRow, StoreError};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

pub(crate) use cache::KeyCache;

use crate::caller::{Caller, Role};
use crate::desk::Engine;
use crate::error::Error;
use crate::views::Page;

/// The codes that keys use, each with its meaning.
pub const CODES: &[(&str, &str)] = &[
    ("role_unknown", "A key's role is not storefront, seller, ops or admin."),
    (
        "principal_invalid",
        "A principal is empty, too long, or not printable ASCII.",
    ),
    ("key_seller_missing", "A seller's key does not name its seller."),
    ("key_seller_unexpected", "A key that is not a seller's names a seller."),
    ("key_seller_unknown", "The seller that a key names is not registered."),
    (
        "last_admin_key",
        "The last admin key cannot be revoked: nobody could create another.",
    ),
];

/// A key as an administrator orders it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDraft {
    /// `storefront`, `seller`, `ops` or `admin`.
    pub role: String,
    /// On whose behalf it speaks; give the next key the same, and idempotency survives the rotation.
    pub principal: String,
    /// Of a seller's key: which seller.
    pub seller: Option<String>,
    /// Whether it is for real money.
    pub live: bool,
}

/// A key without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyView {
    /// `key_…`; it says nothing about the secret.
    pub id: String,
    /// What it may do.
    pub role: String,
    /// On whose behalf it speaks.
    pub principal: String,
    /// Of a seller's key: which seller.
    pub seller: Option<String>,
    /// Whether it is for real money.
    pub live: bool,
    /// When it was created.
    pub created_at: String,
    /// When it was revoked; null while it works.
    pub revoked_at: Option<String>,
}

/// What became of a revocation, inside its one write.
enum Revoked {
    Done(Box<KeyRow>),
    Missing,
    LastAdmin,
}

impl Engine {
    /// Creates a key. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with the draft.
    pub async fn create_key(&self, draft: KeyDraft) -> Result<(KeyView, SecretString), Error> {
        let (role, principal) = checked(&draft)?;
        let desk = &self.desk;
        let secret = secret::draw(desk.ids.as_ref(), draft.live);
        let row = KeyRow {
            id: KeyId::from_u128(desk.ids.ordered()),
            hash: secret::digest_of(&secret),
            role: role.as_str().to_owned(),
            principal,
            seller: match role {
                Role::Seller(seller) => Some(seller),
                Role::Storefront | Role::Ops | Role::Admin => None,
            },
            live: draft.live,
            created_at: desk.clock.now(),
            revoked_at: None,
        };
        let insert = move |tx: &mut store::Tx<'_>| -> Result<Option<KeyRow>, StoreError> {
            if let Some(seller) = &row.seller
                && tx.seller(seller)?.is_none()
            {
                return Ok(None);
            }
            if row.role == Role::Admin.as_str() {
                // From now on the bootstrap key is dead, even when this one is revoked.
                tx.set_meta_once(FIRST_ADMIN_KEY, &row.id.to_string())?;
            }
            tx.insert_key(&row)?;
            Ok(Some(row))
        };
        let row = desk.store.write(insert).await?;
        let row = row.ok_or_else(|| Error::fault("/seller", "key_seller_unknown", "a seller that is registered"))?;
        tracing::info!(key = %row.id, role = row.role, principal = %row.principal, "a key was created");
        Ok((KeyView::from(row), secret))
    }

    /// Keys, newest first, those behind `before`; revoked ones too.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be read.
    pub async fn list_keys(&self, before: Option<KeyId>, limit: usize) -> Result<Page<KeyView>, Error> {
        let rows = self
            .desk
            .store
            .read(move |tx| tx.list_keys(before, limit.saturating_add(1)))
            .await?;
        let views = rows.into_iter().map(KeyView::from).collect();
        Ok(Page::cut(views, limit, |view: &KeyView| view.id.clone()))
    }

    /// Revokes a key: at once here, and within [`cache::LIFETIME`] on other instances. Revoking twice changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `last_admin_key`.
    pub async fn revoke_key(&self, id: KeyId) -> Result<KeyView, Error> {
        let now = self.desk.clock.now();
        let revoke = move |tx: &mut store::Tx<'_>| -> Result<Revoked, StoreError> {
            let Some(mut row) = tx.key(id)? else {
                return Ok(Revoked::Missing);
            };
            if row.revoked_at.is_some() {
                return Ok(Revoked::Done(Box::new(row)));
            }
            if row.role == Role::Admin.as_str() && tx.live_admins()? <= 1 {
                return Ok(Revoked::LastAdmin);
            }
            tx.revoke_key(id, now)?;
            row.revoked_at = Some(now);
            Ok(Revoked::Done(Box::new(row)))
        };
        let revoked = self.desk.store.write(revoke).await;
        // Also where the write's outcome is unknown: to look again costs one read.
        self.desk.keys.forget();
        match revoked? {
            Revoked::Done(row) => {
                tracing::info!(key = %row.id, principal = %row.principal, "a key was revoked");
                Ok(KeyView::from(*row))
            }
            Revoked::Missing => Err(Error::NotFound),
            Revoked::LastAdmin => {
                let detail = "this is the last admin key; create another one first".to_owned();
                Err(Error::Conflict {
                    code: "last_admin_key",
                    detail,
                })
            }
        }
    }

    /// Who holds this token; `None`: nobody.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be read.
    pub async fn authenticate(&self, token: &str) -> Result<Option<Caller>, Error> {
        if !(1..=TOKEN_CHARACTERS_MAX).contains(&token.len()) {
            return Ok(None);
        }
        let hash = crate::identity::digest(token.as_bytes());
        let cache = &self.desk.keys;
        if let Some(caller) = cache.get(&hash) {
            return Ok(Some(caller));
        }
        let moment = cache.moment();
        let wanted = hash.clone();
        let found = self
            .desk
            .store
            .read(move |tx| Ok((tx.key_by_hash(&wanted)?, tx.meta(FIRST_ADMIN_KEY)?)))
            .await?;
        let (row, first_admin) = found;
        let Some(row) = row else {
            return Ok(self.bootstrap(&hash, token).filter(|_| first_admin.is_none()));
        };
        let same: bool = row.hash.as_bytes().ct_eq(hash.as_bytes()).into();
        if !same || row.revoked_at.is_some() {
            return Ok(None);
        }
        let caller = caller(row)?;
        cache.put(hash, caller.clone(), moment);
        Ok(Some(caller))
    }

    /// The configured key of the first administrator, who has no other yet. Not cached: it dies when one is created.
    fn bootstrap(&self, hash: &str, token: &str) -> Option<Caller> {
        let key = self
            .desk
            .settings
            .bootstrap_admin_key
            .as_deref()
            .filter(|key| !key.is_empty())?;
        let same: bool = crate::identity::digest(key.as_bytes())
            .as_bytes()
            .ct_eq(hash.as_bytes())
            .into();
        let principal = BOOTSTRAP_PRINCIPAL.parse().ok()?;
        same.then(|| Caller {
            principal,
            role: Role::Admin,
            live: !token.starts_with(secret::TEST_PREFIX),
        })
    }
}

/// A draft's role and principal, or everything that is wrong with it.
fn checked(draft: &KeyDraft) -> Result<(Role, Principal), Error> {
    use domain::fault::Fault;
    let mut faults = Vec::new();
    let principal = draft.principal.parse::<Principal>();
    if let Err(error) = &principal {
        faults.push(Fault::new("/principal", "principal_invalid", error.to_string()));
    } else if principal == Ok(Principal::ourselves()) {
        let detail = "another name: this one is ours, for what follows from a payment's own terms";
        faults.push(Fault::new("/principal", "principal_invalid", detail));
    }
    let role = match (draft.role.as_str(), &draft.seller) {
        ("seller", Some(seller)) => seller
            .parse()
            .map(Role::Seller)
            .map_err(|error: IdError| Fault::new("/seller", "key_seller_unknown", error.to_string())),
        ("seller", None) => Err(Fault::new(
            "/seller",
            "key_seller_missing",
            "the seller whose key it is",
        )),
        ("storefront" | "ops" | "admin", Some(_)) => Err(Fault::new(
            "/seller",
            "key_seller_unexpected",
            "no seller, or the role seller",
        )),
        ("storefront", None) => Ok(Role::Storefront),
        ("ops", None) => Ok(Role::Ops),
        ("admin", None) => Ok(Role::Admin),
        _ => Err(Fault::new("/role", "role_unknown", "storefront, seller, ops or admin")),
    };
    match (role, principal) {
        (Ok(role), Ok(principal)) if faults.is_empty() => Ok((role, principal)),
        (role, _) => {
            faults.extend(role.err());
            Err(Error::Invalid(faults))
        }
    }
}

fn caller(row: KeyRow) -> Result<Caller, Error> {
    let role = match (row.role.as_str(), row.seller) {
        ("storefront", None) => Role::Storefront,
        ("seller", Some(seller)) => Role::Seller(seller),
        ("ops", None) => Role::Ops,
        ("admin", None) => Role::Admin,
        (role, _) => return Err(Error::Internal(format!("{} has the role {role}", row.id))),
    };
    Ok(Caller {
        principal: row.principal,
        role,
        live: row.live,
    })
}

impl From<KeyRow> for KeyView {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id.to_string(),
            role: row.role,
            principal: row.principal.to_string(),
            seller: row.seller.map(|seller: SellerId| seller.to_string()),
            live: row.live,
            created_at: row.created_at.to_string(),
            revoked_at: row.revoked_at.map(|at| at.to_string()),
        }
    }
}

/// Written when the first admin key is created, and never again.
const FIRST_ADMIN_KEY: &str = "first_admin_key";

/// Who the bootstrap key speaks for.
const BOOTSTRAP_PRINCIPAL: &str = "bootstrap";

/// Longer tokens than any of ours are not worth a digest.
const TOKEN_CHARACTERS_MAX: usize = 256;
