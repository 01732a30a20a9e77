//! A small API with an access token, in the form of generated code.

use pagespec_runtime::__private as rt;
use rt::{Computed, Expiry, Header, HeaderValue, Make, Segment, TokenRule};
use std::time::Duration;

static TOKEN: TokenRule = TokenRule {
    operation: 2,
    member: &["token"],
    expiry: Expiry::For(Duration::from_secs(600)),
    now: &[],
    expired: &[],
    expired_statuses: &[403],
};
const REDEEM_OPERATION: rt::Operation = rt::Operation {
    id: "redeem",
    index: 0,
    section: "Redeeming",
    method: rt::Method::Post,
    path: &[Segment::Literal("/redeem")],
    body: rt::BodyFormat::None,
    body_credentials: &[],
    body_values: &[],
    body_fixed: &[],
    query_credentials: &[],
    query_values: &[],
    query_fixed: &[],
    headers: &[Header { name: "Authorization", value: HeaderValue::Computed { index: 0, prefix: "Bearer " } }],
    given_headers: &[],
    recovery: rt::Recovery::Never,
    partial: false,
    moves_money: false,
    identity: &[],
    notations: &[],
    identity_headers: &[],
    resolve_with: None,
    envelope: None,
};
static REDEEM: rt::Operation = REDEEM_OPERATION;
static RENEW: rt::Operation = rt::Operation {
    id: "renew",
    index: 1,
    path: &[Segment::Literal("/renew")],
    recovery: rt::Recovery::Resend,
    ..REDEEM_OPERATION
};
static HAND_OUT: rt::Operation = rt::Operation {
    id: "hand_out",
    index: 2,
    path: &[Segment::Literal("/token")],
    headers: &[],
    recovery: rt::Recovery::Resend,
    ..REDEEM_OPERATION
};
pub static API: rt::Api = rt::Api {
    name: "vouchers",
    title: "Vouchers",
    user_agent: "vouchers/1.0.0",
    stages: &[rt::Stage { name: "live", base_url: "https://vouchers.example" }],
    default_stage: 0,
    credentials: &[],
    headers: &[],
    computed: &[Computed { name: "token", make: Make::Token(&TOKEN), secret: true }],
    envelope: rt::Envelope {
        success: rt::SuccessRule::Member { path: &["code"], values: &["0"] },
        failure: rt::FailureRule::Values(&["-1"]),
        code: &["errorCode"],
        message: &[],
        integer_codes: false,
        payload: rt::Payload::Inline,
        errors: &[],
    },
    statuses: &[],
    timeouts: rt::Timeouts {
        connect: Duration::from_secs(3),
        attempt: Duration::from_secs(3),
        total: Duration::from_secs(3),
        warn_below: Duration::from_secs(1),
        accepted_within: Duration::from_secs(1),
        shown_within: Duration::from_secs(1),
    },
    sensitive: &[],
    operations: &[&REDEEM, &RENEW, &HAND_OUT],
};

#[derive(Clone, Debug)]
pub enum Code {
    Empty,
    Other(String),
}

impl rt::ErrorCode for Code {
    fn from_text(text: &str) -> Self {
        match text {
            "EMPTY" => Self::Empty,
            _ => Self::Other(text.to_owned()),
        }
    }

    fn as_text(&self) -> &str {
        match self {
            Self::Empty => "EMPTY",
            Self::Other(text) => text,
        }
    }

    fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    fn advice(&self) -> rt::Advice {
        match self {
            Self::Empty => rt::Advice::TellPurchaser,
            Self::Other(_) => rt::Advice::Undocumented,
        }
    }
}

#[derive(Debug, Default)]
pub struct Reply(rt::Raw);

impl rt::Object for Reply {
    fn slot(&self, _: &str) -> Option<u16> {
        None
    }

    fn fill(&mut self, _: u16, _: &mut dyn rt::Source) {}
}

impl rt::Reply for Reply {
    fn set_raw(&mut self, raw: rt::Raw) {
        self.0 = raw;
    }

    fn as_raw(&self) -> &rt::Raw {
        &self.0
    }
}

/// A request. `AGAIN` states whether the client may send it again.
#[derive(Debug)]
pub struct Redeem<const AGAIN: bool>;

impl<const AGAIN: bool> rt::Validate for Redeem<AGAIN> {
    fn check(&self, _: &mut rt::Check<'_>) {}
}

impl<const AGAIN: bool> rt::Members for Redeem<AGAIN> {
    fn members<M: serde::ser::SerializeMap>(&self, _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<const AGAIN: bool> rt::Request for Redeem<AGAIN> {
    type Reply = Reply;

    const OPERATION: &'static rt::Operation = if AGAIN { &RENEW } else { &REDEEM };
}

impl<const AGAIN: bool> rt::FromRequest for Redeem<AGAIN> {
    fn from_request(_: &mut rt::RequestMembers<'_>) -> Self {
        Self
    }
}

impl<const AGAIN: bool> rt::Durable for Redeem<AGAIN> {
    type Client = rt::Core<Code>;
    type Code = Code;
    type Expected = ();
    type Found = rt::NothingFound;

    const API: &'static rt::Api = &API;

    fn core(client: &rt::Core<Code>) -> &rt::Core<Code> {
        client
    }

    async fn resolve_with(&self, core: rt::Core<Code>, (): &()) -> rt::Ending<Self> {
        rt::resolve_without_plan(self, core).await
    }
}

/// A request with two expected values. The members with which they are compared differ between versions of the program.
#[derive(Debug)]
pub struct Priced<const VERSION: usize>;

impl<const VERSION: usize> rt::Validate for Priced<VERSION> {
    fn check(&self, _: &mut rt::Check<'_>) {}
}

impl<const VERSION: usize> rt::Members for Priced<VERSION> {
    fn members<M: serde::ser::SerializeMap>(&self, _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<const VERSION: usize> rt::Request for Priced<VERSION> {
    type Reply = Reply;

    const OPERATION: &'static rt::Operation = &REDEEM;
}

impl<const VERSION: usize> rt::FromRequest for Priced<VERSION> {
    fn from_request(_: &mut rt::RequestMembers<'_>) -> Self {
        Self
    }
}

impl<const VERSION: usize> rt::Durable for Priced<VERSION> {
    type Client = rt::Core<Code>;
    type Code = Code;
    type Expected = (i64, i64);
    type Found = rt::NothingFound;

    const API: &'static rt::Api = &API;
    const EXPECTED: &'static [&'static str] = &[["price", "fee"], ["fee", "price"], ["price", "tax"]][VERSION];

    fn core(client: &rt::Core<Code>) -> &rt::Core<Code> {
        client
    }

    async fn resolve_with(&self, core: rt::Core<Code>, _: &(i64, i64)) -> rt::Ending<Self> {
        rt::resolve_without_plan(self, core).await
    }
}
