//! From our words to the gateway's: the one place where a payment becomes a request.

use domain::ids::Reference;
use domain::money::{Amount, Money};
use domain::operation::Operation;
use domain::payment::Payment;
use domain::sale::{BillingAddress, CaptureMode, Customer, Sale};
use domain::sight::Host;
use domain::split::Split;

use crate::wire;

/// Why a payment cannot be put in the gateway's words.
pub(crate) type Inexpressible = String;

/// The request that creates a payment, under the operation's reference.
pub(crate) fn create(
    host: Host,
    payment: &Payment,
    operation: &Operation,
) -> Result<wire::PaymentRequest, Inexpressible> {
    let sale = &payment.sale;
    let reference = &operation.reference;
    let amount = hundredths(sale, payment.amount())?;
    let splits = payment.splits.iter().map(|split| split_request(sale, reference, split));
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
            ..request
        },
    })
}

fn split_request(sale: &Sale, reference: &Reference, split: &Split) -> Result<wire::SplitRequest, Inexpressible> {
    let ours = format!("{reference}-{}", split.number);
    let theirs = format!("{}-{}", sale.originator, split.number);
    // The longest order leaves no room for a number; then the seller sees our reference.
    let theirs = if theirs.parse::<Reference>().is_ok() {
        theirs
    } else {
        ours.clone()
    };
    theirs
        .parse::<Reference>()
        .map_err(|_| "the split's reference is too long".to_owned())?;
    Ok(wire::SplitRequest {
        site_id: wire::Id(split.site.get().into()),
        amount: hundredths(sale, split.amount)?,
        merchant_transaction_id: Some(ours),
        originator_transaction_id: Some(theirs),
    })
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
