//! Planning of computed values, and of the headers that the client sends. Names of computed values and credentials
//! become indexes.

use crate::analysis::{is_secret, now_notation, supplied_by_value};
use crate::model::{
    ComputedModel, ExpiryModel, HeaderModel, HeaderValue, KeyForm, MakeModel, PieceModel, TimeNotation, TokenModel,
};
use crate::resolved::{Api, Field};
use crate::spec::{self, Expired, KeyAs, Part, RandomText, WrittenAs};
use rules::Written;

pub(super) fn values(api: &Api) -> Vec<ComputedModel> {
    let named = api.spec.computed.iter().map(|(name, value)| ComputedModel {
        name: name.clone(),
        make: make(api, value),
        secret: is_secret(api, name),
    });
    named.collect()
}

fn make(api: &Api, value: &spec::Computation) -> MakeModel {
    let pieces = |list: &[String]| list.iter().map(|part| piece(api, part)).collect::<Vec<_>>();
    let base64 = value.written == Some(WrittenAs::Base64);
    if let Some(token) = &value.token {
        return MakeModel::Token(self::token(api, token));
    }
    if let Some(now) = &value.now {
        // An invalid notation cannot occur here, because `lint` has reported it.
        let wrong = |_| TimeNotation { pattern: now.clone(), offset: 0, written: Written::Date };
        return MakeModel::Now(now_notation(now, value.zone.as_deref()).unwrap_or_else(wrong));
    }
    match value.random {
        Some(RandomText::Uuid) => return MakeModel::Random("Uuid"),
        Some(RandomText::Hex) => return MakeModel::Random("Hex"),
        None => {}
    }
    if let Some((key, hmac)) = value.hmac() {
        let bits = if key == "hmac_sha512" { 512 } else { 256 };
        let key_form = match hmac.key_as {
            None => KeyForm::Text,
            Some(KeyAs::Base64) => KeyForm::Base64(hmac.key_after.clone().unwrap_or_default()),
        };
        return MakeModel::Hmac { bits, key: piece(api, &hmac.key), key_form, over: pieces(&hmac.over), base64 };
    }
    match value.lists().first() {
        Some(("base64", list)) => MakeModel::Base64(pieces(list)),
        Some(("md5", list)) => MakeModel::Md5 { over: pieces(list), base64 },
        Some(("sha256", list)) => MakeModel::Hash { bits: 256, over: pieces(list), base64 },
        Some(("sha512", list)) => MakeModel::Hash { bits: 512, over: pieces(list), base64 },
        Some((_, list)) => MakeModel::Text(pieces(list)),
        None => MakeModel::Text(Vec::new()),
    }
}

fn token(api: &Api, token: &spec::TokenSource) -> TokenModel {
    let path = |dotted: &str| dotted.split('.').map(str::to_owned).collect::<Vec<_>>();
    let expiry = match (&token.expires_at, &token.expires_in, token.valid_for) {
        (Some(at), _, _) => ExpiryModel::At(path(at)),
        (None, Some(within), _) => ExpiryModel::In(path(within)),
        (None, None, time) => ExpiryModel::For(time.map_or(0, |time| time.seconds)),
    };
    let expired = token.expired.iter();
    TokenModel {
        operation: api.operations.iter().position(|op| op.id == token.from).unwrap_or(0),
        member: path(&token.member),
        expiry,
        now: token.now.as_deref().map(path).unwrap_or_default(),
        expired: expired
            .clone()
            .filter_map(|sign| if let Expired::Code(code) = sign { Some(code.clone()) } else { None })
            .collect(),
        expired_statuses: expired
            .filter_map(|sign| if let Expired::Status(status) = sign { Some(*status) } else { None })
            .collect(),
    }
}

fn piece(api: &Api, part: &str) -> PieceModel {
    match Part::read(part) {
        Part::Name(name) => match api.spec.credentials.get_index_of(&name) {
            Some(index) => PieceModel::Credential(index),
            None => PieceModel::Computed(api.spec.computed.get_index_of(&name).unwrap_or(0)),
        },
        Part::Text(text) => PieceModel::Text(text),
        Part::Path(name) => PieceModel::Named("Path", name),
        Part::Query(name) => PieceModel::Named("Query", name),
        Part::Body(name) => PieceModel::Named("Member", name),
        Part::Header(name) => PieceModel::Named("Header", name),
        Part::Method => PieceModel::Whole("Method"),
        Part::WholePath => PieceModel::Whole("WholePath"),
        Part::WholeQuery => PieceModel::Whole("WholeQuery"),
        Part::RawBody => PieceModel::Whole("Body"),
    }
}

pub(super) fn header(api: &Api, name: &str, header: &spec::Header) -> HeaderModel {
    let spec = &api.spec;
    let prefix = header.prefix.clone().unwrap_or_default();
    let value = if let Some(value) = &header.computed {
        HeaderValue::Computed(spec.computed.get_index_of(value).unwrap_or(0), prefix)
    } else if let Some(credential) = &header.credential {
        HeaderValue::Credential(spec.credentials.get_index_of(credential).unwrap_or(0), prefix)
    } else {
        HeaderValue::Constant(header.constant.clone().unwrap_or_default())
    };
    HeaderModel { name: name.to_owned(), value }
}

/// Plans a header of one operation. `None` if the caller passes the header.
pub(super) fn own_header(api: &Api, field: &Field) -> Option<HeaderModel> {
    let credential = crate::analysis::supplied_by_client(api, field);
    let value = match (&field.spec.fixed, supplied_by_value(api, field), credential) {
        (Some(fixed), ..) => HeaderValue::Constant(fixed.to_string()),
        (None, Some(index), _) => HeaderValue::Computed(index, String::new()),
        (None, None, Some(credential)) => HeaderValue::Credential(credential, String::new()),
        (None, None, None) => return None,
    };
    Some(HeaderModel { name: field.wire.clone(), value })
}
