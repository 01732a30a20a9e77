//! Prepares a request for the wire: checks it, and builds the URL, the headers, the body and the computed values. Other
//! modules decide whether and how often the request is sent.

use crate::check::{Check, TextRules};
use crate::client::clock::time_of_day;
use crate::client::config::ConfigError;
use crate::client::transport::{Outgoing, url};
use crate::client::{Inner, unsendable};
use crate::compute::evaluate::{ValueSource, Values, written_time};
use crate::compute::{Make, Piece, RandomForm};
use crate::error::Kind;
use crate::form;
use crate::json_members;
use crate::operation::{BodyFormat, HeaderValue, Operation, Segment};
use crate::parameters::{Headers, Query};
use crate::redact::Redactor;
use crate::request::{Outbound, Request, path_of};
use crate::secret::SecretText;
use bytes::Bytes;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue as Value};
use rules::{Format, TimeFormat};
use std::borrow::Cow;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// Times and random texts in the body of a request. All attempts of a call use the times and random texts of the first
/// attempt. While the attempt log has the request, attempts in other calls and in resolutions use them too. The reason
/// is that a service that recognizes a repeated request compares the body. Times and random texts that are only in
/// headers and queries are new on each attempt.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<Vec<Option<SecretText>>>>);

/// An access token. Its `generation` is a number that distinguishes it from earlier tokens.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) text: SecretText,
    pub(crate) generation: u64,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// Inputs of the computed values of a request.
struct RequestInputs<'a> {
    inner: &'a Inner,
    request: &'a dyn Outbound,
    token: Option<&'a Token>,
    path: &'a str,
    /// At first, the query without its computed parameters. For the headers, the whole query.
    query: &'a str,
    /// The body without its computed members, as JSON.
    members: &'a [u8],
    /// The body as it is sent. `None` until the body is complete.
    body: Option<&'a [u8]>,
}

impl ValueSource for RequestInputs<'_> {
    fn credential(&self, index: usize) -> Option<&str> {
        self.inner.credentials.get(index).map(SecretText::expose)
    }

    fn part(&self, piece: Piece) -> Option<Cow<'_, [u8]>> {
        let bytes = |text: Cow<'_, str>| Cow::Owned(text.into_owned().into_bytes());
        Some(match piece {
            Piece::Path(name) => self.request.parameter(name).as_bytes().into(),
            Piece::Query(name) => {
                let mut pairs = form_urlencoded::parse(self.query.as_bytes());
                bytes(pairs.find(|(own, _)| own == name).map(|(_, value)| value).unwrap_or_default())
            }
            Piece::Member(name) => {
                let members = json_members::members(self.members);
                let written = members.iter().find(|(own, _)| own == name).map(|(_, written)| *written);
                // An absent or null member contributes nothing.
                bytes(written.filter(|written| *written != "null").map(json_members::text).unwrap_or_default())
            }
            Piece::Method => self.request.operation().method.as_str().as_bytes().into(),
            Piece::WholePath => self.path.as_bytes().into(),
            Piece::WholeQuery => self.query.as_bytes().into(),
            Piece::Body => self.body.unwrap_or_default().into(),
            Piece::Header(name) => {
                let mut headers = Headers::default();
                self.request.headers(&mut headers);
                let given = headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
                bytes(given.map(|(_, value)| Cow::Owned(value.to_owned()))?)
            }
            Piece::Text(_) | Piece::Credential(_) | Piece::Computed(_) => return None,
        })
    }

    fn now(&self, _: usize, format: TimeFormat<'static>) -> Option<String> {
        written_time(format, time_of_day(&*self.inner.clock))
    }

    fn random(&self, _: usize, form: RandomForm) -> Option<String> {
        Some(form.draw())
    }

    fn token(&self, _: usize) -> Option<&str> {
        self.token.map(|token| token.text.expose())
    }
}

impl Inner {
    pub(crate) fn check<R: Request>(&self, request: &R) -> Result<(), Kind> {
        match self.clock.time_of_day() {
            Some(now) => request.validate_at(now),
            None => request.validate(),
        }
        .map_err(Kind::Invalid)?;
        check_path(request, &self.credentials).map_err(Kind::Invalid)
    }

    /// Returns `true` if the API has computed values that are times or random texts. Each attempt is then prepared
    /// separately.
    pub(crate) fn differs_each_time(&self) -> bool {
        self.api.computed.iter().any(|of| matches!(of.make, Make::Now(_) | Make::Random(_)))
    }

