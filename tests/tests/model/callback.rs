//! Model of callbacks and purchaser returns. It shows that a claim is confirmed only if the payment is paid. It also
//! shows that a genuine callback about a paid payment is acknowledged only after the shop has recorded the payment.
//! Genuine callbacks are repeated until they are acknowledged. Forged callbacks may arrive at any time.

use crate::model::mutants::Mutant;
use crate::model::payment::{AMOUNT, Payment, Stands, answers};
use crate::model::search::{TICK, World};
use crate::model::wire::{Body, ENVIRONMENT};
use pagespec_runtime::__private::{Confirm, Judgment, Outcome};
use toss_sdk::pay::{OrderNo, PayToken, PaymentStatusReply, PurchaserReturn, ResultCallback};

/// State space of the claims about one payment token.
pub struct Callbacks {
    /// Removed safeguard, or `None` for the unmodified model.
    pub mutant: Option<Mutant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    payment: Payment,
    replica: Payment,
    /// Set if the shop's records show the payment as paid.
    is_booked: bool,
    /// Set if the genuine callback was answered with 200, so that it is not repeated.
    is_acknowledged: bool,
    wrong: Option<&'static str>,
}

impl Callbacks {
    fn judge<T: Confirm<Expected = (OrderNo, i64), Known = (Option<PayToken>,)>>(
        &self,
        claim: &T,
        body: &Body,
    ) -> Judgment
    where
        T::Question: pagespec_runtime::Request<Reply = PaymentStatusReply>,
    {
        let is = |mutant| self.mutant == Some(mutant);
        let mut text = body.text.clone();
        if is(Mutant::BindingSkipped) {
            text = text.replace("t-OTHER", "t-1");
        }
        let answer = match PaymentStatusReply::from_body(body.status, text.as_bytes()) {
            Ok(answer) => answer,
            Err(error) if is(Mutant::RefusedQuestionRefutes) && error.outcome() == Outcome::Rejected => {
                return Judgment::Refuted("errorCode");
            }
            Err(_) => return Judgment::Open(None),
        };
        if is(Mutant::PartialRefundRefutes) && answer.pay_status.as_str() == "REFUND_SUCCESS" {
            return Judgment::Refuted("payStatus");
        }
        let known = (Some(PayToken::new("t-1")),);
        match claim.judge(&(OrderNo::new("o-1"), AMOUNT), &known, Some(ENVIRONMENT), &answer) {
            Judgment::Open(Some(name)) if is(Mutant::AbsentMemberRefutes) => Judgment::Refuted(name),
            judgment => judgment,
        }
    }

    fn callback(&self, state: &State, produced: &Payment, is_genuine: bool, out: &mut Vec<(&'static str, State)>) {
        let body = br#"{"status":"PAY_COMPLETE","payToken":"t-1","orderNo":"o-1","payMethod":"CARD","amount":3000}"#;
        let claim = ResultCallback::parse(body).unwrap();
        for body in answers(&produced.status(), &["payToken", "payStatus"]) {
            let mut next = *state;
            match self.judge(claim.unproven(), &body) {
                Judgment::Confirmed(still_paid) => {
                    let left = AMOUNT - AMOUNT / 3 * i64::from(produced.refunded);
                    if produced.stands != Stands::Paid || still_paid.is_some_and(|paid| paid != left) {
                        next.wrong = Some("confirmed means paid, with the right remaining amount");
                    }
                    next.is_booked = true;
                    next.is_acknowledged |= is_genuine;
                }
                Judgment::Refuted(_) => next.is_acknowledged |= is_genuine,
                Judgment::Open(_) => continue,
            }
            let who = if is_genuine { "the genuine callback" } else { "a forged callback" };
            out.push((String::leak(format!("{who} is answered with 200: {}", body.label)), next));
        }
    }

    fn returns(&self, state: &State, produced: &Payment, out: &mut Vec<(&'static str, State)>) {
        let claimed = if self.mutant == Some(Mutant::ReturnRunsAhead) { "PAY_APPROVED" } else { "PAY_COMPLETE" };
        let claim = PurchaserReturn::parse_query(&format!("?status={claimed}&orderNo=o-1")).unwrap();
        for body in answers(&produced.status(), &["payToken", "payStatus"]) {
            if matches!(self.judge(claim.unproven(), &body), Judgment::Confirmed(_)) && produced.stands != Stands::Paid
            {
                let wrong = Some("a return that claims PAY_COMPLETE is confirmed only if the payment is paid");
                let label = String::leak(format!("a return with PAY_COMPLETE is confirmed: {}", body.label));
                out.push((label, State { wrong, ..*state }));
            }
        }
    }
}

impl World for Callbacks {
    type State = State;

    fn starts(&self) -> Vec<(&'static str, State)> {
        let start = |stands| {
            let payment = Payment::new(stands);
            State { payment, replica: payment, is_booked: false, is_acknowledged: false, wrong: None }
        };
        vec![("a payment was created", start(Stands::Standby))]
    }

    fn steps(&self, state: &State, steps: &mut Vec<(&'static str, State)>) {
        for produced in [&state.payment, &state.replica] {
            self.callback(state, produced, false, steps);
            if state.payment.stands == Stands::Paid && !state.is_acknowledged {
                self.callback(state, produced, true, steps);
            }
            self.returns(state, produced, steps);
        }
        let mut next = Vec::new();
        state.payment.others(&mut next);
        let becomes: &[(&str, Stands)] = match state.payment.stands {
            Stands::Standby => &[("the purchaser approves", Stands::Approved), ("it expires", Stands::Canceled)],
            Stands::Approved => &[("the shop executes", Stands::Progress), ("it expires", Stands::Canceled)],
            Stands::Progress => {
                &[("the money has been withdrawn", Stands::Paid), ("the bank declines", Stands::Canceled)]
            }
            _ => &[],
        };
        next.extend(becomes.iter().map(|(label, stands)| (*label, Payment::new(*stands))));
        steps.extend(next.into_iter().map(|(label, payment)| (label, State { payment, ..*state })));
        steps.push((TICK, State { replica: state.payment, ..*state }));
    }

    fn broken(&self, state: &State) -> Option<&'static str> {
        let has_money = state.payment.stands == Stands::Paid && state.payment.refunded < 3;
        let is_lost = state.is_acknowledged && !state.is_booked && has_money;
        state
            .wrong
            .or(is_lost
                .then_some("a genuine callback is acknowledged only if the shop's records show the payment as paid"))
    }
}
