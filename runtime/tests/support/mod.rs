//! Small API, as the generator would write it.

use pagespec_runtime::__private as rt;
use std::time::Duration;

use serde::ser::SerializeMap;

/// A token that is never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Token(rt::SecretText);

impl Token {
    pub const RULES: rt::TextRules = rt::TextRules {
        min: 1,
        max: Some(30),
        mistaken: &[("other_", "this is a key of the other product")],
        sensitive: true,
        ..rt::TextRules::NONE
    };

    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    pub fn as_str(&self) -> &str {
        self.0.expose()
    }
}

rt::impl_secret_text!(Token);

/// A text that may be shown.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderNo(String);

impl OrderNo {
    pub const RULES: rt::TextRules = rt::TextRules { min: 1, max: Some(50), ..rt::TextRules::NONE };

    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

rt::impl_public_text!(OrderNo);

/// An open enumeration of texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    Card,
    Unknown(rt::UnknownValue),
}

impl Kind {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Card => "CARD",
            Self::Unknown(value) => value.as_str(),
        }
    }
}

impl rt::Text for Kind {
    fn from_text(text: &str) -> Self {
        match text {
            "CARD" => Self::Card,
            _ => Self::Unknown(rt::UnknownValue::new(text)),
        }
    }

    fn as_text(&self) -> &str {
        self.as_str()
    }
}

rt::impl_text_enum!(Kind);

/// An open enumeration of numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Company {
    One,
    Unknown(rt::UnknownNumber),
}

impl Company {
    pub fn code(&self) -> i64 {
        match self {
            Self::One => 1,
            Self::Unknown(value) => value.get(),
        }
    }
}

impl rt::Number for Company {
    fn from_number(number: i64) -> Self {
        match number {
            1 => Self::One,
            _ => Self::Unknown(rt::UnknownNumber::new(number)),
        }
    }

    fn as_number(&self) -> i64 {
        self.code()
    }
}

rt::impl_number_enum!(Company);

/// A group of fields.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Item {
    pub name: Option<String>,
    pub amount: Option<i64>,
}

impl rt::Object for Item {
    fn slot(&self, name: &str) -> Option<u16> {
        Some(match name {
            "name" => 0,
            "amount" => 1,
            _ => return None,
        })
    }

    fn fill(&mut self, slot: u16, from: &mut dyn rt::Source) {
        match slot {
            0 => rt::fill(&mut self.name, from),
            1 => rt::fill(&mut self.amount, from),
            _ => {}
        }
    }
}

impl rt::Members for Item {
    fn members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        if let Some(name) = &self.name {
            map.serialize_entry("name", name)?;
        }
        if let Some(amount) = &self.amount {
            map.serialize_entry("amount", amount)?;
        }
        Ok(())
    }
}

rt::impl_object!(Item);

/// A reply with a field of each type.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PayReply {
    pub token: Token,
    pub amount: Option<i64>,
    pub text: Option<String>,
    pub flag: Option<bool>,
    pub at: Option<KstDateTime>,
    pub fee_at: Option<CivilDateTime>,
    pub kind: Option<Kind>,
    pub company: Option<Company>,
    pub items: Vec<Item>,
    pub item: Item,
    pub any: Option<serde_json::Value>,
    pub raw: rt::Raw,
}

impl rt::Object for PayReply {
    fn slot(&self, name: &str) -> Option<u16> {
        Some(match name {
            "token" => 0,
            "amount" => 1,
            "text" => 2,
            "flag" => 3,
            "at" => 4,
            "feeAt" => 5,
            "kind" => 6,
            "company" => 7,
            "items" | "[]" => 8,
            "item" => 9,
            "any" => 10,
            _ => return None,
        })
    }

    fn fill(&mut self, slot: u16, from: &mut dyn rt::Source) {
        match slot {
            0 => rt::fill_always(&mut self.token, from),
            1 => rt::fill(&mut self.amount, from),
            2 => rt::fill(&mut self.text, from),
            3 => rt::fill(&mut self.flag, from),
            4 => rt::fill(&mut self.at, from),
            5 => rt::fill(&mut self.fee_at, from),
            6 => rt::fill(&mut self.kind, from),
            7 => rt::fill(&mut self.company, from),
            8 => rt::fill(&mut self.items, from),
            9 => rt::fill_always(&mut self.item, from),
            10 => rt::fill(&mut self.any, from),
            _ => {}
        }
    }
}

