//! What is known about an API and its operations, as static data that generated code fills in.

use crate::check::TextRules;
use crate::compute::Computed;
use crate::decode::envelope::Envelope;
use crate::outcome::Outcome;
use std::time::Duration;

/// An API.
#[derive(Clone, Copy, Debug)]
pub struct Api {
    /// Its name in code.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The generated crate's name and version, which every request carries: `shop-sdk/1.2.0`.
    pub user_agent: &'static str,
    /// Where it can be reached.
    pub stages: &'static [Stage],
    /// The stage that is used when none is chosen.
    pub default_stage: usize,
    /// What the provider issues to the caller.
    pub credentials: &'static [Credential],
    /// Headers of every request.
    pub headers: &'static [Header],
    /// Values that clients make by themselves.
    pub computed: &'static [Computed],
    /// Whether bodies are sent as forms instead of JSON.
    pub sends_forms: bool,
    /// Whether requests may be forms, too, under whatever label.
    pub reads_forms: bool,
    /// How a reply says success.
    pub envelope: Envelope,
    /// What HTTP statuses mean.
    pub statuses: &'static [StatusRule],
    /// How long to wait.
    pub timeouts: Timeouts,
    /// Members' names whose values are never shown.
    pub sensitive: &'static [&'static str],
    /// Its operations; each stands at its own `index`.
    pub operations: &'static [&'static Operation],
}

/// A place where an API can be reached.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// Its name.
    pub name: &'static str,
    /// The URL before each path.
    pub base_url: &'static str,
}

/// A secret that the provider issues to the caller.
#[derive(Clone, Copy, Debug)]
pub struct Credential {
    /// Its name.
    pub name: &'static str,
    /// What it looks like.
    pub rules: &'static TextRules,
    /// Beginnings, and the environment each stands for. Real money moves in the one called `live`.
    pub environments: &'static [(&'static str, &'static str)],
}

impl Credential {
    /// The environment that a value belongs to, by its beginning.
    pub fn environment(&self, value: &str) -> Option<&'static str> {
        self.environments.iter().find(|(prefix, _)| value.starts_with(prefix)).map(|(_, environment)| *environment)
    }
}

/// A header of every request.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: HeaderValue,
}

/// The value of a header.
#[derive(Clone, Copy, Debug)]
pub enum HeaderValue {
    /// Always the same.
    Constant(&'static str),
    /// A credential behind a prefix, for example `Bearer `.
    Credential {
        /// Which.
        index: usize,
        /// What stands before it.
        prefix: &'static str,
    },
    /// A computed value behind a prefix.
    Computed {
        /// Which.
        index: usize,
        /// What stands before it.
        prefix: &'static str,
    },
}

/// What HTTP statuses mean.
#[derive(Clone, Copy, Debug)]
pub struct StatusRule {
    /// The first of them.
    pub from: u16,
    /// The last of them.
    pub to: u16,
    /// In words.
    pub means: &'static str,
    /// What is known about the request then.
    pub outcome: Outcome,
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For one attempt as a whole, from connecting to the end of the reply.
    pub attempt: Duration,
    /// For a call with all its attempts.
    pub total: Duration,
    /// Less than this per attempt gives up on answers that would still come.
    pub warn_below: Duration,
    /// How long after its last byte was sent a request can still be accepted.
    pub accepted_within: Duration,
    /// How long after it was accepted a request shows in the answers to queries.
    pub shown_within: Duration,
}

/// An HTTP method.
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

/// An operation.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its name in code.
    pub id: &'static str,
    /// Its place in [`Api::operations`].
    pub index: usize,
    /// The section that documents it.
    pub section: &'static str,
    /// The method.
    pub method: Method,
    /// The path.
    pub path: &'static [Segment],
    /// Whether the request has a body.
    pub body: bool,
    /// Members of the body that the client supplies: the name, and which credential.
    pub body_credentials: &'static [(&'static str, usize)],
    /// Other members of the body that the client supplies: the name, and which computed value.
    pub body_values: &'static [(&'static str, usize)],
    /// Members of the body that always have the same value, as JSON. The request writes them itself.
    pub body_fixed: &'static [(&'static str, &'static str)],
    /// Parameters of the query that the client supplies.
    pub query_values: &'static [(&'static str, usize)],
    /// Headers of its own. One of the same name as a header of every request takes its place.
    pub headers: &'static [Header],
    /// Names of headers that the caller gives.
    pub given_headers: &'static [&'static str],
    /// What to do when the answer is lost.
    pub recovery: Recovery,
    /// Whether a refusal may come after part of it was done.
    pub partial: bool,
    /// Whether money moves when it is carried out.
    pub moves_money: bool,
    /// Members of the body that name what is done: requests that agree in them are attempts at the same thing. Empty
    /// where the whole body does.
    pub identity: &'static [&'static str],
    /// The operation that shows what happened.
    pub resolve_with: Option<&'static str>,
    /// How its replies say success, where that is not as for the rest of the API.
    pub envelope: Option<&'static Envelope>,
}

impl Operation {
    /// How its replies say success.
    pub(crate) fn envelope<'a>(&self, api: &'a Api) -> &'a Envelope {
        self.envelope.unwrap_or(&api.envelope)
    }
}

/// A piece of a path.
#[derive(Clone, Copy, Debug)]
pub enum Segment {
    /// Text that is sent as it is, slashes included.
    Literal(&'static str),
    /// A parameter, by its name.
    Parameter(&'static str),
    /// A credential.
    Credential(usize),
}

/// What to do when the answer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Send the same again: the service recognizes it, or it changes nothing.
    Resend,
    /// Ask what happened, then decide.
    AskFirst,
    /// Never send it again by itself.
    Never,
}
