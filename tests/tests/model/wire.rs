//! Replies of the model's service. They are real HTTP bodies, which the generated code decodes and judges.

use crate::model::mutants::Mutant;
use pagespec_runtime::__private::{Advice, Comparison, Context, ErrorCode as _, Outcome, Request, Resolve, read_reply};
use pagespec_runtime::modeled::machine::{Asked, Repeated};
use serde_json::{Value, json};
use toss_sdk::pay::{Error, ErrorCode, PaymentStatus, PaymentStatusReply};

/// Environment of the caller's API key.
pub const ENVIRONMENT: &str = "TEST";

#[derive(Clone, Debug)]
pub struct Body {
    /// Description of the reply in a counterexample.
    pub label: String,
    pub status: u16,
    pub text: String,
}

impl Body {
    /// Creates a reply with HTTP 200 and this JSON.
    pub fn json(label: impl Into<String>, value: &Value) -> Self {
        Self { label: label.into(), status: 200, text: value.to_string() }
    }

    /// Creates a rejection with this error code, in the documented form.
    pub fn refusal(code: &str) -> Self {
        Self::json(format!("refused with {code}"), &json!({"code": -1, "errorCode": code}))
    }
}

/// Returns replies that prove nothing about the request. `good` is the body of a success, and `names` are its members
/// whose values must match the request.
pub fn garbled(good: &Value, names: &[&str], moves_money: bool) -> Vec<Body> {
    let html = |status: u16| Body { label: format!("HTTP {status} with HTML"), status, text: "<html></html>".into() };
    let mut all: Vec<Body> = [400, 401, 404, 408, 425, 429, 500, 502].into_iter().map(html).collect();
    let text = good.to_string();
    all.push(Body { label: "a truncated success".into(), status: 200, text: text[..text.len() / 2].into() });
    all.push(Body { label: "a success with HTTP 502".into(), status: 502, text });
    all.push(Body { label: "no body".into(), status: 200, text: String::new() });
    if !names.is_empty() {
        all.push(Body::json("a bare code 0", &json!({"code": 0})));
    }
    for code in ErrorCode::KNOWN.iter().filter(|code| matches!(code.advice(), Advice::AskStatus | Advice::AlreadyDone))
    {
        all.push(Body::refusal(code.as_text()));
    }
    if moves_money {
        all.push(Body::refusal("A_NEW_CODE"));
    }
    for name in names {
        for value in [Value::Null, json!({"unreadable": 1}), other(&good[name])] {
            let mut changed = good.clone();
            changed[name] = value;
            all.push(Body::json(format!("a success with another {name}"), &changed));
        }
    }
    all
}

fn other(value: &Value) -> Value {
    value.as_i64().map_or_else(|| json!("OTHER"), |number| json!(number * 2))
}

/// Returns the rejections that prove that nothing was done: one for each documented error code with this meaning, and
/// one with HTTP 400.
pub fn refusals() -> Vec<Body> {
    let known =
        ErrorCode::KNOWN.iter().filter(|code| !matches!(code.advice(), Advice::AskStatus | Advice::AlreadyDone));
    let mut all: Vec<Body> = known.map(|code| Body::refusal(code.as_text())).collect();
    let text = json!({"code": -1, "errorCode": "COMMON_INVALID_PARAMETER"}).to_string();
    all.push(Body { label: "HTTP 400, refused as documented".into(), status: 400, text });
    all
}

/// Returns the result of a call with this reply, as the runtime's client judges it.
pub fn call_end<R: Resolve>(mutant: Option<Mutant>, request: &R, expected: &R::Expected, body: &Body) -> Repeated {
    let read = read_reply::<R, ErrorCode>(&toss_sdk::pay::API, body.status, body.text.as_bytes());
    match read {
        Ok(_) if mutant == Some(Mutant::BindingSkipped) => Repeated::Success,
        Ok(reply) => {
            let environment = (mutant != Some(Mutant::ModeIgnored)).then_some(ENVIRONMENT);
            let bound =
                request.bind(&Comparison::success(environment), &reply).and_then(|()| request.agrees(expected, &reply));
            if bound.is_ok() { Repeated::Success } else { Repeated::Unknown }
        }
        Err(error) => refused(mutant, &error, body.status),
    }
}

fn refused(mutant: Option<Mutant>, error: &Error, status: u16) -> Repeated {
    let is_duplicate = error.code() == Some(&ErrorCode::RefundRefundNoDuplicate);
    if mutant == Some(Mutant::DuplicateProvesDone) && is_duplicate {
        return Repeated::Success;
    }
    if mutant == Some(Mutant::StatusLineRejects) && matches!(status, 400 | 401 | 404) {
        return Repeated::Refused { later: false };
    }
    match error.outcome() {
        Outcome::Rejected => Repeated::Refused { later: error.advice() == Some(Advice::TryLater) },
        _ => Repeated::Unknown,
    }
}

/// Returns the result of a query with this reply, as the runtime's driver of resolutions judges it.
pub fn question_end<R>(
    mutant: Option<Mutant>,
    request: &R,
    expected: &R::Expected,
    context: &Context,
    body: &Body,
) -> Asked
where
    R: Resolve<Question = PaymentStatus>,
{
    match PaymentStatusReply::from_body(body.status, body.text.as_bytes()) {
        Ok(answer) => {
            let question = request.question().unwrap();
            if mutant != Some(Mutant::BindingSkipped)
                && question.bind(&Comparison::success(Some(ENVIRONMENT)), &answer).is_err()
            {
                return Asked::Failed;
            }
            Asked::Answer(request.read(expected, context, &answer))
        }
        Err(error) => {
            let code = error.code().map(|code| code.as_text().to_owned()).unwrap_or_default();
            if R::PLAN.absent.contains(&code.as_str()) && error.outcome() == Outcome::Rejected {
                Asked::Absent
            } else if error.advice() == Some(Advice::CheckKey) {
                Asked::Hopeless
            } else {
                Asked::Failed
            }
        }
    }
}
