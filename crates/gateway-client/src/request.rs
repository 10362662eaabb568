//! From our words to the gateway's: the one place where a payment becomes a request.

use domain::capture_plan::CapturePlan;
use domain::command::Addition;
use domain::ids::{GatewayId, Reference, SiteId};
use domain::money::{Amount, Money};
use domain::operation::Operation;
use domain::payment::Payment;
use domain::planted::{Defect, planted};
use domain::sale::{BillingAddress, CaptureMode, Customer, Sale};
use domain::sight::{GatewayRef, Host};
use secrecy::ExposeSecret;

use crate::card::CardSecret;
use crate::wire;

/// Why a payment cannot be put in the gateway's words.
pub(crate) type Inexpressible = String;

/// A split as it is asked for.
struct NewSplit<'a> {
    number: u16,
    site: SiteId,
    amount: Amount,
    /// The caller's own name for it.
    reference: Option<&'a Reference>,
}

/// What a capture asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Capture {
    /// All that is authorized.
    Full,
    /// So much of one split.
    Split(GatewayId, wire::Amount),
    /// So much of these splits, and nothing of the others.
    Splits(Vec<wire::SplitCapture>),
}

/// Where the payment is at the gateway.
pub(crate) fn place(host: Host, payment: &Payment) -> Result<GatewayRef, Inexpressible> {
    let at = payment.seen.as_ref().map(|seen| seen.at);
    let at = at.ok_or("the gateway has not shown the payment yet")?;
    if at.host == host {
        Ok(at)
    } else {
        Err("the payment is at the gateway's other host".to_owned())
    }
}

/// The request that creates a payment, under the operation's reference.
pub(crate) fn create(
    host: Host,
    payment: &Payment,
    operation: &Operation,
    card: Option<&CardSecret>,
) -> Result<wire::PaymentRequest, Inexpressible> {
    let sale = &payment.sale;
    match (host, card) {
        (Host::Pay, Some(_)) => return Err("only the card host takes kept cards".to_owned()),
        // Without it the card host would ask the buyer for another card.
        (Host::Cards, None) if sale.card.is_some() => return Err("the kept card is not at hand".to_owned()),
        _ => {}
    }
    let reference = &operation.reference;
    let amount = hundredths(sale, payment.amount())?;
    let splits = payment.splits.iter().map(|split| {
        let new = NewSplit {
            number: split.number,
            site: split.site,
            amount: split.amount,
            reference: split.reference.as_ref(),
        };
        split_request(sale, reference, &new)
    });
    let splits = splits.collect::<Result<Vec<_>, _>>()?;
    let request = wire::PaymentRequest {
        originator_transaction_id: Some(sale.originator.as_str().to_owned()),
        return_url: Some(sale.return_url.clone()),
        description: sale.description.clone(),
        language: sale.language.clone(),
        customer: sale.customer.as_ref().map(customer),
        billing_address: sale.billing_address.as_ref().map(address),
        splits: (!splits.is_empty()).then_some(splits),
        ..wire::PaymentRequest::of(reference.as_str(), amount, sale.cart.currency().code())
    };
    let token_lifetime = sale.token_lifetime_minutes.map(u32::from);
    Ok(match host {
        Host::Pay => wire::PaymentRequest {
            method_id: Some(sale.method),
            token_lifetime,
            ..request
        },
        // The card host is its own method, and takes or only reserves the money as it is told.
        Host::Cards => wire::PaymentRequest {
            payment_token_lifetime: token_lifetime,
            statement_descriptor: sale.statement_descriptor.clone(),
            capture: Some(sale.capture == CaptureMode::Automatic),
            credit_card_token: card.map(token),
            generate_credit_card_token: sale.save_card.then_some(true),
            ..request
        },
    })
}

/// What is captured of which split. Nothing where there is nothing to capture: the gateway would take it for everything.
pub(crate) fn capture(payment: &Payment, plan: &CapturePlan, only: Option<u16>) -> Result<Capture, Inexpressible> {
    if plan.is_nothing() {
        return Err("there is nothing to capture".to_owned());
    }
    if plan.is_full() || planted(Defect::PartialCaptureSentAsFull) {
        return Ok(Capture::Full);
    }
    let taken = plan.splits.iter().filter(|split| !split.amount.is_zero());
    let parts = taken.map(|part| {
        let id = split_id(payment, part.split)?;
        Ok((part.split, id, hundredths(&payment.sale, part.amount)?))
    });
    let parts = parts.collect::<Result<Vec<_>, Inexpressible>>()?;
    match (only, parts.as_slice()) {
        (Some(only), [(number, id, amount)]) if only == *number => Ok(Capture::Split(*id, *amount)),
        (Some(_), _) => Err("a split that is captured alone leaves nothing for others".to_owned()),
        (None, parts) => {
            let part = |(_, id, amount): &(u16, GatewayId, wire::Amount)| wire::SplitCapture {
                id: wire::Id(id.get()),
                amount: *amount,
            };
            Ok(Capture::Splits(parts.iter().map(part).collect()))
        }
    }
}

