//! Tests of received messages. Replies may have values that the spec does not list, notices may be JSON or a form, and
//! a status lists its possible successors.

use parcel_sdk::parcel::*;
use parcel_sdk::runtime as rt;

#[test]
fn a_reply_keeps_unlisted_values() -> Result<(), Error> {
    let body = br#"{"meta":{"ok":"TRUE"},"data":{"labelNo":"L-1","payer":"RECIPIENT","cashAmount":"3000","detail":
        {"hub":"9","state":"STOLEN","price":-3000,"hubs":[1,null,"7"],"to":{"name":1,"lines":null,"floor":2},
         "pieces":[{"customs":{"reason":"OTHER"}},5]}}}"#;
    let reply = GetLabelReply::from_body(200, body)?;
    let detail = reply.detail.as_ref().expect("it is there");
    assert_eq!(detail.hub.as_ref().map(Hub::code), Some(9));
    assert_eq!(detail.state.as_ref().map(LabelState::as_str), Some("STOLEN"));
    assert_eq!((detail.price(), detail.signed_price), (Some(3000), Some(-3000)));
    assert_eq!(detail.hubs.iter().map(Hub::code).collect::<Vec<_>>(), [1, 7]);
    let to = detail.to.as_ref().expect("it is there");
    assert_eq!((to.name.as_deref(), to.lines.len()), (Some("1"), 0));
    let reason = detail.pieces[0].customs.as_ref().and_then(|customs| customs.reason.as_ref());
    assert_eq!(reason.map(CustomsReason::as_str), Some("OTHER"));
    assert_eq!(reply.payer, Some(Payer::Recipient));
    assert_eq!(reply.cash.cash_amount, Some(3000));
    assert_eq!(reply.raw().member("data.detail.to.floor"), Some(2.into()));
    assert!(!format!("{reply:?}").contains("\"1\""), "a name: {reply:?}");
    Ok(())
}

#[test]
fn a_reply_without_ok_in_its_meta_is_no_success() {
    for body in [r#"{"data":{"labelNo":"L-1"}}"#, r#"{"meta":{},"data":{"labelNo":"L-1"}}"#, r#"{"meta":null}"#] {
        let error = GetLabelReply::from_body(200, body.as_bytes()).expect_err(body);
        assert_eq!(error.outcome(), rt::Outcome::Unknown, "{body}");
    }
}

#[test]
fn a_success_without_an_always_present_member_is_an_error() {
    for body in [r#"{"meta":{"ok":true}}"#, r#"{"meta":{"ok":true},"data":{"labelNo":"L-1","state":null}}"#] {
        let error = CreateLabelReply::from_body(200, body.as_bytes()).expect_err(body);
        assert_eq!(error.outcome(), rt::Outcome::Unknown, "{body}");
    }
}

#[test]
fn statuses_list_their_successors_and_possible_actions() {
    assert_eq!(LabelState::Lost.next(), [LabelState::Moving, LabelState::Delivered]);
    assert!(LabelState::Printed.can_cancel() && !LabelState::Moving.can_cancel());
    assert!(LabelState::Cancelled.is_final() && !LabelState::Lost.is_final());
    let unknown = <LabelState as parcel_sdk::runtime::Text>::from_text("ELSEWHERE");
    assert!(!unknown.is_final() && !unknown.can_claim());
}

#[test]
fn a_notice_is_read_from_a_form_as_from_json() -> Result<(), rt::CallbackError> {
    let form = b"labelNo=L-1&state=MOVING&hub=7&at=2030-03-03+12%3A00%3A00&fax=Y&payer=recipient&cashSlipNo=S-1";
    let claim = LabelEvent::parse(form)?;
    let event = claim.unproven();
    assert_eq!((event.state.as_ref(), event.fax), (Some(&LabelState::Moving), Some(true)));
    assert_eq!(event.hub.as_ref().map(Hub::code), Some(7));
    assert!(
        matches!(event.payer_details(), PayerDetails::Recipient(cash) if cash.cash_slip_no.as_deref() == Some("S-1"))
    );
    let json = br#" {"labelNo":"L-1","state":"MOVING","signedBy":"canary","pieces":[{"grams":"1"}]}"#;
    let claim = LabelEvent::parse(json)?;
    assert_eq!(claim.unproven().pieces[0].grams, Some(1));
    assert!(!format!("{claim:?}").contains("canary"), "{claim:?}");
    Ok(())
}
