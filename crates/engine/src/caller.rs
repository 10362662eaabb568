//! Who calls, and what they may see.

use domain::ids::{Principal, SellerId};

use crate::error::Error;

/// What a key may do (API.md "Conventions").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sells: quotes and payments.
    Storefront,
    /// One seller, who sees its own share and nothing else.
    Seller(SellerId),
    /// Operates: sees everything of payments, triggers money operations.
    Ops,
    /// Registers sellers, fee plans and keys.
    Admin,
}

impl Role {
    /// The word on the wire and in rows.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Storefront => "storefront",
            Self::Seller(_) => "seller",
            Self::Ops => "ops",
            Self::Admin => "admin",
        }
    }
}

/// An authenticated caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its name; survives a rotation of its key, and is part of every idempotency record.
    pub principal: Principal,
    /// What it may do.
    pub role: Role,
    /// Whether its key is a live one; test keys see test payments only.
    pub live: bool,
}

impl Caller {
    /// The seller whose share alone this caller may see.
    pub const fn seller(&self) -> Option<&SellerId> {
        match &self.role {
            Role::Seller(seller) => Some(seller),
            Role::Storefront | Role::Ops | Role::Admin => None,
        }
    }

    /// Lets a seller see itself and operators see everybody; anybody else is told that it does not exist.
    ///
    /// # Errors
    /// [`Error::NotFound`], exactly as for a seller that does not exist.
    pub(crate) fn may_see_seller(&self, seller: &SellerId) -> Result<(), Error> {
        match &self.role {
            Role::Ops | Role::Admin => Ok(()),
            Role::Seller(own) if own == seller => Ok(()),
            Role::Seller(_) | Role::Storefront => Err(Error::NotFound),
        }
    }
}
