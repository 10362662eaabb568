//! Money: whole minor units of one currency, never negative, never a float.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The largest amount a caller may send, in minor units of its currency.
pub const LIMIT: Amount = Amount(9_999_999_999);

/// The largest number of hundredths the gateway can be sent: twelve digits.
const HUNDREDTHS_MAX: u64 = 999_999_999_999;

/// A non-negative number of minor units of some currency (EUR 1050 is 10.50).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Amount(i64);

/// An ISO 4217 currency that has a minor unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Currency(iso_currency::Currency);

/// An amount of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units of `currency`.
    pub amount: Amount,
    /// What they are units of.
    pub currency: Currency,
}

/// Why a number is not an amount, or a word not a currency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Less than nothing.
    #[error("an amount is at least 0")]
    Negative,
    /// More than can be counted here or at the gateway.
    #[error("the amount is too large")]
    TooLarge,
    /// The gateway counts in hundredths of the unit and cannot express this amount.
    #[error("the gateway cannot express this amount of {currency}: {below} and {above} are the nearest")]
    NotRepresentable {
        /// The currency that was meant.
        currency: Currency,
        /// The nearest smaller amount, in its minor units (for what the gateway said: in hundredths).
        below: i64,
        /// The nearest larger one, likewise.
        above: i64,
    },
    /// Not the code of a currency, or of one without a minor unit (gold, testing codes).
    #[error("not the three-letter code of an ISO 4217 currency with a minor unit, such as EUR")]
    CurrencyUnknown,
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount that can be counted; callers may send at most [`LIMIT`].
    pub const MAX: Self = Self(i64::MAX);

    /// This many minor units; negative ones are refused.
    pub fn try_new(minor_units: i64) -> Result<Self, MoneyError> {
        if minor_units < 0 {
            Err(MoneyError::Negative)
        } else {
            Ok(Self(minor_units))
        }
    }

    /// Minor units.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }

    /// Whether this is nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Both together, unless that is more than can be counted.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// What remains, unless `other` is more.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).filter(|rest| *rest >= 0).map(Self)
    }

    /// What remains, or nothing if `other` is more.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }

    /// All of them together; refuses a sum that is more than can be counted.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        let total: i128 = amounts.into_iter().map(|amount| i128::from(amount.0)).sum();
        i64::try_from(total).map(Self).map_err(|_| MoneyError::TooLarge)
    }
}

impl TryFrom<i64> for Amount {
    type Error = MoneyError;

    fn try_from(minor_units: i64) -> Result<Self, MoneyError> {
        Self::try_new(minor_units)
    }
}

impl From<Amount> for i64 {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

impl From<Amount> for i128 {
    fn from(amount: Amount) -> Self {
        amount.0.into()
    }
}

impl fmt::Display for Amount {
    /// The number of minor units; [`Money`] writes an amount as people read it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Currency {
    /// The three-letter code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    /// How many decimals the unit has: 2 for EUR, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn exponent(self) -> u32 {
        // Construction refuses currencies without one.
        self.0.exponent().map_or(2, u32::from)
    }

    /// Amounts must be multiples of this many minor units, because the gateway counts in hundredths of the unit.
    #[must_use]
    pub fn quantum(self) -> i64 {
        10_i64.pow(self.exponent().saturating_sub(2))
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(code)
            .filter(|currency| currency.exponent().is_some())
            .map(Self)
            .ok_or(MoneyError::CurrencyUnknown)
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;

    fn try_from(code: String) -> Result<Self, MoneyError> {
        code.parse()
    }
}

impl From<Currency> for &'static str {
    fn from(currency: Currency) -> Self {
        currency.0.code()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code())
    }
}

impl Money {
    /// So much of that currency.
    #[must_use]
    pub fn new(amount: Amount, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// What the gateway calls this amount: hundredths of the unit, whatever the currency's own decimals.
    pub fn to_hundredths(self) -> Result<u64, MoneyError> {
        let amount = self.amount.0;
        let quantum = self.currency.quantum();
        let rest = amount % quantum;
        if rest != 0 {
            let below = amount - rest;
            let above = below.saturating_add(quantum);
            return Err(MoneyError::NotRepresentable {
                currency: self.currency,
                below,
                above,
            });
        }
        u64::try_from(amount / quantum)
            .ok()
            .and_then(|quanta| quanta.checked_mul(self.hundredths_in_a_quantum()))
            .filter(|hundredths| *hundredths <= HUNDREDTHS_MAX)
            .ok_or(MoneyError::TooLarge)
    }

    /// The amount that the gateway calls `hundredths`.
    pub fn from_hundredths(currency: Currency, hundredths: u64) -> Result<Self, MoneyError> {
        let hundredths = i64::try_from(hundredths).map_err(|_| MoneyError::TooLarge)?;
        let step = 10_i64.pow(2_u32.saturating_sub(currency.exponent()));
        let rest = hundredths % step;
        if rest != 0 {
            let below = hundredths - rest;
            return Err(MoneyError::NotRepresentable {
                currency,
                below,
                above: below.saturating_add(step),
            });
        }
        let amount = (hundredths / step)
            .checked_mul(currency.quantum())
            .ok_or(MoneyError::TooLarge)?;
        Ok(Self::new(Amount(amount), currency))
    }

    fn hundredths_in_a_quantum(self) -> u64 {
        10_u64.pow(2_u32.saturating_sub(self.currency.exponent()))
    }
}

impl fmt::Display for Money {
    /// As people read it: `36.87 EUR`, `1050 JPY`, `1.050 KWD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent();
        let unit = 10_i64.pow(exponent);
        let (whole, part) = (self.amount.0 / unit, self.amount.0 % unit);
        if exponent == 0 {
            return write!(f, "{whole} {}", self.currency);
        }
        let width = usize::try_from(exponent).map_err(|_| fmt::Error)?;
        write!(f, "{whole}.{part:0width$} {}", self.currency)
    }
}
