//! Static description of an API and its operations, filled in by generated code.

use crate::check::TextRules;
use crate::compute::Computed;
use crate::decode::envelope::Envelope;
use crate::outcome::Outcome;
use std::time::Duration;

/// Static description of an API: base URLs, credentials, envelope, timeouts.
#[derive(Clone, Copy, Debug)]
pub struct Api {
    /// Name of the API in code.
    pub name: &'static str,
    /// Name of the API for people.
    pub title: &'static str,
    /// Name and version of the generated crate, such as `shop-sdk/1.2.0`. Every request contains them as the user
    /// agent.
    pub user_agent: &'static str,
    /// Stages, each with a base URL.
    pub stages: &'static [Stage],
    /// Index of the default stage.
    pub default_stage: usize,
    /// Credentials that the provider issues to the caller.
    pub credentials: &'static [Credential],
    /// Headers that are sent with every request, unless the operation replaces them. An operation that issues a token
    /// is called without the headers that need this token.
    pub headers: &'static [Header],
    /// Values that the client computes, or that prove callbacks.
    pub computed: &'static [Computed],
    /// Envelope of replies.
    pub envelope: Envelope,
    /// Meanings of HTTP statuses.
    pub statuses: &'static [StatusRule],
    /// Time limits.
    pub timeouts: Timeouts,
    /// Names of the members whose values are never shown.
    pub sensitive: &'static [&'static str],
    /// Operations. Each is at the position that its `index` states.
    pub operations: &'static [&'static Operation],
}

impl Api {
    /// Returns `true` if values with this name are never shown. The case of the name is ignored, because it is ignored
    /// in headers.
    pub(crate) fn is_sensitive(&self, name: &str) -> bool {
        self.sensitive.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// Stage of an API, such as production or test.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// Name of the stage.
    pub name: &'static str,
    /// URL before each path.
    pub base_url: &'static str,
}

/// Secret that the provider issues to the caller.
#[derive(Clone, Copy, Debug)]
pub struct Credential {
    /// Name of the credential.
    pub name: &'static str,
    /// Rules for the text of the credential.
    pub rules: &'static TextRules,
    /// Prefixes of the credential, each with its environment. Credentials of the environment `live` move real money.
    pub environments: &'static [(&'static str, &'static str)],
    /// Set if the client needs the credential. A credential that only proves callbacks is passed to the receiver, and
    /// is empty in a client.
    pub of_client: bool,
}

impl Credential {
    /// Returns the environment of a credential with this value. Returns `None` if the prefix of the value shows no
    /// environment.
    pub fn environment(&self, value: &str) -> Option<&'static str> {
        self.environments.iter().find(|(prefix, _)| value.starts_with(prefix)).map(|(_, environment)| *environment)
    }
}

/// Header that the client adds to requests.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Name of the header.
    pub name: &'static str,
    /// Value of the header.
    pub value: HeaderValue,
}

/// Value of a header.
#[derive(Clone, Copy, Debug)]
pub enum HeaderValue {
    /// Constant text.
    Constant(&'static str),
    /// Credential after a prefix such as `Bearer `.
    Credential {
        /// Index of the credential.
        index: usize,
        /// Text before the credential.
        prefix: &'static str,
    },
    /// A computed value after a prefix.
    Computed {
        /// Index of the computed value.
        index: usize,
        /// Text before the value.
        prefix: &'static str,
    },
}

/// Meaning of a range of HTTP statuses.
#[derive(Clone, Copy, Debug)]
pub struct StatusRule {
    /// First status of the range.
    pub from: u16,
    /// Last status of the range.
    pub to: u16,
    /// Meaning, as text.
    pub means: &'static str,
    /// Outcome of a request whose reply has a status in this range. A rejection also needs a documented failure in the
    /// body.
    pub outcome: Outcome,
}

/// Time limits.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Time limit for connecting.
    pub connect: Duration,
    /// Time limit of one attempt, from connecting to the end of the reply.
    pub attempt: Duration,
    /// Time limit of a call with all its attempts.
    pub total: Duration,
    /// If the time limit of an attempt is shorter than this, the client warns, because the attempt may end before the
    /// service answers.
    pub warn_below: Duration,
    /// How long after the last byte of a request the service may still accept the request.
    pub accepted_within: Duration,
    /// How long after its acceptance a request may be missing from the answers to status queries.
    pub shown_within: Duration,
}

/// HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl Method {
    /// Returns the method in capitals, as it is sent.
    #[cfg(any(feature = "client", feature = "server"))]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Difference between two notations of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Varies {
    /// Zeros at the end of a decimal number, as in `20` and `20.00`.
    Zeros,
    /// The UTC offset of a date and time.
    Offset,
    /// Separators that only group digits. Each character of this text is such a separator.
    Separators(&'static str),
}

/// Part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestPart {
    /// The body.
    Body,
    /// The path.
    Path,
    /// The query.
    Query,
    /// The headers.
    Header,
}

/// Static description of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Name of the operation in code.
    pub id: &'static str,
    /// Index in [`Api::operations`].
    pub index: usize,
    /// Section of the service's documentation.
    pub section: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path, in segments.
    pub path: &'static [Segment],
    /// Encoding of the request body.
    pub body: BodyFormat,
    /// Members of the body that the client supplies: the name, and the index of the credential.
    pub body_credentials: &'static [(&'static str, usize)],
    /// Other members of the body that the client supplies: the name, and the index of the computed value.
    pub body_values: &'static [(&'static str, usize)],
    /// Members of the body that have a constant value: the name, and the value as JSON. The request type writes them
    /// itself.
    pub body_fixed: &'static [(&'static str, &'static str)],
    /// Query parameters that the client supplies: the name, and the index of the credential.
    pub query_credentials: &'static [(&'static str, usize)],
    /// Other query parameters that the client supplies: the name, and the index of the computed value.
    pub query_values: &'static [(&'static str, usize)],
    /// Query parameters that have a constant value: the name and the value. The request type writes them itself.
    pub query_fixed: &'static [(&'static str, &'static str)],
    /// Headers of this operation. They replace those of [`Api::headers`] that have the same name.
    pub headers: &'static [Header],
    /// Names of headers that the caller provides.
    pub given_headers: &'static [&'static str],
    /// What to do if the reply to a request is lost.
    pub recovery: Recovery,
    /// Set if the service may carry out a part of a request and then reject the request.
    pub partial: bool,
    /// Set if the operation moves money.
    pub moves_money: bool,
    /// Members of the body and path parameters that identify the effect: requests with equal values of these are
    /// attempts at the same request. If this list and `identity_headers` are empty, the whole request identifies the
    /// effect.
    pub identity: &'static [&'static str],
    /// Members of `identity` in the body, and fields of the path, the query and the headers, whose value can be written
    /// in several notations.
    pub notations: &'static [(RequestPart, &'static str, Varies)],
    /// Headers that identify the effect together with the members of `identity`.
    pub identity_headers: &'static [&'static str],
    /// Id of the status query that shows the outcome of a request. `None` if there is no such query.
    pub resolve_with: Option<&'static str>,
    /// Envelope of the operation's replies, if it differs from the API's.
    pub envelope: Option<&'static Envelope>,
}

impl Operation {
    /// Returns the envelope of the operation's replies.
    pub(crate) fn envelope<'a>(&self, api: &'a Api) -> &'a Envelope {
        self.envelope.unwrap_or(&api.envelope)
    }
}

/// Encoding of request bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// Requests have no body.
    None,
    /// Bodies are JSON.
    Json,
    /// The client sends JSON. A server also accepts forms, with any content type.
    JsonOrForm,
    /// The client sends forms. A server also accepts JSON.
    Form,
}

impl BodyFormat {
    /// Returns `true` if requests have a body.
    #[cfg(any(feature = "client", feature = "server"))]
    pub(crate) fn is_some(self) -> bool {
        self != Self::None
    }

    /// Returns `true` if a server accepts forms.
    #[cfg(feature = "server")]
    pub(crate) fn reads_forms(self) -> bool {
        matches!(self, Self::JsonOrForm | Self::Form)
    }
}

/// Segment of a path: a constant text, or a value.
#[derive(Clone, Copy, Debug)]
pub enum Segment {
    /// Text that is sent as is, including slashes.
    Literal(&'static str),
    /// Parameter, by its name.
    Parameter(&'static str),
    /// A credential, by its index.
    Credential(usize),
}

/// What to do if the reply to a request is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Send the same request again, because the service recognizes a repetition, or because the request changes
    /// nothing.
    Resend,
    /// Send the status query. The answer decides whether the request is sent again.
    AskFirst,
    /// Never send the request again automatically.
    Never,
}
