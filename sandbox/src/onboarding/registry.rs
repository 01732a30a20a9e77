//! Stores of all hosting companies, and the operations on them.
//!
//! The registry does no I/O. The current time is a parameter, and changes and callbacks are returned to the caller.
//! Hosting companies are identified by their tokens, and have no access to each other's stores.

use super::error::{RegistryError, StoreError};
use super::replies;
use super::review::{COMPANIES, Review};
use super::store::{Application, Session, Store};
use crate::callbacks::Message;
use crate::lag::Lag;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, SystemTime};
use toss_sdk::onboarding::{
    BusinessRegistrationNumber, ContractStatus, CreateStore, FeeStatus, SessionType, SubmallAuditStatus,
};
use toss_sdk::runtime::uuid_text;

/// Duration of a signup session on a computer.
pub(crate) const SESSION: Duration = Duration::from_secs(3_600);
/// Base of the numbers by which the provider identifies shops. The number of the store is added to this base.
const OPERATORS: u64 = 100_000;
/// Duration of inactivity after which form data from a phone is dropped. The documentation states no duration, so the
/// sandbox has its own.
pub(crate) const IDLE: Duration = Duration::from_secs(30 * 60);

/// Stores of all hosting companies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registry {
    stores: BTreeMap<u64, Store>,
    made: u64,
    /// Changes of the current operation. Empty between operations.
    change: RegistryChange,
    /// The state of each store after each of its latest changes, for lagging replicas. `None` means that the store was
    /// deleted.
    past: BTreeMap<u64, VecDeque<(SystemTime, Option<Store>)>>,
}

/// Number of changes of a store that are kept, which limits the lag of a replica.
const CHANGES: usize = 32;

/// Changes of an operation on the registry.
#[derive(Clone, Debug, Default)]
pub(crate) struct RegistryChange {
    /// Numbers of changed and deleted stores.
    pub stores: BTreeSet<u64>,
    /// Callbacks to be sent.
    pub messages: Vec<Message>,
}

impl Registry {
    /// Adds stores from a data file.
    pub(crate) fn restore(&mut self, stores: Vec<(u64, Store)>, made: u64) {
        // Changes before a restart are not known.
        let known = |(number, store): &(u64, Store)| (*number, [(store.created, Some(store.clone()))].into());
        self.past = stores.iter().map(known).collect();
        self.stores = stores.into_iter().collect();
        self.made = made;
    }

    /// Brings all stores up to date, and then calls `act`. Returns the value of `act` and all changes.
    pub(crate) fn change<T>(&mut self, now: SystemTime, act: impl FnOnce(&mut Self) -> T) -> (T, RegistryChange) {
        self.age(now);
        let value = act(self);
        let change = std::mem::take(&mut self.change);
        for number in &change.stores {
            let past = self.past.entry(*number).or_default();
            past.push_back((now, self.stores.get(number).cloned()));
            if past.len() > CHANGES {
                past.pop_front();
            }
        }
        (value, change)
    }

    /// Returns the registry as a replica with this lag shows it. `host` and `shop` select the stores whose latest
    /// change is left out with `Lag::LatestChange`.
    pub(crate) fn as_of(&self, now: SystemTime, host: &str, shop: &str, lag: Lag) -> Self {
        let is_own = |past: &&VecDeque<(SystemTime, Option<Store>)>| {
            let mut known = past.iter().filter_map(|(_, store)| store.as_ref());
            known.any(|store| store.host == host && store.request.shop_id().as_str() == shop)
        };
        let changes = self.past.values().filter(is_own).flatten().map(|(at, _)| *at);
        let moment = lag.moment(now, changes);
        let at = |(number, past): (&u64, &VecDeque<(SystemTime, Option<Store>)>)| {
            let (_, store) = past.iter().rev().find(|(at, _)| *at <= moment)?;
            Some((*number, store.clone()?))
        };
        Self { stores: self.past.iter().filter_map(at).collect(), ..Self::default() }
    }