    /// Returns the request as one attempt sends it. The caller has [checked](Self::check) the request.
    pub(crate) fn prepare(&self, request: &dyn Outbound, token: Option<&Token>, kept: &Kept) -> Result<Outgoing, Kind> {
        let operation = request.operation();
        if self.api.computed.is_empty() && operation.body_values.is_empty() {
            return self.plain(request);
        }
        let query = self.query(request)?;
        let mut url = self.address(operation, &path_of(request, &self.credentials))?;
        let path = url.path().to_owned();
        let members = match operation.body.is_some() {
            // Computed members are derived from the other members of the body, so only these members are inputs here.
            true => Zeroizing::new(request.body(&self.credentials, &[]).map_err(unsendable)?),
            false => Zeroizing::default(),
        };
        let parts = RequestInputs {
            inner: self,
            request,
            token,
            path: &path,
            query: query.as_str(),
            members: &members,
            body: None,
        };
        // The lock is held while values are drawn, because a concurrent call with the same request has to send the same
        // body.
        let mut kept = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut values = Values::new(self.api.computed, &parts).having(kept.clone().unwrap_or_default());
        let made = operation.body_values.iter();
        let made: Vec<SecretText> =
            made.map(|(name, index)| values.value(*index).ok_or_else(|| not_made(name))).collect::<Result<_, _>>()?;
        kept.get_or_insert_with(|| values.drawn());
        drop(kept);
        let body = match operation.body.is_some() {
            true => Some(Zeroizing::new(request.body(&self.credentials, &made).map_err(unsendable)?)),
            false => None,
        };
        let body = body.map(|body| encoded(body, operation.body));
        let made = values.into_made();
        // The query can depend on the body.
        let parts = RequestInputs { body: body.as_ref().map(|body| body.as_slice()), ..parts };
        let mut values = Values::new(self.api.computed, &parts).having(made);
        let mut whole = self.query(request)?;
        for (name, index) in operation.query_values {
            let text = values.value(*index).ok_or_else(|| not_made(name))?;
            whole.push(name, text.expose());
        }
        let made = values.into_made();
        if !whole.as_str().is_empty() {
            url.set_query(Some(whole.as_str()));
        }
        // Values that depend on the whole request come last.
        let sent = RequestInputs { query: url.query().unwrap_or_default(), ..parts };
        let mut values = Values::new(self.api.computed, &sent).having(made);
        let headers = self.headers(request, &mut values)?;
        let secrets: Vec<SecretText> = values.secrets().collect();
        let body = body.map(Bytes::from_owner);
        let token = token.map(|token| token.generation);
        Ok(Outgoing { method: operation.method, url, headers, body, secrets: secrets.into(), token })
    }

    /// Returns the headers of a request. `values` supplies the computed values.
    fn headers(&self, request: &dyn Outbound, values: &mut Values<'_, RequestInputs<'_>>) -> Result<HeaderMap, Kind> {
        let operation = request.operation();
        let mut headers = HeaderMap::new();
        for (name, index, prefix) in self.transport.computed_headers() {
            let own = |header: &&crate::operation::Header| header.name.eq_ignore_ascii_case(name.as_str());
            if operation.headers.iter().any(|header| own(&header)) || self.fetches(operation, *index) {
                continue;
            }
            let value = values.value(*index).ok_or_else(|| not_made(name.as_str()))?;
            headers.insert(name.clone(), header_value(prefix, value.expose(), name.as_str())?);
        }
        self.add_headers(request, &mut headers, &mut |index| values.value(index))?;
        Ok(headers)
    }

    /// Prepares a request without computed values.
    fn plain(&self, request: &dyn Outbound) -> Result<Outgoing, Kind> {
        let operation = request.operation();
        let query = self.query(request)?;
        let url = match self.transport.fixed_url(operation) {
            Some(fixed) => with_query(fixed, query.as_str()),
            None => url(&self.base, &path_of(request, &self.credentials), query.as_str()).map_err(unsendable)?,
        };
        let body = if operation.body.is_some() {
            let body = Zeroizing::new(request.body(&self.credentials, &[]).map_err(unsendable)?);
            Some(Bytes::from_owner(encoded(body, operation.body)))
        } else {
            None
        };
        let mut headers = HeaderMap::new();
        self.add_headers(request, &mut headers, &mut |_| None)?;
        Ok(Outgoing { method: operation.method, url, headers, body, secrets: [].into(), token: None })
    }

    /// Returns the query without its computed parameters: the parameters of the request, then the credentials.
    fn query(&self, request: &dyn Outbound) -> Result<Query, Kind> {
        let mut query = Query::default();
        request.query(&mut query);
        for (name, index) in request.operation().query_credentials {
            let credential = self.credentials.get(*index).ok_or_else(|| not_made(name))?;
            query.push(name, credential.expose());
        }
        Ok(query)
    }

