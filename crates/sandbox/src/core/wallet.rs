//! Kept cards: what a token stands for. A number is never kept beyond its last four digits, a security code not at all.

use rand::{RngExt, rngs::StdRng};
use std::{collections::BTreeMap, fmt};

/// Digits of a card's number that may be shown.
const SHOWN_DIGITS: usize = 4;

/// A card, as far as it may be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    pub holder: Box<str>,
    pub last4: Box<str>,
    /// From 1.
    pub month: u8,
    /// Four digits.
    pub year: u16,
}

/// What stands for a card. Logs and books see its last four characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Token(Box<str>);

impl Token {
    /// 32 hexadecimal digits.
    pub fn draw(rng: &mut StdRng) -> Self {
        Self(format!("{:032X}", rng.random::<u128>()).into())
    }

    /// A token as a request spells it.
    pub fn read(text: &str) -> Self {
        Self(text.into())
    }

    /// All of it: for the merchant's own answers and notifications.
    pub fn shown(&self) -> &str {
        &self.0
    }

    /// Its last four characters.
    pub fn last4(&self) -> &str {
        last4(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token(…{})", self.last4())
    }
}

/// The last four characters of a text.
pub(crate) fn last4(text: &str) -> &str {
    let start = text.char_indices().rev().nth(SHOWN_DIGITS - 1).map_or(0, |(at, _)| at);
    text.get(start..).unwrap_or_default()
}

/// A card that was kept.
#[derive(Debug)]
pub(crate) struct KeptCard {
    pub card: Card,
    pub cancelled: bool,
}

/// All kept cards.
#[derive(Debug, Default)]
pub(crate) struct Wallet(BTreeMap<Token, KeptCard>);

impl Wallet {
    /// Keeps a card under a new token.
    pub fn keep(&mut self, card: Card, rng: &mut StdRng) -> Token {
        let token = Token::draw(rng);
        self.0.insert(token.clone(), KeptCard { card, cancelled: false });
        token
    }

    pub fn get(&self, token: &Token) -> Option<&KeptCard> {
        self.0.get(token)
    }

    pub fn get_mut(&mut self, token: &Token) -> Option<&mut KeptCard> {
        self.0.get_mut(token)
    }

    /// Every kept card, by token.
    pub fn all(&self) -> impl Iterator<Item = (&Token, &KeptCard)> {
        self.0.iter()
    }
}
