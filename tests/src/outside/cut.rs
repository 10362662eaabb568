//! Every documented answer, cut after every byte, under every HTTP status: what is concluded from what is left.

use super::answers::{Deed, check, concluded};
use super::bells;
use super::documents::{BY_CARD, FORGOTTEN, LISTED, PAYMENTS, REFUND_LIST, REFUNDED, REFUSALS, SPLITS, about_ours};
use gateway_client::GatewayError;
use gateway_client::notification::{self, NotificationError};

/// The documents that answer each call.
const ANSWERS: [(Deed, &[&str]); 10] = [
    (Deed::Create, PAYMENTS.split_at(2).0),
    (Deed::CreateByCard, &BY_CARD),
    (Deed::Capture, PAYMENTS.split_at(2).1),
    (Deed::Cancel, PAYMENTS.split_at(5).1),
    (Deed::Get, PAYMENTS.split_at(1).0),
    (Deed::LookUp, &LISTED),
    (Deed::AddSplits, &SPLITS),
    (Deed::Refund, &REFUNDED),
    (Deed::Refunds, &REFUND_LIST),
    (Deed::ForgetCard, &FORGOTTEN),
];

/// What is left of a document when only so many of its bytes arrive: all that are no whole document.
fn pieces(document: &str) -> impl Iterator<Item = &[u8]> {
    let document = document.trim_end().as_bytes();
    (0..document.len()).map(|length| &document[..length])
}

#[test]
fn success_that_is_cut_is_garbled_and_whole_it_is_understood() {
    let mut cut = 0;
    for (deed, documents) in ANSWERS {
        for document in documents {
            let document = about_ours(document);
            let whole = concluded(deed, 201, document.as_bytes());
            assert!(whole.is_ok(), "{deed:?}: {whole:?} of {document}");
            for status in [200, 201, 202, 204] {
                assert_eq!(
                    concluded(deed, status, document.as_bytes()),
                    whole,
                    "{deed:?}, HTTP {status}"
                );
                assert_eq!(concluded(deed, status, document.trim_end().as_bytes()), whole);
                for piece in pieces(&document) {
                    let left = concluded(deed, status, piece);
                    let is_garbled = matches!(left, Err(GatewayError::Garbled { .. }));
                    assert!(is_garbled, "{deed:?}, HTTP {status}, cut at {}: {left:?}", piece.len());
                    cut += 1;
                }
            }
        }
    }
    assert!(cut > 80_000, "only {cut} cut answers were tried");
}

#[test]
fn an_answer_under_another_status_that_is_cut_decides_nothing() {
    let mut cut = 0;
    for (deed, documents) in ANSWERS {
        for document in documents.iter().chain(&REFUSALS) {
            let document = about_ours(document);
            for status in [302, 400, 402, 404, 409, 429, 500] {
                check(
                    deed,
                    status,
                    document.as_bytes(),
                    &concluded(deed, status, document.as_bytes()),
                );
                for piece in pieces(&document) {
                    let left = concluded(deed, status, piece);
                    let is_unknown = matches!(left, Err(GatewayError::Unknown { .. }));
                    assert!(is_unknown, "{deed:?}, HTTP {status}, cut at {}: {left:?}", piece.len());
                    cut += 1;
                }
            }
        }
    }
    assert!(cut > 200_000, "only {cut} cut answers were tried");
}

/// Nothing was done on the strength of credentials that were not accepted, whatever arrived of the words.
#[test]
fn refused_credentials_need_no_words() {
    for (deed, documents) in ANSWERS {
        for document in documents.iter().take(1).chain(&REFUSALS) {
            for (status, piece) in pieces(document).flat_map(|piece| [(401, piece), (403, piece)]) {
                let left = concluded(deed, status, piece);
                let Err(GatewayError::Refused(refusal)) = left else {
                    panic!("{deed:?}, HTTP {status}, cut at {}: {left:?}", piece.len())
                };
                assert!(refusal.credentials && refusal.reasons.is_empty());
            }
        }
    }
}

#[test]
fn refusals_that_arrive_whole_refuse() {
    let said = |deed, status, number: usize| concluded(deed, status, REFUSALS[number].as_bytes());
    for deed in [
        Deed::Create,
        Deed::CreateByCard,
        Deed::Capture,
        Deed::Cancel,
        Deed::AddSplits,
    ] {
        assert!(matches!(said(deed, 400, 0), Err(GatewayError::Refused(_))), "{deed:?}");
        assert!(
            matches!(said(deed, 400, 1), Err(GatewayError::AlreadyThere(_))),
            "{deed:?}"
        );
        assert!(matches!(said(deed, 400, 4), Err(GatewayError::Refused(_))), "{deed:?}");
        assert!(
            matches!(said(deed, 500, 0), Err(GatewayError::Unknown { .. })),
            "{deed:?}"
        );
    }
}

#[test]
fn a_notification_that_is_cut_is_none_and_nothing_of_it_is_kept() {
    for document in (bells::NOTIFICATION.seeds)() {
        let text = String::from_utf8(document).expect("text");
        assert!(notification::read(text.as_bytes()).is_ok());
        for piece in pieces(&text) {
            assert_eq!(
                notification::read(piece),
                Err(NotificationError::NotJson),
                "cut at {}",
                piece.len()
            );
            assert_eq!(notification::redact(piece), "[redacted]");
        }
    }
}