    /// Adds the operation's own headers, the headers that the caller gives, and the content type of the body.
    /// `computed` returns the computed value with an index.
    fn add_headers(
        &self,
        request: &dyn Outbound,
        headers: &mut HeaderMap,
        computed: &mut dyn FnMut(usize) -> Option<SecretText>,
    ) -> Result<(), Kind> {
        for header in request.operation().headers {
            let (prefix, text) = match header.value {
                HeaderValue::Constant(text) => ("", Some(SecretText::from(text))),
                HeaderValue::Credential { index, prefix } => (prefix, self.credentials.get(index).cloned()),
                HeaderValue::Computed { index, prefix } => (prefix, computed(index)),
            };
            let text = text.ok_or_else(|| not_made(header.name))?;
            let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| not_made(header.name))?;
            headers.insert(name, header_value(prefix, text.expose(), header.name)?);
        }
        let mut given = Headers::default();
        request.headers(&mut given);
        for (name, value) in given.iter() {
            let value = header_value("", value, name)?;
            headers.insert(HeaderName::from_bytes(name.as_bytes()).map_err(|_| not_made(name))?, value);
        }
        if let Some(content_type) = self.transport.content_type(request.operation().body) {
            headers.entry(CONTENT_TYPE).or_insert(content_type);
        }
        Ok(())
    }

    /// Returns the URL of a request, without the query.
    fn address(&self, operation: &Operation, path: &str) -> Result<Url, Kind> {
        match self.transport.fixed_url(operation) {
            Some(fixed) => Ok(fixed.clone()),
            None => url(&self.base, path, "").map_err(|error: ConfigError| unsendable(error)),
        }
    }

    /// Returns `true` if the operation issues the token that this value is derived from.
    fn fetches(&self, operation: &Operation, index: usize) -> bool {
        self.rule_in(index).is_some_and(|rule| rule.operation == operation.index)
    }

    /// Returns the rule of the token that this value is derived from.
    pub(crate) fn rule_in(&self, index: usize) -> Option<&'static crate::compute::TokenRule> {
        let inside = |pieces: &'static [Piece]| {
            pieces.iter().find_map(|piece| match piece {
                Piece::Computed(inner) => self.rule_in(*inner),
                Piece::Text(_)
                | Piece::Credential(_)
                | Piece::Path(_)
                | Piece::Query(_)
                | Piece::Member(_)
                | Piece::Header(_)
                | Piece::Method
                | Piece::WholePath
                | Piece::WholeQuery
                | Piece::Body => None,
            })
        };
        match self.api.computed.get(index)?.make {
            Make::Token(rule) => Some(rule),
            Make::Text(pieces)
            | Make::Base64(pieces)
            | Make::Md5 { over: pieces, .. }
            | Make::Hash { over: pieces, .. } => inside(pieces),
            Make::Hmac { key: Piece::Computed(inner), over, .. } => self.rule_in(inner).or_else(|| inside(over)),
            Make::Hmac { over, .. } => inside(over),
            Make::Now(_) | Make::Random(_) => None,
        }
    }

    /// Returns a redactor that also hides `secrets` and the sensitive values of this request.
    pub(crate) fn redactor_of(&self, request: &impl Request, secrets: &[SecretText]) -> Redactor {
        let mut query = Query::default();
        request.query(&mut query);
        let mut headers = Headers::default();
        request.headers(&mut headers);
        let of_headers = self.redactor.values_in_headers(&headers);
        self.redactor.with(
            secrets
                .iter()
                .cloned()
                .chain(self.redactor.values_of(request))
                .chain(self.redactor.values_in(query.as_str()))
                .chain(of_headers),
        )
    }
}

fn with_query(fixed: &Url, query: &str) -> Url {
    let mut url = fixed.clone();
    if !query.is_empty() {
        url.set_query(Some(query));
    }
    url
}

/// Converts a JSON body to the encoding of the operation.
fn encoded(json: Zeroizing<Vec<u8>>, format: BodyFormat) -> Zeroizing<Vec<u8>> {
    match format {
        BodyFormat::Form => form::of_json(&json),
        BodyFormat::None | BodyFormat::Json | BodyFormat::JsonOrForm => json,
    }
}

fn header_value(prefix: &str, text: &str, name: &str) -> Result<Value, Kind> {
    let whole = Zeroizing::new([prefix, text].concat());
    let is_plain = whole.trim() == whole.as_str() && whole.is_ascii();
    let mut value = is_plain.then(|| Value::from_str(&whole).ok()).flatten().ok_or_else(|| not_made(name))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Creates the error for a value that cannot be computed, or that cannot be sent in a header. The error contains no
/// part of the value.
fn not_made(name: &str) -> Kind {
    unsendable(ConfigError::new(format!(
        "`{name}` cannot be computed, or contains characters that are not allowed in a header"
    )))
}

/// Rejects path parameters and credentials in the path that would lead to another resource. URL parsers remove `..`
/// together with the segment before it. The check does not depend on the rules of the fields.
fn check_path<R: Request>(request: &R, credentials: &[SecretText]) -> Result<(), crate::violation::Violations> {
    const SEGMENT: TextRules = TextRules { format: Some(Format::PathSegment), sensitive: true, ..TextRules::NONE };
    let mut check = Check::new();
    for segment in R::OPERATION.path {
        match segment {
            Segment::Parameter(name) => check.text(name, request.parameter(name), &SEGMENT),
            Segment::Credential(index) => {
                let credential = credentials.get(*index).map_or("", SecretText::expose);
                check.text("credential", credential, &SEGMENT);
            }
            Segment::Literal(_) => {}
        }
    }
    check.finish()
}
