//! The operations of Instant Onboarding, authenticated by a hosting company's token and hash.

use super::view::View;
use crate::onboarding::error::RegistryError;
use crate::onboarding::registry::Registry;
use crate::onboarding::replies;
use crate::settings::Host;
use crate::state::State;
use crate::store::WriteError;
use std::borrow::Cow;
use std::time::SystemTime;
use toss_sdk::onboarding::server::Server;
use toss_sdk::onboarding::{
    CreateStore, CreateStoreReply, Credentials, DeleteStore, DeleteStoreId, DeleteStoreIdReply, DeleteStoreReply,
    ErrorCode, GetCredentials, GetCredentialsReply, GetSubscriptions, GetSubscriptionsReply, ListEasyPays,
    ListEasyPaysReply, OpenOnboardingSession, OpenOnboardingSessionReply, RegistrationCallback, ShopId,
};
use toss_sdk::runtime::__private::{Caller, ErrorCode as _, Malformed, Refusal, SecretText};

/// Error code of a request that cannot be decoded.
pub(crate) const INVALID: &str = "SANDBOX_INVALID_REQUEST";

/// Creates a rejection with an error code of the sandbox, because the documentation has no error codes.
fn refuse(code: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(&ErrorCode::from_text(code), message)
}

fn refused(error: RegistryError) -> Refusal {
    refuse(error.code(), error.to_string())
}

fn not_written(why: WriteError) -> Refusal {
    refuse("SANDBOX_NOT_KEPT", why.to_string())
}

/// Returns the calling hosting company, which is identified by its token and by the secret in the hash. During a
/// rotation of secrets, a token has two secrets.
fn host<'a>(state: &'a State, caller: &Caller) -> Result<&'a Host, Refusal> {
    let token = caller.credential(0).map_or("", SecretText::expose);
    let mut known = state.settings.hosts.iter().filter(|host| host.token == token).peekable();
    if known.peek().is_none() {
        return Err(refuse("SANDBOX_UNKNOWN_TOKEN", "Auth-Token: this sandbox has no hosting company with this token"));
    }
    known.find(|host| caller.is_signed_by(&[&host.token, &host.secret])).ok_or_else(|| {
        let message = "Auth-Hash: not the SHA-256 of token, secret and the decoded shop id of the path";
        refuse("SANDBOX_WRONG_HASH", message)
    })
}

impl View<'_> {
    fn host(&self, caller: &Caller) -> Result<&Host, Refusal> {
        let host = host(self.state, caller)?;
        self.note_ignored(caller).map_err(|why| refuse(INVALID, why.to_string()))?;
        Ok(host)
    }

    /// Returns the stores that a query shows: the current stores, or those of a lagging replica.
    fn seen<'a>(&self, registry: &'a Registry, now: SystemTime, host: &Host, shop: &ShopId) -> Cow<'a, Registry> {
        match self.lag {
            None => Cow::Borrowed(registry),
            Some(lag) => Cow::Owned(registry.as_of(now, &host.token, shop.as_str(), lag)),
        }
    }
}

impl Server for View<'_> {
    async fn create_store(&self, caller: &Caller, request: CreateStore) -> Result<CreateStoreReply, Refusal> {
        let host = self.host(caller)?;
        let credentials = Credentials { token: host.token.as_str().into(), secret: host.secret.as_str().into() };
        let hash = RegistrationCallback::sign(request.shop_id().as_str(), &credentials);
        let create = |registry: &mut Registry, now| {
            registry.create(now, &host.token, hash, request).map(replies::created).map_err(refused)
        };
        self.state.change_stores(create).await.map_err(not_written)?
    }

    async fn get_credentials(&self, caller: &Caller, request: GetCredentials) -> Result<GetCredentialsReply, Refusal> {
        let host = self.host(caller)?;
        let look = |registry: &mut Registry, now| {
            let registry = self.seen(registry, now, host, request.shop_id());
            let mut reply = GetCredentialsReply::default();
            let own = registry.of_shop(&host.token, request.shop_id().as_str());
            reply.credentials = own.map(|(_, store)| replies::credentials(store)).collect();
            reply
        };
        self.state.change_stores(look).await.map_err(not_written)
    }

    async fn get_subscriptions(
        &self,
        caller: &Caller,
        request: GetSubscriptions,
    ) -> Result<GetSubscriptionsReply, Refusal> {
        let host = self.host(caller)?;
        let look = |registry: &mut Registry, now| {
            let registry = self.seen(registry, now, host, request.shop_id());
            let mut reply = GetSubscriptionsReply::default();
            let own = registry.of_shop(&host.token, request.shop_id().as_str());
            reply.descriptions = own.map(|(_, store)| replies::subscription(store, &self.state.base_url)).collect();
            reply
        };
        self.state.change_stores(look).await.map_err(not_written)
    }

    async fn list_easy_pays(&self, caller: &Caller, request: ListEasyPays) -> Result<ListEasyPaysReply, Refusal> {
        let host = self.host(caller)?;
        let look = |registry: &mut Registry, now| {
            let registry = self.seen(registry, now, host, request.shop_id());
            let mut reply = ListEasyPaysReply::default();
            let own = registry.of_shop(&host.token, request.shop_id().as_str());
            reply.stores = own.map(|(_, store)| replies::easy_pays(store)).collect();
            reply
        };
        self.state.change_stores(look).await.map_err(not_written)
    }

    async fn open_onboarding_session(
        &self,
        caller: &Caller,
        request: OpenOnboardingSession,
    ) -> Result<OpenOnboardingSessionReply, Refusal> {
        let host = self.host(caller)?;
        let (shop, mid) = (request.shop_id().as_str(), request.mid().as_str());
        let open = |registry: &mut Registry, now| {
            let session = registry.open_session(now, &host.token, shop, mid, request.type_()).map_err(refused)?;
            let mut reply = OpenOnboardingSessionReply::default();
            reply.apply_url = format!("{}/signup/{}", self.state.base_url, session.key);
            Ok(reply)
        };
        self.state.change_stores(open).await.map_err(not_written)?
    }

    async fn delete_store(&self, caller: &Caller, request: DeleteStore) -> Result<DeleteStoreReply, Refusal> {
        let host = self.host(caller)?;
        let businesses = request.business_registration_number();
        let delete = |registry: &mut Registry, _| registry.delete(&host.token, request.shop_id().as_str(), businesses);
        self.state.change_stores(delete).await.map_err(not_written)?.map_err(refused)?;
        Ok(DeleteStoreReply::default())
    }

    async fn delete_store_id(&self, caller: &Caller, request: DeleteStoreId) -> Result<DeleteStoreIdReply, Refusal> {
        let host = self.host(caller)?;
        let (shop, mid) = (request.shop_id().as_str(), request.mid().as_str());
        let delete = |registry: &mut Registry, _| registry.delete_mid(&host.token, shop, mid);
        self.state.change_stores(delete).await.map_err(not_written)?.map_err(refused)?;
        Ok(DeleteStoreIdReply::default())
    }

    fn malformed(&self, caller: Option<&Caller>, why: &Malformed) -> Refusal {
        // Authentication comes first, so that unauthenticated callers learn nothing from validation errors.
        if let Some(Err(refusal)) = caller.map(|caller| self.host(caller)) {
            return refusal;
        }
        let refusal = refuse(INVALID, why.to_string());
        if caller.is_none() { refusal.with_status(404) } else { refusal }
    }
}
