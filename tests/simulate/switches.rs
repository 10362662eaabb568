//! What the gateway's documents leave open: each world draws its own answers, and each answer is drawn.

use sandbox::core::{AddSplits, CancelOpen, Config, RefundLimit, RefundedStatus, SettlesAs, SplitSum, Status};
use std::fmt::Debug;

use crate::dice::Dice;

/// Draws this world's answers; their names.
pub fn draw(dice: &Dice, config: &mut Config) -> Vec<String> {
    let mut switches = Switches {
        dice,
        drawn: Vec::new(),
    };
    let half = switches.dice.between(200, 90_000);
    config.capture_settles_after_ms = half;
    config.refund_settles_after_ms = switches.dice.between(200, 90_000);
    let flips: [(&str, u64, &mut bool); 15] = [
        ("list_omits_details", 700, &mut config.list_omits_details),
        ("accept_duplicate_payments", 300, &mut config.accept_duplicate_payments),
        ("get_omits_splits", 100, &mut config.get_omits_splits),
        ("get_omits_token", 300, &mut config.get_omits_token),
        ("filter_ignored", 80, &mut config.filter_ignored),
        ("replay_request_ids", 300, &mut config.replay_request_ids),
        ("replay_card_request_ids", 700, &mut config.replay_card_request_ids),
        ("accept_second_capture", 300, &mut config.accept_second_capture),
        ("capture_lists_all", 300, &mut config.capture_lists_all),
        ("whole_parts_are_whole", 300, &mut config.whole_parts_are_whole),
        ("lapse_releases_splits", 400, &mut config.lapse_releases_splits),
        ("excess_refund_fails_later", 300, &mut config.excess_refund_fails_later),
        ("accept_duplicate_refunds", 600, &mut config.accept_duplicate_refunds),
        (
            "refund_payment_with_splits",
            300,
            &mut config.refund_payment_with_splits,
        ),
        ("cards_always_3d_secure", 300, &mut config.cards_always_3d_secure),
    ];
    for (name, per_mille, field) in flips {
        *field = switches.dice.happens(per_mille);
        switches.drawn.push(format!("{name}: {field}"));
    }
    let omits = &mut config.refund_notification_omits_split;
    switches.one_of("refund_notification_omits_split", &[(6, false), (4, true)], omits);
    let sums = [(5, SplitSum::Unchecked), (3, SplitSum::AtMost), (2, SplitSum::Exact)];
    switches.one_of("split_sum", &sums, &mut config.split_sum);
    let adds = [(6, AddSplits::Always), (2, AddSplits::Once), (2, AddSplits::Paid)];
    switches.one_of("add_splits", &adds, &mut config.add_splits);
    let cancels = [
        (6, CancelOpen::UnlessVisited),
        (2, CancelOpen::Always),
        (2, CancelOpen::Never),
    ];
    switches.one_of("cancel_open", &cancels, &mut config.cancel_open);
    let ends = [(8, SettlesAs::Success), (2, SettlesAs::Failed)];
    switches.one_of("capture_settles_as", &ends, &mut config.capture_settles_as);
    let ends = [(7, SettlesAs::Success), (3, SettlesAs::Failed)];
    switches.one_of("refund_settles_as", &ends, &mut config.refund_settles_as);
    let lapsed = [(7, Status::EXPIRED), (3, Status::CANCELLED)];
    switches.one_of("lapsed_status", &lapsed, &mut config.lapsed_status);
    let limits = [(7, RefundLimit::Captured), (3, RefundLimit::Amount)];
    switches.one_of("refund_limit", &limits, &mut config.refund_limit);
    let refunded = [
        (5, RefundedStatus::Cards),
        (2, RefundedStatus::Never),
        (3, RefundedStatus::Always),
    ];
    switches.one_of("refunded_status", &refunded, &mut config.refunded_status);
    let declines = [(5, 400), (3, 201), (2, 402)];
    switches.one_of("card_decline_status", &declines, &mut config.card_decline_status);
    switches.drawn
}

struct Switches<'a> {
    dice: &'a Dice,
    drawn: Vec<String>,
}

impl Switches<'_> {
    fn one_of<T: Copy + Debug>(&mut self, name: &str, weighted: &[(u64, T)], field: &mut T) {
        *field = self.dice.one_of(weighted);
        self.drawn.push(format!("{name}: {field:?}"));
    }
}
