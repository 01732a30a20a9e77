//! An onboarding service of one store, small and honest: it stands on the generated server trait, so that requests are
//! read and checked as the page wants them.

#![allow(dead_code, reason = "each test file uses another part")]

use axum::Router;
use axum::body::Bytes;
use axum::http::{Request, StatusCode};
use std::sync::{Arc, Mutex};
use toss_sdk::onboarding::server::{Server, serve};
use toss_sdk::onboarding::*;
use toss_sdk::runtime::{Caller, Incoming, Malformed, Refusal};

pub const TOKEN: &str = "4f18e5c2-de8b-454c-a871-b8f2111134c3";
pub const SECRET: &str = "307a52ff0e29cb008a0ceae48ed48ac047a65a621681cbe4832e43fbbb23ce4b";

/// The service.
#[derive(Default)]
pub struct Host {
    store: Mutex<Option<ShopId>>,
    /// How often somebody has asked about the contract since the signup page was opened.
    asked: Mutex<u32>,
}

fn no(code: &str, message: &str) -> Refusal {
    Refusal::new(&<ErrorCode as toss_sdk::runtime::ErrorCode>::from_text(code), message)
}

impl Host {
    /// Who calls, and whether the store is registered.
    fn checked(&self, caller: &Caller, shop: &ShopId) -> Result<(), Refusal> {
        if caller.credential(0).map(|token| token.expose()) != Some(TOKEN) || !caller.is_signed_by(&[TOKEN, SECRET]) {
            return Err(no("UNAUTHORIZED", "the hash is not that of this host"));
        }
        match &*self.store.lock().unwrap() {
            Some(own) if own == shop => Ok(()),
            _ => Err(no("NOT_FOUND", "there is no such store")),
        }
    }
}

impl Server for Host {
    async fn create_store(&self, caller: &Caller, request: CreateStore) -> Result<CreateStoreReply, Refusal> {
        *self.store.lock().unwrap() = Some(request.shop_id().clone());
        self.checked(caller, request.shop_id())?;
        let mut reply = CreateStoreReply::default();
        reply.mid = Some("im_haneul".into());
        Ok(reply)
    }

    async fn get_credentials(&self, caller: &Caller, request: GetCredentials) -> Result<GetCredentialsReply, Refusal> {
        self.checked(caller, request.shop_id())?;
        let mut entry = StoreCredentials::default();
        entry.shop_id = Some(request.shop_id().clone());
        entry.mid = Some("im_haneul".into());
        entry.api_key = Some("test_sk_haneul".into());
        let mut reply = GetCredentialsReply::default();
        reply.credentials = vec![entry];
        Ok(reply)
    }

    async fn get_subscriptions(
        &self,
        caller: &Caller,
        request: GetSubscriptions,
    ) -> Result<GetSubscriptionsReply, Refusal> {
        self.checked(caller, request.shop_id())?;
        let mut asked = self.asked.lock().unwrap();
        let mut entry = StoreSubscription::default();
        entry.mid = Some("im_haneul".into());
        entry.contract_status = Some(if *asked > 2 { ContractStatus::Done } else { ContractStatus::KNOWN[0].clone() });
        *asked += u32::from(*asked > 0);
        let mut reply = GetSubscriptionsReply::default();
        reply.descriptions = vec![entry];
        Ok(reply)
    }

    async fn open_onboarding_session(
        &self,
        caller: &Caller,
        request: OpenOnboardingSession,
    ) -> Result<OpenOnboardingSessionReply, Refusal> {
        self.checked(caller, request.shop_id())?;
        *self.asked.lock().unwrap() = 1;
        let mut reply = OpenOnboardingSessionReply::default();
        reply.apply_url = "https://signup.example/1".into();
        Ok(reply)
    }

    async fn delete_store(&self, _: &Caller, _: DeleteStore) -> Result<DeleteStoreReply, Refusal> {
        Err(no("NOT_ALLOWED", "this store stays"))
    }

    async fn delete_store_id(&self, _: &Caller, _: DeleteStoreId) -> Result<DeleteStoreIdReply, Refusal> {
        Err(no("NOT_ALLOWED", "this store stays"))
    }

    async fn list_easy_pays(&self, _: &Caller, _: ListEasyPays) -> Result<ListEasyPaysReply, Refusal> {
        Ok(ListEasyPaysReply::default())
    }

    fn malformed(&self, _: Option<&Caller>, why: &Malformed) -> Refusal {
        no("INVALID_REQUEST", &why.to_string())
    }
}

/// Starts the service; the value is its base URL.
pub fn start() -> String {
    let (sender, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(format!("http://{}", listener.local_addr().unwrap())).unwrap();
            let host = Arc::new(Host::default());
            let router =
                Router::new().fallback(move |request: Request<axum::body::Body>| answer(host.clone(), request));
            axum::serve(listener, router).await.unwrap();
        });
    });
    address.recv().unwrap()
}

async fn answer(host: Arc<Host>, request: Request<axum::body::Body>) -> (StatusCode, Vec<u8>) {
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 65_536).await.unwrap();
    let headers: Vec<(&str, &str)> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    let incoming = Incoming {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &headers,
        body: &body,
        now: None,
    };
    let response = serve(&*host, &incoming).await;
    (StatusCode::from_u16(response.status).unwrap(), response.body)
}
