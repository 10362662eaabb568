//! The texts of the gateway's return codes. Its two hosts number them separately.

/// The text that goes with a code.
pub(crate) fn info(code: u16, of_cards: bool) -> &'static str {
    if of_cards {
        of_the_card_host(code)
    } else {
        of_the_first_host(code)
    }
}

fn of_the_first_host(code: u16) -> &'static str {
    match code {
        1 => "Missing parameter",
        2 => "Validation failed",
        5 => "Method is invalid",
        9 => "Method is unavailable",
        10 => "MethodOption is invalid",
        17 => "Payment is invalid",
        18 => "Refund is invalid",
        19 => "Country is invalid",
        20 => "MerchantTransactionID is duplicated",
        100 => "Currency is invalid",
        101 => "Customer email is missing",
        102 => "Customer email is invalid",
        118 => "Amount invalid",
        122 => "Unable to cancel transaction",
        127 => "Site ID is missing",
        128 => "Article is missing",
        157 => "Unable to capture transaction",
        2206 => "Refund.Amount exceeds initial payment available amount",
        _ => "Generic error",
    }
}

fn of_the_card_host(code: u16) -> &'static str {
    match code {
        2 => "Validation failed",
        17 => "Payment is invalid",
        18 => "Technical error",
        20 => "Key is duplicated",
        104 => "Capture time limit reached",
        117 => "Challenged by fraud provider",
        118 => "Rejected by merchant",
        1000 => "Invalid Payment.MerchantTransactionID",
        1001 => "Invalid Payment.Amount",
        1002 => "Invalid Payment.Currency",
        1003 => "Invalid Payment.ReturnURL",
        1004 => "Invalid Payment.Description",
        1005 => "Invalid Payment.StatementDescriptor",
        1008 => "Invalid Payment.Token",
        1010 => "Payment in process",
        1011 => "Invalid Payment.OriginatorTransactionID",
        1012 => "Invalid AmountToCapture",
        1013 => "AmountToCapture exceeds authorized amount",
        1200 => "Invalid Card.HolderName",
        1201 => "Invalid Card.Number",
        1202 => "Invalid Card.ExpirationMonth",
        1203 => "Invalid Card.ExpirationYear",
        1204 => "Invalid Card.SecurityCode",
        1205 => "Card is expired",
        1206 => "Missing card details",
        1408 => "Invalid country code",
        1601 => "Invalid Customer.Email",
        2200 => "Invalid Refund.MerchantTransactionID",
        2201 => "Invalid Refund.Amount",
        2206 => "Refund.Amount exceeds initial payment available amount",
        2207 => "Another refund is in process",
        2208 => "Partial refunds are not available",
        2209 => "Invalid Refund.OriginatorTransactionID",
        2400 => "Invalid CreditCardToken",
        2401 => "CreditCardToken is not available",
        2403 => "Invalid card for CreditCardToken",
        2404 => "Missing CreditCardToken details",
        2800 => "Invalid SiteID",
        5288 => "Capture failed but will retry again later",
        _ => "Generic error",
    }
}
