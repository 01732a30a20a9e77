//! Handlers of the shop's intents. In the transaction that closes an intent, its handler writes the result to the
//! shop's tables.

use super::tables::State;
use pagespec_outbox::{Closing, Database, DatabaseError, Handler, HandlerError, Value};
use toss_sdk::pay::{CreatePayment, ExecutePayment, PayStatus, RefundPayment};
use toss_sdk::runtime::{Durable, Ending};

/// Handler that updates the shop's tables.
#[derive(Clone, Copy, Debug)]
pub struct Books;

/// Adds a row with the result to the table `entries`.
async fn enter<D: Database, R: Durable>(
    connection: &mut D::Connection,
    closing: Closing<'_, R>,
) -> Result<(), DatabaseError> {
    let result = match closing.ending {
        Ending::Applied { .. } => "applied",
        Ending::Reversed { .. } => "reversed",
        Ending::NotApplied { .. } => "not applied",
        Ending::Unknown { .. } => "unknown",
    };
    let sql = "INSERT INTO entries (intent, result) VALUES ($1, $2)";
    D::execute(connection, sql, &[closing.key.into(), result.into()]).await.map(drop)
}

/// Returns the order number, which is the part of an intent's key before the first slash.
fn order_no(key: &str) -> &str {
    key.split('/').next().unwrap_or_default()
}

impl<D: Database> Handler<D, CreatePayment> for Books {
    async fn handle(
        &self,
        connection: &mut D::Connection,
        closing: Closing<'_, CreatePayment>,
    ) -> Result<(), HandlerError> {
        enter::<D, _>(connection, closing).await?;
        let (state, token, page) = match closing.ending {
            Ending::Applied { reply: Some(reply), .. } => {
                (State::Waiting, Some(reply.pay_token.as_str()), Some(&*reply.checkout_page))
            }
            // The payment was created, but the reply with its checkout page was lost. The purchaser cannot pay, so the
            // payment expires.
            Ending::Applied { reply: None, found } => {
                let token = found.as_ref().and_then(|found| found.pay_token.as_ref());
                (State::Failed, token.map(|token| token.as_str()), None)
            }
            // The payment was canceled or has expired. Or it was executed outside of this shop and then refunded in full
            // or in part.
            Ending::Reversed { found, .. } => {
                let state = if found.pay_status == PayStatus::PayCancel { State::Failed } else { State::GivenBack };
                (state, found.pay_token.as_ref().map(|token| token.as_str()), None)
            }
            Ending::NotApplied { .. } => (State::Failed, None, None),
            Ending::Unknown { .. } => (State::Doubtful, None, None),
        };
        // If the payment was executed outside of this shop, its callback has already changed the state. This newer
        // state must not be overwritten.
        let sql = "UPDATE orders SET pay_token = $2, checkout_page = $3, \
                   state = CASE WHEN state IN ('creating', 'doubtful') THEN $1 ELSE state END WHERE order_no = $4";
        let values = [state.as_str().into(), token.into(), page.into(), order_no(closing.key).into()];
        D::execute(connection, sql, &values).await?;
        Ok(())
    }
}

impl<D: Database> Handler<D, ExecutePayment> for Books {
    async fn handle(
        &self,
        connection: &mut D::Connection,
        closing: Closing<'_, ExecutePayment>,
    ) -> Result<(), HandlerError> {
        enter::<D, _>(connection, closing).await?;
        let (state, words) = match closing.ending {
            Ending::Applied { .. } => (State::Paid, None),
            Ending::Reversed { .. } => (State::GivenBack, None),
            // The message of a refusal is addressed to the purchaser, so the page of the order shows it.
            Ending::NotApplied { refusal, .. } => {
                (State::Failed, refusal.as_ref().and_then(|refusal| refusal.message()))
            }
            Ending::Unknown { .. } => (State::Doubtful, None),
        };
        let sql = "UPDATE orders SET state = $1, words = $2 WHERE order_no = $3";
        let values = [state.as_str().into(), Value::from(words), order_no(closing.key).into()];
        D::execute(connection, sql, &values).await?;
        Ok(())
    }
}

impl<D: Database> Handler<D, RefundPayment> for Books {
    async fn handle(
        &self,
        connection: &mut D::Connection,
        closing: Closing<'_, RefundPayment>,
    ) -> Result<(), HandlerError> {
        enter::<D, _>(connection, closing).await?;
        let state = match closing.ending {
            Ending::Applied { .. } => "done",
            Ending::NotApplied { .. } => "refused",
            Ending::Reversed { .. } | Ending::Unknown { .. } => "doubtful",
        };
        let sql = "UPDATE refunds SET state = $1 WHERE refund_no = $2";
        D::execute(connection, sql, &[state.into(), closing.request.refund_no().as_str().into()]).await?;
        Ok(())
    }
}
