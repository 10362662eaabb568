//! Taking what is authorized: at once, or when everybody is ready; and ending a payment before anything is taken.

use domain::capture_plan::{CaptureAsk, SellerTake};
use domain::command::Command;
use domain::fault::Fault;
use domain::ids::PaymentId;

use crate::caller::Caller;
use crate::desk::{Engine, Outcome, Submission};
use crate::error::Error;
use crate::views::{CapturePlanView, CapturePreviewView, PaymentView};

/// What to capture.
#[derive(Clone, Debug)]
pub struct CaptureWish {
    /// What of the payment.
    pub ask: CaptureAsk,
    /// By the gateway's call for this split alone.
    pub only: Option<u16>,
    /// Whether what is left may be stranded.
    pub accept_stranded: bool,
}

impl Engine {
    /// What a capture would do, split by split; nothing is sent.
    ///
    /// # Errors
    /// As the capture itself, but that stranding something is shown, not refused.
    pub async fn preview_capture(
        &self,
        caller: &Caller,
        id: PaymentId,
        ask: &CaptureAsk,
    ) -> Result<CapturePreviewView, Error> {
        let payment = self.visible(caller, id).await?;
        let plan = payment.plan_capture(ask);
        let plan = plan.map_err(|refusal| Error::refused(refusal, Some(&payment)))?;
        Ok(CapturePreviewView::of(&payment, &plan))
    }

    /// Captures: the one time that the gateway allows.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Refused`] before anything was sent; [`Error::RefusedByGateway`];
    /// [`Error::Unavailable`] when nothing was sent, or when an answer could not be kept.
    pub async fn capture(
        &self,
        caller: &Caller,
        id: PaymentId,
        submission: Submission,
        wish: CaptureWish,
    ) -> Result<Outcome<PaymentView>, Error> {
        let CaptureWish {
            ask,
            only,
            accept_stranded,
        } = wish;
        let command = Command::Capture {
            ask,
            only,
            accept_stranded,
        };
        self.change(caller, id, submission, command).await
    }

    /// Ends a payment before any money is taken.
    ///
    /// # Errors
    /// As [`Engine::capture`].
    pub async fn cancel(
        &self,
        caller: &Caller,
        id: PaymentId,
        submission: Submission,
    ) -> Result<Outcome<PaymentView>, Error> {
        self.change(caller, id, submission, Command::Cancel).await
    }

    /// Records what a seller is ready to take, and captures when all have said so.
    ///
    /// # Errors
    /// As [`Engine::capture`]. A seller speaks for itself only.
    pub async fn ready(
        &self,
        caller: &Caller,
        id: PaymentId,
        submission: Submission,
        take: SellerTake,
    ) -> Result<Outcome<CapturePlanView>, Error> {
        self.visible(caller, id).await?;
        if caller.seller().is_some_and(|own| *own != take.seller) {
            return Err(Error::Invalid(vec![Fault::new(
                "/seller",
                "seller_not_in_payment",
                "a seller says what it is ready to take itself",
            )]));
        }
        let command = Command::Ready(take);
        let performed = self.perform(caller, submission, Some(id), command, None).await?;
        let view = CapturePlanView::of(&performed.payment, caller);
        let view = view.ok_or_else(|| Error::Internal("ready without a plan".to_owned()))?;
        Ok(performed.outcome(view))
    }

    /// A command about a payment whose answer is the payment.
    pub(crate) async fn change(
        &self,
        caller: &Caller,
        id: PaymentId,
        submission: Submission,
        command: Command,
    ) -> Result<Outcome<PaymentView>, Error> {
        self.visible(caller, id).await?;
        let performed = self.perform(caller, submission, Some(id), command, None).await?;
        performed.accepted()?;
        Ok(performed.outcome(PaymentView::of(&performed.payment, caller)))
    }
}
