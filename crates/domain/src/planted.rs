//! Mistakes that a protocol engineer could make, each planted where it would be made and switched on by tests only: the
//! simulation must notice every one of them. Without the feature `planted` nothing of it is compiled into the product.

/// Names the mistakes: what is done wrong, and which rule of the front page or of MONEY it breaks.
macro_rules! defects {
    ($($Defect:ident, $rule:literal, $mistake:literal;)+) => {
        /// A mistake that can be planted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Defect {
            $(#[doc = $mistake] $Defect,)+
        }

        impl Defect {
            /// Every mistake.
            pub const ALL: &[Self] = &[$(Self::$Defect),+];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$Defect => stringify!($Defect),)+
                }
            }

            /// What is done wrong.
            #[must_use]
            pub const fn mistake(self) -> &'static str {
                match self {
                    $(Self::$Defect => $mistake,)+
                }
            }

            /// Which rule it breaks.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self {
                    $(Self::$Defect => $rule,)+
                }
            }
        }
    };
}

defects! {
    // Record, call, record.
    SentWithoutCommit, "record, call, record", "A further attempt is sent before it is recorded.";
    AcknowledgedUnstored, "record, call, record", "A notification is answered 204 before it is stored.";
    UncertainCommitTakenForDone, "record, call, record", "A COMMIT whose answer was lost is taken for done.";
    FollowUpNotCommitted, "record, call, record", "The capture that follows an authorization is not part of its commit.";
    SendingForgotten, "record, call, record", "Nobody is to look at an attempt whose owner died.";
    ReadyNeverSent, "record, call, record", "What a finding opened is recorded, and nobody sends it.";
    BellNotTakenOver, "record, call, record", "A notification that was stored and not answered before a crash stays so.";
    FirstPostingLost, "record, call, record", "The first posting of a commit is not written.";

    // Unknown is a state.
    LostTakenForUnsent, "unknown is a state", "A connection that broke is taken for one that was never made.";
    ServerErrorTakenForUnsent, "unknown is a state", "HTTP 5xx is taken for: nothing happened.";
    UnreadableTakenForRefused, "unknown is a state", "A success whose body cannot be read is taken for a refusal.";
    ChargedNoWhileUnknown, "unknown is a state", "A create without an answer is called uncharged.";
    UnknownStatusTakenForFailure, "unknown is a state", "A status that no document names is taken for a failure.";
    UnknownStatusTakenForSuccess, "unknown is a state", "A status that no document names is taken for a success.";
    CaptureDoneWhenAccepted, "unknown is a state", "A capture is done when the gateway has only accepted it.";
    CancelDoneWhenAccepted, "unknown is a state", "A cancel is done when the gateway has only accepted it.";
    RefundDoneWhenAccepted, "unknown is a state", "A refund is done at 201, while it is only open.";
    AuthorizedTakenForCaptured, "unknown is a state", "An authorization is taken for money.";
    LostDisputeTakenForWon, "unknown is a state", "A dispute that was lost is read as one that was won.";
    GivenUpTooEarly, "unknown is a state", "What one question did not decide is handed to a person.";

    // Not found is not "did not happen", and refused is not either.
    ResendAfterTimeout, "not found is not absent", "What had no answer is sent again at once.";
    AbsenceTakenForFailure, "not found is not absent", "What one look-up does not find is taken for failed.";
    QuietPeriodIgnored, "not found is not absent", "Two look-ups that find nothing let it be sent again at once.";
    QuietFromAttemptsStart, "not found is not absent", "The quiet period is counted from the start of an attempt.";
    RefundResentTooSoon, "not found is not absent", "A refund is sent again like a capture, though no duplicate is refused.";
    ForeignListProvesAbsence, "not found is not absent", "A list of others' payments proves that ours is absent.";
    LaterRefusalTakenAsFinal, "refused is not undone", "The refusal of a second attempt closes the operation.";
    AlreadyThereTakenAsRefused, "refused is not undone", "Return code 20, the reference is taken, is taken for a refusal.";
    NewReferenceOnResend, "a retry is harmless", "A resend carries another reference.";
    NewRequestIdOnResend, "a retry is harmless", "A resend carries another RequestId.";
    PartsShareAReference, "a retry is harmless", "The parts of one refund carry one reference.";
    CancelledCreateSentAgain, "a retry is harmless", "A create that was cancelled while it was processing is sent again.";
    FingerprintIgnored, "a retry is harmless", "A key that comes with another body is answered as if it were the same.";

    // Three doors, one room.
    OlderAnswerApplied, "three doors, one room", "An answer to an older question is applied.";
    LateAnswerReopens, "three doors, one room", "A failed call reopens what another door has settled meanwhile.";
    QuestionNotRepeated, "three doors, one room", "A question that had no answer is not asked again.";
    RefundPostedAgain, "three doors, one room", "A refund that is shown as done again is posted again.";
    LateSuccessIgnored, "three doors, one room", "A success after the end is not looked at.";
    LapseNotNoticed, "three doors, one room", "Nobody looks when an authorization lapses.";
    CaptureDateMissed, "three doors, one room", "The day of the planned capture passes while somebody has not answered.";

    // A notification is a doorbell.
    BasicAuthIgnored, "a notification is a doorbell", "A notification with a wrong key is let in.";
    NotificationBelieved, "a notification is a doorbell", "A notification's own numbers are believed.";
    BellSettledUnanswered, "a notification is a doorbell", "A notification counts as settled though the question failed.";
    GatewayIdNotStored, "a notification is a doorbell", "The gateway's id is not stored, so that no notification finds its payment.";

    // Every answer is compared, and absence is not deletion.
    SplitsNotCompared, "every answer is compared", "The amounts of the splits shown are not compared: 103 passes for 100.";
    MissingSplitsAccepted, "absence is not deletion", "An answer that lists some of the splits confirms them all.";
    RefundsNotListed, "every answer is compared", "Nobody asks what became of a refund.";
    DashboardRefundIgnored, "every answer is compared", "A refund that somebody made at the gateway is not booked.";
    SecondPaymentIgnored, "every answer is compared", "Of two payments under one reference the first seen is kept, though the buyer paid the other.";
    EndedWithMoneyAccepted, "every answer is compared", "A payment with money that is shown as ended is taken for ended.";
    CancelTooLateUnflagged, "every answer is compared", "A cancel that came after the capture is closed without a word.";
    OrderPaidTwiceUnflagged, "every answer is compared", "A late success beside the order's live payment is not flagged.";
    ComparisonNotSettled, "every answer is compared", "What a comparison of both books is told is reported, and not booked.";
    ComparisonSkipsRefunds, "every answer is compared", "A comparison of both books asks about payments, and not about refunds.";

    // Money.
    CaptureRemainderPosted, "money is conserved", "What a capture in part left over is posted too.";
    PartialCaptureSentAsFull, "money is conserved", "A capture in part is asked for as one in full.";
    ReserveForgotten, "money is conserved", "What is on its way back is not reserved: two refunds both fit.";
    RefundLosesACent, "money is conserved", "A refund divided among splits loses a cent.";
    RefundFromTheFirstSplit, "money is conserved", "A refund is asked of the first split, whoever owes it.";
    RefundChargedToTheMarketplace, "money is conserved", "A seller's refund is booked at the marketplace's expense.";
    RefundingNotCleared, "money is conserved", "A refund that is done stays on its way.";
    FailedRefundKeepsItsClaim, "money is conserved", "A refund that failed keeps the goods it had claimed.";
    DisputeBookedTwice, "money is conserved", "A dispute is booked at every look.";
    DisputeWonNotReversed, "money is conserved", "A dispute that was won leaves the money disputed.";
    ChargebackOfEverything, "money is conserved", "A chargeback takes what was refunded, too.";
    CheckpointFoldsTwice, "money is conserved", "A balance folds the last posting of its checkpoint again (and has one at once).";

    // One at a time.
    VersionNotCompared, "no lock, a version", "A commit overwrites the payment whatever its version.";
    TakenNameIgnored, "no lock, a version", "Who finds a name or key taken goes on without it.";
    OrderNotClaimed, "no lock, a version", "An order's name is not claimed.";
    OrderNeverReleased, "no lock, a version", "An order's name is not let go when its payment ends.";
    OperationsTogether, "no lock, a version", "Two operations that exclude each other run at once.";
}

/// Whether this mistake is made now: never, in the product.
#[cfg(not(feature = "planted"))]
#[must_use]
pub const fn planted(_: Defect) -> bool {
    false
}

/// Whether this mistake is made now, on this thread.
#[cfg(feature = "planted")]
#[must_use]
pub fn planted(defect: Defect) -> bool {
    PLANTED.get() == Some(defect)
}

/// From now on this mistake is made on this thread, or none.
#[cfg(feature = "planted")]
pub fn plant(defect: Option<Defect>) {
    PLANTED.set(defect);
}

#[cfg(feature = "planted")]
thread_local! {
    /// A simulated world lives on one thread, its database included.
    static PLANTED: std::cell::Cell<Option<Defect>> = const { std::cell::Cell::new(None) };
}
