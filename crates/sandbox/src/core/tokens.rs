//! `/v1/card/…`: keeping a card without paying, looking at a kept card, and giving it up.

use super::{
    Acted, Core,
    card_document::{TokenDocument, WrittenCard},
    card_in,
    create::read,
    exchange::Response,
    refusal::{Refusal, Resource, SaidBack},
    status::Status,
    wallet::{KeptCard, Token},
    wire_in::AuthenticationEnvelope,
    written::{Null, Reasons, StatusDocument},
};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    card_authentication: Authentication<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Authentication<'a> {
    customer: Null,
    billing_address: Null,
    card: WrittenCard<'a>,
    credit_card_token: TokenDocument<'a>,
    status: StatusDocument,
}

impl Core {
    /// Answers `POST /v1/card/authenticate`.
    pub(super) fn keep_new_card(&mut self, body: &[u8]) -> Acted {
        let asked = match read::<AuthenticationEnvelope>(body) {
            Ok(envelope) => envelope.card_authentication.unwrap_or_default().card,
            Err(acted) => return acted,
        };
        let mut refusals = Vec::new();
        let mut no = |code, field| refusals.push(Refusal::of_cards(code, field));
        let card = match &asked {
            Some(card) => card_in::read_card(card, &mut no),
            None => {
                no(1206, "CardAuthentication.Card");
                None
            }
        };
        match card.filter(|_| refusals.is_empty()) {
            Some(card) => {
                let token = self.wallet.keep(card, &mut self.rng);
                self.kept_card(201, &token)
            }
            None => self.refuse(Resource::CardAuthentication, &refusals, SaidBack::default()),
        }
    }

    /// Answers `GET /v1/card/token/{token}`.
    pub(super) fn show_kept_card(&mut self, token: &str) -> Acted {
        let token = Token::read(token);
        match self.wallet.get(&token) {
            Some(_) => self.kept_card(200, &token),
            None => self.refuse_token(2400),
        }
    }

    /// Answers `POST /v1/card/token/{token}/cancel`.
    pub(super) fn cancel_kept_card(&mut self, token: &str) -> Acted {
        let token = Token::read(token);
        match self.wallet.get_mut(&token) {
            None => self.refuse_token(2400),
            Some(kept) if kept.cancelled => self.refuse_token(2401),
            Some(kept) => {
                kept.cancelled = true;
                self.kept_card(200, &token)
            }
        }
    }

    fn kept_card(&self, code: u16, token: &Token) -> Acted {
        let Some(KeptCard { card, cancelled }) = self.wallet.get(token) else {
            return super::not_found();
        };
        let status = if *cancelled { Status::CANCELLED } else { Status::SUCCESS };
        let card_authentication = Authentication {
            customer: Null,
            billing_address: Null,
            card: WrittenCard::from(card),
            credit_card_token: TokenDocument { value: token.shown() },
            status: StatusDocument::new(status, None, Reasons::OfCards),
        };
        Acted::plain(Response::json(code, &Body { card_authentication }))
    }

    fn refuse_token(&mut self, code: u16) -> Acted {
        let refusal = Refusal::of_cards(code, "token");
        self.refuse(Resource::CardAuthentication, &[refusal], SaidBack::default())
    }
}