impl rt::Reply for PayReply {
    fn set_raw(&mut self, raw: rt::Raw) {
        self.raw = raw;
    }

    fn as_raw(&self) -> &rt::Raw {
        &self.raw
    }
}

impl rt::Message for PayReply {
    fn set_raw(&mut self, raw: rt::Raw) {
        self.raw = raw;
    }
}

/// A reply with a mandatory member.
#[derive(Clone, Debug, Default)]
pub struct StrictReply(pub PayReply);

impl rt::Object for StrictReply {
    fn slot(&self, name: &str) -> Option<u16> {
        self.0.slot(name)
    }

    fn fill(&mut self, slot: u16, from: &mut dyn rt::Source) {
        self.0.fill(slot, from)
    }

    fn missing(&self) -> Option<&'static str> {
        self.0.token.as_str().is_empty().then_some("token")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    Busy,
    Unsure,
    Done,
    Unknown(rt::UnknownValue),
}

impl rt::ErrorCode for Code {
    fn from_text(text: &str) -> Self {
        match text {
            "BUSY" => Self::Busy,
            "UNSURE" => Self::Unsure,
            "DONE" => Self::Done,
            _ => Self::Unknown(rt::UnknownValue::new(text)),
        }
    }

    fn as_text(&self) -> &str {
        match self {
            Self::Busy => "BUSY",
            Self::Unsure => "UNSURE",
            Self::Done => "DONE",
            Self::Unknown(value) => value.as_str(),
        }
    }

    fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }

    fn advice(&self) -> rt::Advice {
        match self {
            Self::Busy => rt::Advice::TryLater,
            Self::Unsure => rt::Advice::AskStatus,
            Self::Done => rt::Advice::AlreadyDone,
            Self::Unknown(_) => rt::Advice::Undocumented,
        }
    }
}

pub type Error = rt::Error<Code>;

/// A request with a body.
pub struct Pay {
    pub order_no: OrderNo,
    pub amount: i64,
}

impl rt::Validate for Pay {
    fn check(&self, check: &mut rt::Check<'_>) {
        check.text("orderNo", self.order_no.as_str(), &OrderNo::RULES);
        check.integer("amount", self.amount, &rt::IntegerRules { min: Some(1), ..rt::IntegerRules::NONE });
    }
}

impl rt::Members for Pay {
    fn members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("orderNo", &self.order_no)?;
        map.serialize_entry("amount", &self.amount)
    }
}

impl rt::Request for Pay {
    type Reply = PayReply;

    const OPERATION: &'static rt::Operation = &PAY;
}

pub fn pay() -> Pay {
    Pay { order_no: "order-1".into(), amount: 1000 }
}

/// A request without a body, with a parameter in the path and a repeated parameter in the query.
pub struct Look {
    pub shop: String,
    pub names: Vec<String>,
}