/// The request that adds splits, numbered after those that the payment has.
pub(crate) fn addition(
    payment: &Payment,
    operation: &Operation,
    added: &Addition,
) -> Result<wire::SplitsEnvelope<wire::SplitRequest>, Inexpressible> {
    let first = u16::try_from(payment.splits.len().saturating_add(1)).map_err(|_| "there are too many splits")?;
    let splits = (first..).zip(&added.splits).map(|(number, split)| {
        let new = NewSplit {
            number,
            site: split.site,
            amount: split.amount,
            reference: split.reference.as_ref(),
        };
        split_request(&payment.sale, &operation.reference, &new)
    });
    let splits = splits.collect::<Result<Vec<_>, _>>()?;
    Ok(wire::SplitsEnvelope { splits })
}

/// The split that one part of a refund gives back from, and the request that asks for it.
pub(crate) fn refund(
    payment: &Payment,
    operation: &Operation,
    number: u16,
    split: u16,
) -> Result<(GatewayId, wire::RefundRequest), Inexpressible> {
    let refund = payment.refund(number).ok_or("the payment has no such refund")?;
    let part = refund.part(split).ok_or("the refund has no such part")?;
    let request = wire::RefundRequest {
        merchant_transaction_id: operation.reference.as_str().to_owned(),
        originator_transaction_id: None,
        amount: hundredths(&payment.sale, part.amount)?,
        description: refund.asked.as_ref().and_then(|asked| asked.reason.clone()),
        details: None,
        articles: None,
    };
    let giver = if planted(Defect::RefundFromTheFirstSplit) {
        1
    } else {
        split
    };
    Ok((split_id(payment, giver)?, request))
}

fn split_id(payment: &Payment, number: u16) -> Result<GatewayId, Inexpressible> {
    let split = payment.splits.iter().find(|split| split.number == number);
    let split = split.ok_or("the payment has no such split")?;
    let id = split.gateway_id.ok_or("the gateway has not shown the split yet")?;
    Ok(id)
}

fn split_request(sale: &Sale, whole: &Reference, split: &NewSplit<'_>) -> Result<wire::SplitRequest, Inexpressible> {
    let ours = whole.part(split.number);
    let derived = format!("{}-{}", sale.originator, split.number);
    // The longest order leaves no room for a number; then the seller sees our reference.
    let derived = derived.parse::<Reference>().unwrap_or_else(|_| ours.clone());
    let theirs = split.reference.unwrap_or(&derived);
    Ok(wire::SplitRequest {
        site_id: wire::Id(split.site.get().into()),
        amount: hundredths(sale, split.amount)?,
        merchant_transaction_id: Some(ours.as_str().to_owned()),
        originator_transaction_id: Some(theirs.as_str().to_owned()),
    })
}

fn token(card: &CardSecret) -> wire::CreditCardToken {
    let code = card.security_code.as_ref().map(ExposeSecret::expose_secret);
    wire::CreditCardToken {
        value: card.token.expose_secret().into(),
        security_code: code.map(wire::Private::from),
        require_security_code: None,
    }
}

fn hundredths(sale: &Sale, amount: Amount) -> Result<wire::Amount, Inexpressible> {
    let money = Money::new(amount, sale.cart.currency());
    money
        .to_hundredths()
        .map(wire::Amount)
        .map_err(|error| error.to_string())
}

fn customer(customer: &Customer) -> wire::CustomerRequest {
    let id = customer.id.as_ref().map(|id| id.as_str());
    wire::CustomerRequest {
        // The gateway's pattern is narrower than ours, and nothing depends on this field.
        merchant_customer_id: id.filter(|id| id.parse::<Reference>().is_ok()).map(wire::Private::from),
        email: customer.email.as_deref().map(wire::Private::from),
        first_name: customer.first_name.as_deref().map(wire::Private::from),
        last_name: customer.last_name.as_deref().map(wire::Private::from),
        phone: customer.phone.as_deref().map(wire::Private::from),
        ..wire::CustomerRequest::default()
    }
}

fn address(address: &BillingAddress) -> wire::AddressRequest {
    wire::AddressRequest {
        country: Some(address.country.clone()),
        city: address.city.as_deref().map(wire::Private::from),
        zip_code: address.zip.as_deref().map(wire::Private::from),
        state: address.state.as_deref().map(wire::Private::from),
        street: address.street.as_deref().map(wire::Private::from),
        street_number: address.street_number.as_deref().map(wire::Private::from),
        ..wire::AddressRequest::default()
    }
}