    pub(crate) fn numbered(&self, number: u64) -> Option<&Store> {
        self.stores.get(&number)
    }

    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    /// Returns all stores, the oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Store> {
        self.stores.values()
    }

    pub(crate) fn of_shop(&self, host: &str, shop: &str) -> impl Iterator<Item = (u64, &Store)> {
        let own = move |store: &Store| store.host == host && store.request.shop_id().as_str() == shop;
        self.stores.iter().filter(move |(_, store)| own(store)).map(|(number, store)| (*number, store))
    }

    /// Returns a store by its MID, and marks it as changed.
    fn touch(&mut self, mid: &str) -> Option<&mut Store> {
        let (number, store) = self.stores.iter_mut().find(|(_, store)| store.mid == mid)?;
        self.change.stores.insert(*number);
        Some(store)
    }

    pub(crate) fn create(
        &mut self,
        now: SystemTime,
        host: &str,
        hash: String,
        request: CreateStore,
    ) -> Result<&Store, RegistryError> {
        let business = request.shop_business_registration_number();
        if self.of_shop(host, request.shop_id().as_str()).any(|(_, store)| store.business() == business) {
            return Err(RegistryError::AlreadyRegistered);
        }
        self.made += 1;
        let number = self.made;
        let secret = || uuid_text().replace('-', "");
        let mut store = Store {
            host: host.to_owned(),
            hash,
            mid: self.mid(request.preferred_mid().unwrap_or_default()),
            mert_key: secret(),
            api_key: format!("test_sk_{}", secret()),
            client_key: format!("test_ck_{}", secret()),
            created: now,
            contract: ContractStatus::Ready,
            fee: FeeStatus::NotPaid,
            fee_paid: None,
            modifying: false,
            application: None,
            draft: None,
            touched: now,
            review: Review::default(),
            audit_sent: false,
            session: None,
            timeline: Vec::new(),
            request,
        };
        store.log(now, "registered");
        self.change.stores.insert(number);
        Ok(self.stores.entry(number).or_insert(store))
    }

    /// Returns a free MID: the preferred MID, or else a MID that begins with the preferred MID. Without a preferred
    /// MID, the MID begins with `sandbox`.
    fn mid(&self, wish: &str) -> String {
        let kept = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let wish: String = wish.chars().filter(kept).collect();
        let is_free = |mid: &str| !self.stores.values().any(|store| store.mid == mid);
        if !wish.is_empty() && is_free(&wish) {
            return wish;
        }
        let stem = if wish.is_empty() { "sandbox" } else { &wish };
        let random = uuid_text();
        format!("{stem}{}{}", self.made, &random[..4])
    }

    /// Opens a signup session, which ends the preceding session of the store.
    pub(crate) fn open_session(
        &mut self,
        now: SystemTime,
        host: &str,
        shop: &str,
        mid: &str,
        kind: Option<SessionType>,
    ) -> Result<&Session, RegistryError> {
        let known = self.of_shop(host, shop).any(|(_, store)| store.mid == mid);
        let Some(store) = self.touch(mid).filter(|_| known) else {
            return Err(RegistryError::UnknownMid);
        };
        let is_mobile = kind == Some(SessionType::MobileInstantOnboarding);
        store.log(now, if is_mobile { "signup opened on a phone" } else { "signup opened on a computer" });
        Ok(store.session.insert(Session { key: uuid_text(), is_mobile, opened: now }))
    }

    /// Returns the store of a signup session, unless the session is over.
    pub(crate) fn session(&self, now: SystemTime, key: &str) -> Option<&Store> {
        self.stores.values().find(|store| {
            store.session.as_ref().is_some_and(|session| {
                let is_valid = session.is_mobile || now < session.opened + SESSION;
                session.key == key && is_valid
            })
        })
    }

    /// Brings all stores up to date. If a customer signs up on a phone and was inactive for the duration `IDLE`,
    /// deletes the form data that is not submitted.
    pub(crate) fn age(&mut self, now: SystemTime) {
        for (number, store) in &mut self.stores {
            let is_mobile = store.session.as_ref().is_some_and(|session| session.is_mobile);
            if !is_mobile || now < store.touched + IDLE {
                continue;
            }
            let is_draft = store.contract == ContractStatus::InDraft;
            let typed = if is_draft { &mut store.application } else { &mut store.draft };
            if typed.take().is_some() {
                store.log(store.touched + IDLE, "the form data was dropped");
                self.change.stores.insert(*number);
            }
        }
    }

    /// Opens the signup page as the customer, which counts as activity.
    pub(crate) fn visit(&mut self, now: SystemTime, key: &str) -> Option<&Store> {
        let mid = self.session(now, key)?.mid.clone();
        let store = self.touch(&mid)?;
        store.touched = now;
        Some(store)
    }

    /// Saves an unfinished application.
    pub(crate) fn save(&mut self, now: SystemTime, mid: &str, application: Application) -> Result<(), StoreError> {
        let store = self.touch(mid).ok_or(StoreError::Unknown)?;
        if !store.is_open() {
            return Err(StoreError::NotEditable(store.contract.clone()));
        }
        if store.contract == ContractStatus::Ready {
            store.become_contract(now, ContractStatus::InDraft);
        }
        // Replies show a correction only once it is submitted.
        let place = if store.modifying { &mut store.draft } else { &mut store.application };
        *place = Some(application);
        store.touched = now;
        Ok(())
    }

    /// Submits an application: pays the fee, requests the card companies' reviews, and sends the registration callback
    /// if the product is pre-open.
    pub(crate) fn submit(
        &mut self,
        now: SystemTime,
        mid: &str,
        application: Application,
        pre_open: bool,
    ) -> Result<(), StoreError> {
        if application.company_name.trim().is_empty() {
            return Err(StoreError::NoBusinessName);
        }
        self.save(now, mid, application)?;
        let number = self.stores.iter().find(|(_, store)| store.mid == mid).map_or(0, |(number, _)| *number);
        let store = self.touch(mid).ok_or(StoreError::Unknown)?;
        if store.contract == ContractStatus::InDraft {
            store.become_contract(now, ContractStatus::WaitForReview);
        }
        if let Some(corrected) = store.draft.take() {
            store.application = Some(corrected);
        }
        store.modifying = false;
        if store.fee == FeeStatus::NotPaid {
            store.fee = FeeStatus::Paid;
            store.fee_paid = Some(now);
            store.log(now, "the fee was paid");
        }
        if store.review == Review::default() {
            store.review.request();
        }
        let message = pre_open.then(|| replies::registration(store, OPERATORS + number)).flatten();
        self.change.messages.extend(message);
        Ok(())
    }

    /// Sets the status of a contract.
    pub(crate) fn contract(&mut self, now: SystemTime, mid: &str, status: &ContractStatus) -> Result<(), StoreError> {
        use ContractStatus::{Canceled, Done, InDraft, Ready, Terminated, WaitForReview};
        let store = self.touch(mid).ok_or(StoreError::Unknown)?;
        let follows = match status {
            Done => store.contract == WaitForReview,
            Canceled => matches!(store.contract, Ready | InDraft | WaitForReview),
            Terminated => store.contract == Done,
            _ => false,
        };
        if !follows {
            return Err(StoreError::InvalidTransition(store.contract.clone(), status.clone()));
        }
        store.become_contract(now, status.clone());
        store.modifying = false;
        store.draft = None;
        Ok(())
    }

    /// Sets the review status of one card company, or of all companies. Sends the callback once all reviews are over.
    pub(crate) fn review(
        &mut self,
        now: SystemTime,
        mid: &str,
        company: Option<&str>,
        status: &SubmallAuditStatus,
    ) -> Result<(), StoreError> {
        let number = match company {
            None => None,
            Some(name) => Some(COMPANIES.iter().position(|own| *own == name).ok_or(StoreError::UnknownCompany)?),
        };
        let store = self.touch(mid).ok_or(StoreError::Unknown)?;
        let is_early = match store.contract {
            ContractStatus::Ready | ContractStatus::InDraft => true,
            ContractStatus::Canceled => store.review == Review::default(),
            _ => false,
        };
        if is_early {
            return Err(StoreError::NotSubmitted);
        }
        match number {
            Some(n) => store.review.0[n] = status.clone(),
            None => store.review.0.fill(status.clone()),
        }
        store.log(now, format!("review by {}: {}", company.unwrap_or("all"), status.as_str()));
        // The callback is sent only once. Later changes of a review send no callback.
        if store.review.is_over() && !store.audit_sent {
            store.audit_sent = true;
            let message = replies::card_audit(store);
            self.change.messages.extend(message);
        }
        Ok(())
    }

    pub(crate) fn fee(&mut self, now: SystemTime, mid: &str, status: FeeStatus) -> Result<(), StoreError> {
        let store = self.touch(mid).ok_or(StoreError::Unknown)?;
        store.log(now, format!("fee: {}", status.as_str()));
        store.fee_paid = (status == FeeStatus::Paid).then_some(now);
        store.fee = status;
        Ok(())
    }

    /// Requests a correction of an application.
    pub(crate) fn ask_to_modify(&mut self, now: SystemTime, mid: &str) -> Result<(), StoreError> {
        let store = self.touch(mid).ok_or(StoreError::Unknown)?;
        if store.contract != ContractStatus::WaitForReview {
            return Err(StoreError::NotCorrectable);
        }
        store.modifying = true;
        store.log(now, "a correction was requested");
        Ok(())
    }

    /// Deletes the stores of a shop that belong to `businesses`, or all stores of the shop if `businesses` is `None`.
    /// Returns an error if a store of the shop has a complete contract. If `businesses` is set, no store is then
    /// deleted. Otherwise, the stores that were created before the one with the complete contract are deleted.
    pub(crate) fn delete(
        &mut self,
        host: &str,
        shop: &str,
        businesses: Option<&[Option<BusinessRegistrationNumber>]>,
    ) -> Result<(), RegistryError> {
        let is_selected = |store: &Store| {
            businesses.is_none_or(|list| list.iter().any(|business| business.as_ref() == store.business()))
        };
        let refused = || Err(RegistryError::ContractComplete);
        let is_complete = |store: &Store| store.contract == ContractStatus::Done;
        if businesses.is_some() && self.of_shop(host, shop).any(|(_, store)| is_complete(store)) {
            return refused();
        }
        let own = self.of_shop(host, shop).filter(|(_, store)| is_selected(store));
        let own: Vec<(u64, bool)> = own.map(|(n, store)| (n, is_complete(store))).collect();
        if own.is_empty() {
            return Err(RegistryError::UnknownShop);
        }
        for (number, is_complete) in own {
            if is_complete {
                return refused();
            }
            self.stores.remove(&number);
            self.change.stores.insert(number);
        }
        Ok(())
    }

    /// Deletes one store.
    pub(crate) fn delete_mid(&mut self, host: &str, shop: &str, mid: &str) -> Result<(), RegistryError> {
        let found = self.of_shop(host, shop).find(|(_, store)| store.mid == mid);
        let Some((number, is_complete)) = found.map(|(n, store)| (n, store.contract == ContractStatus::Done)) else {
            return Err(RegistryError::UnknownMid);
        };
        if is_complete {
            return Err(RegistryError::ContractComplete);
        }
        self.stores.remove(&number);
        self.change.stores.insert(number);
        Ok(())
    }
}