impl rt::Validate for Look {
    fn check(&self, _check: &mut rt::Check<'_>) {}
}

impl rt::Members for Look {
    fn members<M: SerializeMap>(&self, _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl rt::Request for Look {
    type Reply = PayReply;

    const OPERATION: &'static rt::Operation = &LOOK;

    fn parameter(&self, name: &str) -> &str {
        if name == "shop" { &self.shop } else { "" }
    }

    fn query(&self, query: &mut rt::Query) {
        for name in &self.names {
            query.push("name", name);
        }
    }
}

pub static PAY: rt::Operation = rt::Operation {
    id: "pay",
    index: 0,
    section: "Paying",
    method: rt::Method::Post,
    path: &[rt::Segment::Literal("/v2/pay")],
    body: rt::BodyFormat::JsonOrForm,
    body_credentials: &[("apiKey", 0)],
    body_values: &[],
    body_fixed: &[],
    query_credentials: &[],
    query_values: &[],
    query_fixed: &[],
    headers: &[],
    given_headers: &[],
    recovery: rt::Recovery::AskFirst,
    partial: false,
    moves_money: false,
    identity: &[],
    notations: &[],
    identity_headers: &[],
    resolve_with: None,
    envelope: None,
};

pub static LOOK: rt::Operation = rt::Operation {
    id: "look",
    index: 1,
    section: "Looking",
    method: rt::Method::Get,
    path: &[rt::Segment::Literal("/v2/shops/"), rt::Segment::Parameter("shop"), rt::Segment::Literal("/items")],
    body: rt::BodyFormat::None,
    body_credentials: &[],
    body_values: &[],
    body_fixed: &[],
    query_credentials: &[],
    query_values: &[],
    query_fixed: &[],
    headers: &[],
    given_headers: &[],
    recovery: rt::Recovery::Resend,
    partial: false,
    moves_money: false,
    identity: &[],
    notations: &[],
    identity_headers: &[],
    resolve_with: None,
    envelope: None,
};

pub const ENVELOPE: rt::Envelope = rt::Envelope {
    success: rt::SuccessRule::Member { path: &["code"], values: &["0"] },
    failure: rt::FailureRule::Values(&["-1"]),
    code: &["errorCode"],
    message: &["msg"],
    integer_codes: false,
    payload: rt::Payload::Inline,
    errors: &[],
};

pub static API: rt::Api = rt::Api {
    name: "shop",
    title: "Shop",
    user_agent: "shop-sdk/1.2.0",
    stages: &[rt::Stage { name: "live", base_url: "https://shop.example" }],
    default_stage: 0,
    credentials: &[rt::Credential {
        name: "api_key",
        rules: &Token::RULES,
        environments: &[("canary_live_", "live")],
        of_client: true,
    }],
    headers: &[
        rt::Header { name: "X-Version", value: rt::HeaderValue::Constant("2") },
        rt::Header { name: "Authorization", value: rt::HeaderValue::Credential { index: 0, prefix: "Bearer " } },
        rt::Header { name: "Auth-Hash", value: rt::HeaderValue::Computed { index: 0, prefix: "" } },
    ],
    computed: &[rt::Computed {
        name: "hash",
        make: rt::Make::Hash {
            hash: rt::Hash::Sha256,
            over: &[rt::Piece::Credential(0), rt::Piece::Path("shop")],
            written: rt::Written::Hex,
        },
        secret: true,
    }],
    envelope: ENVELOPE,
    statuses: &[
        rt::StatusRule { from: 200, to: 200, means: "answered", outcome: rt::Outcome::Rejected },
        rt::StatusRule { from: 400, to: 400, means: "the request is malformed", outcome: rt::Outcome::Rejected },
        rt::StatusRule {
            from: 423,
            to: 423,
            means: "another request is being processed",
            outcome: rt::Outcome::Unknown,
        },
        rt::StatusRule { from: 500, to: 509, means: "the service is down", outcome: rt::Outcome::Unknown },
    ],
    timeouts: rt::Timeouts {
        connect: Duration::from_secs(3),
        attempt: Duration::from_secs(15),
        total: Duration::from_secs(45),
        warn_below: Duration::from_secs(13),
        accepted_within: Duration::from_secs(60),
        shown_within: Duration::from_secs(15),
    },
    sensitive: &["apiKey", "token"],
    operations: &[&PAY, &LOOK],
};

/// A time without a fraction of a second.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KstDateTime(rt::OffsetDateTime);

impl KstDateTime {
    pub const NOTATION: &'static str = "a time written yyyy-MM-dd HH:mm:ss";
    const FORMAT: rt::TimeFormat<'static> = rt::TimeFormat { pattern: "yyyy-MM-dd HH:mm:ss", offset: 32_400 };
}

rt::impl_moment!(KstDateTime);

/// A time that may have a fraction of a second.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CivilDateTime(rt::OffsetDateTime);

impl CivilDateTime {
    pub const NOTATION: &'static str = "a time written yyyy-MM-dd'T'HH:mm:ss[.S]";
    const FORMAT: rt::TimeFormat<'static> = rt::TimeFormat { pattern: "yyyy-MM-dd'T'HH:mm:ss[.S]", offset: 32_400 };
}

rt::impl_moment!(CivilDateTime);
