//! Kept cards: paying with one, listing a customer's, forgetting one.

use domain::card::Card;
use domain::ids::{CardId, CustomerId};
use domain::payment::Payment;
use gateway_client::{CardSecret, KeptCard};

use crate::caller::Caller;
use crate::checkout::NewPayment;
use crate::desk::{Desk, Engine};
use crate::error::Error;
use crate::views::{CardView, Page};

impl Engine {
    /// A customer's cards, newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be read.
    pub async fn cards(&self, caller: &Caller, customer: CustomerId) -> Result<Page<CardView>, Error> {
        let live = caller.live;
        let cards = self.desk.store.read(move |tx| tx.cards_of(&customer, live)).await?;
        Ok(Page {
            data: cards.iter().map(CardView::from).collect(),
            has_more: false,
            next_cursor: None,
        })
    }

    /// Forgets a card, here and at the gateway. Here first: nobody pays with it from then on, whatever the gateway says.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a card of another customer.
    pub async fn delete_card(&self, caller: &Caller, customer: &CustomerId, id: CardId) -> Result<(), Error> {
        let card = self.desk.card(caller, customer, id).await?.ok_or(Error::NotFound)?;
        let now = self.desk.clock.now();
        self.desk.store.write(move |tx| tx.delete_card(id, now)).await?;
        match self.desk.settings.cards.open(&card) {
            Some(token) if self.desk.gateway.forget(&token).await => {}
            _ => tracing::warn!(card = %id, "the card is deleted here, and its token may live on at the gateway"),
        }
        Ok(())
    }

    /// Seals every token anew that an older key sealed; how many there were.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be read or written.
    pub async fn reseal_cards(&self) -> Result<usize, Error> {
        let desk = &self.desk;
        let Some(key) = desk.settings.cards.sealing_key().map(str::to_owned) else {
            return Ok(0);
        };
        let (mut resealed, mut after) = (0_usize, None);
        loop {
            let named = key.clone();
            let look = move |tx: &mut store::Tx<'_>| tx.cards_sealed_otherwise(&named, after, CARDS_AT_ONCE);
            let old = desk.store.read(look).await?;
            let Some(last) = old.last() else { break };
            after = Some(last.id);
            for card in old {
                let Some(token) = desk.settings.cards.open(&card) else {
                    let (id, key) = (card.id, &card.token.key);
                    tracing::warn!(card = %id, key, "a card's key is no longer configured; it cannot be paid with");
                    continue;
                };
                let sealed = desk.settings.cards.seal(card.id, &card.customer, &token, desk.nonce());
                let Some(sealed) = sealed else { continue };
                let anew = move |tx: &mut store::Tx<'_>| tx.reseal_card(card.id, &card.token, &sealed);
                resealed = resealed.saturating_add(usize::from(desk.store.write(anew).await?));
            }
        }
        Ok(resealed)
    }
}

impl Desk {
    /// What the gateway needs to be paid by the card that the request names, for one call.
    pub(crate) async fn card_to_pay_with(
        &self,
        caller: &Caller,
        request: &NewPayment,
    ) -> Result<Option<CardSecret>, Error> {
        let Some(draft) = &request.card else { return Ok(None) };
        let unknown = || Error::fault("/card/id", "card_unknown", "a card that this customer has kept");
        let customer = request.customer.as_ref().and_then(|customer| customer.id.as_ref());
        let Some(customer) = customer.and_then(|id| id.parse::<CustomerId>().ok()) else {
            let detail = "the customer whose card it is";
            return Err(Error::fault("/customer/id", "customer_required", detail));
        };
        let card = self.card(caller, &customer, draft.id).await?.ok_or_else(unknown)?;
        let token = self.settings.cards.open(&card).ok_or_else(unknown)?;
        Ok(Some(CardSecret {
            token,
            security_code: Some(draft.security_code.clone()),
        }))
    }

    /// The card that came with a payment, sealed; none where nobody asked for it to be kept, or where it is.
    pub(crate) async fn card_to_keep(&self, payment: &Payment, card: &KeptCard) -> Result<Option<Card>, Error> {
        let sale = &payment.sale;
        let customer = sale.customer.as_ref().and_then(|customer| customer.id.clone());
        let Some(customer) = customer.filter(|_| sale.save_card && sale.card.is_none()) else {
            return Ok(None);
        };
        let (named, live) = (customer.clone(), sale.live);
        let kept = self.store.read(move |tx| tx.cards_of(&named, live)).await?;
        if kept.iter().any(|card| card.payment == payment.id) {
            return Ok(None);
        }
        let id = CardId::from_u128(self.ids.ordered());
        let sealed = self.settings.cards.seal(id, &customer, &card.token, self.nonce());
        Ok(sealed.map(|sealed| Card {
            id,
            customer,
            live: sale.live,
            last4: card.last4.clone(),
            expiry_month: card.expiry_month,
            expiry_year: card.expiry_year,
            holder: card.holder.clone(),
            token: sealed,
            payment: payment.id,
            created_at: self.clock.now(),
            deleted_at: None,
        }))
    }

    /// The customer's card with this id, unless it was deleted.
    async fn card(&self, caller: &Caller, customer: &CustomerId, id: CardId) -> Result<Option<Card>, Error> {
        let card = self.store.read(move |tx| tx.card(id)).await?;
        let own = |card: &Card| card.customer == *customer && card.live == caller.live && card.deleted_at.is_none();
        Ok(card.filter(own))
    }

    /// 192 bits that were never drawn before.
    fn nonce(&self) -> [u8; 24] {
        let mut nonce = [0; 24];
        let drawn = [self.ids.random().to_be_bytes(), self.ids.random().to_be_bytes()].concat();
        for (to, from) in nonce.iter_mut().zip(drawn) {
            *to = from;
        }
        nonce
    }
}

/// How many cards are sealed anew from one look.
const CARDS_AT_ONCE: usize = 100;
