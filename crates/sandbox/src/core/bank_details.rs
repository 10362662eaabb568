//! The payer whom the gateway's test environment invents.

use super::written::Null;
use serde::Serialize;

/// `Details` of a payment by Sofort.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BankDetails {
    account_number: Null,
    account_holder: &'static str,
    #[serde(rename = "IBAN")]
    iban: &'static str,
    #[serde(rename = "BIC")]
    bic: &'static str,
    prepaid_card: Null,
    #[serde(rename = "PrepaidCardPIN")]
    prepaid_card_pin: Null,
    serial_numbers: Null,
    wallet: Null,
    reference_number: Null,
    payer_country: &'static str,
    payer_email: Null,
    payer_phone: Null,
    bank_code: Null,
    bank_name: Null,
    bank_sort_code: Null,
    social_security_number: Null,
    billing_cycle_start: Null,
    billing_cycle_end: Null,
    unsubscribe_instructions: Null,
    #[serde(rename = "CustomerLoginID")]
    customer_login_id: Null,
    paid_amount: Null,
    paid_currency: Null,
    provider_exchange_rate: f32,
    #[serde(rename = "PayerBankAccountID")]
    payer_bank_account_id: Null,
    #[serde(rename = "PayerID")]
    payer_id: Null,
}

impl Default for BankDetails {
    fn default() -> Self {
        Self {
            account_number: Null,
            account_holder: "Max Mustermann",
            iban: "DE06000000000023456789",
            bic: "SFRTDE20XXX",
            prepaid_card: Null,
            prepaid_card_pin: Null,
            serial_numbers: Null,
            wallet: Null,
            reference_number: Null,
            payer_country: "DE",
            payer_email: Null,
            payer_phone: Null,
            bank_code: Null,
            bank_name: Null,
            bank_sort_code: Null,
            social_security_number: Null,
            billing_cycle_start: Null,
            billing_cycle_end: Null,
            unsubscribe_instructions: Null,
            customer_login_id: Null,
            paid_amount: Null,
            paid_currency: Null,
            provider_exchange_rate: 0.0,
            payer_bank_account_id: Null,
            payer_id: Null,
        }
    }
}
