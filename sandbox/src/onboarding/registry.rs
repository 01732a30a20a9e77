//! All stores of all hosting companies, and what may be done with them. No input or output: time comes in, decisions
//! and callbacks come out. Hosting companies are told apart by their tokens and never see each other's stores.

use super::replies;
use super::review::{COMPANIES, Review};
use crate::callbacks::Message;
use crate::clock::kst;
use crate::lag::Lag;
use crate::pay::payment::Happening;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, SystemTime};
use toss_sdk::onboarding::{
    BusinessRegistrationNumber, CompanyType, ContractStatus, CreateStore, EasyPayCode, FeeStatus, SessionType,
    SubmallAuditStatus,
};
use toss_sdk::runtime::uuid_text;

/// How long a session for a computer lasts.
pub(crate) const SESSION: Duration = Duration::from_secs(3_600);
/// Where the provider's numbers of operators begin.
const OPERATORS: u64 = 100_000;
/// After so much silence, what was typed in on a phone is dropped. The page has no figure; this one is ours.
pub(crate) const IDLE: Duration = Duration::from_secs(30 * 60);

/// What a customer fills in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Application {
    /// The business's name.
    pub company_name: String,
    /// What kind of business it is.
    pub company_type: CompanyType,
    /// The corporation's number, where it is one.
    pub corporate_number: Option<String>,
    /// The easy payments that the shop wants.
    pub easy_pays: Vec<EasyPayCode>,
}

impl Application {
    /// Of a business with this name.
    pub fn new(company_name: impl Into<String>, company_type: CompanyType) -> Self {
        Self { company_name: company_name.into(), company_type, corporate_number: None, easy_pays: Vec::new() }
    }
}

/// A signup session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub key: String,
    pub is_mobile: bool,
    pub opened: SystemTime,
}

/// A store: one registration, with one MID.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    /// The hosting company's token.
    pub host: String,
    /// The `Auth-Hash` of the registration.
    pub hash: String,
    pub mid: String,
    pub mert_key: String,
    pub api_key: String,
    pub client_key: String,
    pub request: CreateStore,
    pub created: SystemTime,
    pub contract: ContractStatus,
    pub fee: FeeStatus,
    pub fee_paid: Option<SystemTime>,
    pub modifying: bool,
    /// What the customer has typed in; handed in when the contract says so.
    pub application: Option<Application>,
    /// What the customer has corrected since, and not handed in yet.
    pub draft: Option<Application>,
    /// When the customer did something last.
    pub touched: SystemTime,
    pub review: Review,
    /// The hosting company was told that all reviews are over.
    pub audit_told: bool,
    pub session: Option<Session>,
    pub timeline: Vec<Happening>,
}

impl Store {
    pub(crate) fn tell(&mut self, now: SystemTime, what: impl Into<String>) {
        self.timeline.push(Happening { at: kst(now).to_string(), what: what.into() });
    }

    fn become_contract(&mut self, now: SystemTime, status: ContractStatus) {
        self.tell(now, format!("{} → {}", self.contract.as_str(), status.as_str()));
        self.contract = status;
    }

    /// Whether the customer can fill in the application.
    pub(crate) fn is_open(&self) -> bool {
        match self.contract {
            ContractStatus::Ready | ContractStatus::InDraft => true,
            ContractStatus::WaitForReview => self.modifying,
            _ => false,
        }
    }

    pub(crate) fn business(&self) -> Option<&BusinessRegistrationNumber> {
        self.request.shop_business_registration_number()
    }
}

/// The stores.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registry {
    stores: BTreeMap<u64, Store>,
    made: u64,
    changed: BTreeSet<u64>,
    messages: Vec<Message>,
    /// What the stores were like after their latest changes, for replicas that lag behind; none where one was deleted.
    past: BTreeMap<u64, VecDeque<(SystemTime, Option<Store>)>>,
}

/// How many changes of a store a replica can be behind at most.
const CHANGES: usize = 32;

/// Why something cannot be done: a code of ours, because the page has none, and words.
pub(crate) type No = (&'static str, String);

pub(crate) const NO_STORE: &str = "there is no such store";

impl Registry {
    /// The stores of an earlier registry.
    pub(crate) fn restore(&mut self, stores: Vec<(u64, Store)>, made: u64) {
        // Of what was before the restart, nothing is known.
        let known = |(number, store): &(u64, Store)| (*number, [(store.created, Some(store.clone()))].into());
        self.past = stores.iter().map(known).collect();
        self.stores = stores.into_iter().collect();
        self.made = made;
    }

    /// What was changed since this was asked last, by number, and the callbacks that came of it.
    pub(crate) fn take_changes(&mut self, now: SystemTime) -> (BTreeSet<u64>, Vec<Message>) {
        let changed = std::mem::take(&mut self.changed);
        for number in &changed {
            let past = self.past.entry(*number).or_default();
            past.push_back((now, self.stores.get(number).cloned()));
            if past.len() > CHANGES {
                past.pop_front();
            }
        }
        (changed, std::mem::take(&mut self.messages))
    }

    /// The stores of a shop as a replica shows them that is so far behind.
    pub(crate) fn as_of(&self, now: SystemTime, shop: &str, lag: Lag) -> Self {
        let is_own = |past: &&VecDeque<(SystemTime, Option<Store>)>| {
            let mut known = past.iter().filter_map(|(_, store)| store.as_ref());
            known.any(|store| store.request.shop_id().as_str() == shop)
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

    /// Every store, the oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Store> {
        self.stores.values()
    }

    /// The stores of a shop.
    pub(crate) fn of_shop(&self, host: &str, shop: &str) -> impl Iterator<Item = (u64, &Store)> {
        let own = move |store: &Store| store.host == host && store.request.shop_id().as_str() == shop;
        self.stores.iter().filter(move |(_, store)| own(store)).map(|(number, store)| (*number, store))
    }

    /// A store by its MID, to be changed.
    fn touch(&mut self, mid: &str) -> Option<&mut Store> {
        let (number, store) = self.stores.iter_mut().find(|(_, store)| store.mid == mid)?;
        self.changed.insert(*number);
        Some(store)
    }

    /// Registers a store.
    pub(crate) fn create(
        &mut self,
        now: SystemTime,
        host: &str,
        hash: String,
        request: CreateStore,
    ) -> Result<&Store, No> {
        let business = request.shop_business_registration_number();
        if self.of_shop(host, request.shop_id().as_str()).any(|(_, store)| store.business() == business) {
            return Err(("SANDBOX_ALREADY_REGISTERED", "이미 등록된 사업자입니다.".into()));
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
            audit_told: false,
            session: None,
            timeline: Vec::new(),
            request,
        };
        store.tell(now, "registered");
        self.changed.insert(number);
        Ok(self.stores.entry(number).or_insert(store))
    }

    /// A MID that no store has, from the one that is wished for.
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

    /// Opens a signup session, which ends the one before.
    pub(crate) fn open_session(
        &mut self,
        now: SystemTime,
        host: &str,
        shop: &str,
        mid: &str,
        kind: Option<SessionType>,
    ) -> Result<&Session, No> {
        let known = self.of_shop(host, shop).any(|(_, store)| store.mid == mid);
        let Some(store) = self.touch(mid).filter(|_| known) else {
            return Err(("SANDBOX_MID_NOT_FOUND", "존재하지 않는 상점 아이디입니다.".into()));
        };
        let is_mobile = kind == Some(SessionType::MobileInstantOnboarding);
        store.tell(now, if is_mobile { "signup opened for a phone" } else { "signup opened for a computer" });
        Ok(store.session.insert(Session { key: uuid_text(), is_mobile, opened: now }))
    }

    /// The store whose signup page this is, unless the session is over.
    pub(crate) fn session(&self, now: SystemTime, key: &str) -> Option<&Store> {
        self.stores.values().find(|store| {
            store.session.as_ref().is_some_and(|session| {
                let is_valid = session.is_mobile || now < session.opened + SESSION;
                session.key == key && is_valid
            })
        })
    }

    /// Lets everything happen that time alone brings: on phones, what was typed in is dropped after a while.
    pub(crate) fn age(&mut self, now: SystemTime) {
        for (number, store) in &mut self.stores {
            let is_mobile = store.session.as_ref().is_some_and(|session| session.is_mobile);
            if !is_mobile || now < store.touched + IDLE {
                continue;
            }
            let is_draft = store.contract == ContractStatus::InDraft;
            let typed = if is_draft { &mut store.application } else { &mut store.draft };
            if typed.take().is_some() {
                store.tell(store.touched + IDLE, "what was typed in was dropped");
                self.changed.insert(*number);
            }
        }
    }

    /// The customer opens the signup page, which counts as doing something.
    pub(crate) fn visit(&mut self, now: SystemTime, key: &str) -> Option<&Store> {
        let mid = self.session(now, key)?.mid.clone();
        let store = self.touch(&mid)?;
        store.touched = now;
        Some(store)
    }

    /// The customer leaves the application half filled in.
    pub(crate) fn save(&mut self, now: SystemTime, mid: &str, application: Application) -> Result<(), String> {
        let store = self.touch(mid).ok_or(NO_STORE)?;
        if !store.is_open() {
            return Err(format!("the application cannot be changed; the contract is {}", store.contract.as_str()));
        }
        if store.contract == ContractStatus::Ready {
            store.become_contract(now, ContractStatus::InDraft);
        }
        // What is corrected is told once it is handed in.
        let place = if store.modifying { &mut store.draft } else { &mut store.application };
        *place = Some(application);
        store.touched = now;
        Ok(())
    }

    /// The customer hands the application in: the fee is paid, the card companies are asked, and the hosting company
    /// of a pre-open product is told.
    pub(crate) fn submit(
        &mut self,
        now: SystemTime,
        mid: &str,
        application: Application,
        pre_open: bool,
    ) -> Result<(), String> {
        if application.company_name.trim().is_empty() {
            return Err("the business has no name".into());
        }
        self.save(now, mid, application)?;
        let number = self.stores.iter().find(|(_, store)| store.mid == mid).map_or(0, |(number, _)| *number);
        let store = self.touch(mid).ok_or(NO_STORE)?;
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
            store.tell(now, "the fee was paid");
        }
        if store.review == Review::default() {
            store.review.request();
        }
        let message = pre_open.then(|| replies::registration(store, OPERATORS + number)).flatten();
        self.messages.extend(message);
        Ok(())
    }

    /// The contract goes on.
    pub(crate) fn contract(&mut self, now: SystemTime, mid: &str, status: &ContractStatus) -> Result<(), String> {
        use ContractStatus::{Canceled, Done, InDraft, Ready, Terminated, WaitForReview};
        let store = self.touch(mid).ok_or(NO_STORE)?;
        let follows = match status {
            Done => store.contract == WaitForReview,
            Canceled => matches!(store.contract, Ready | InDraft | WaitForReview),
            Terminated => store.contract == Done,
            _ => false,
        };
        if !follows {
            return Err(format!("a contract that is {} does not become {}", store.contract.as_str(), status.as_str()));
        }
        store.become_contract(now, status.clone());
        store.modifying = false;
        store.draft = None;
        Ok(())
    }

    /// A card company, or all of them, come to something. Once all have finished, the hosting company is told.
    pub(crate) fn review(
        &mut self,
        now: SystemTime,
        mid: &str,
        company: Option<&str>,
        status: &SubmallAuditStatus,
    ) -> Result<(), String> {
        let number = match company {
            None => None,
            Some(name) => Some(
                COMPANIES
                    .iter()
                    .position(|own| *own == name)
                    .ok_or_else(|| format!("company: one of {}", COMPANIES.join(", ")))?,
            ),
        };
        let store = self.touch(mid).ok_or(NO_STORE)?;
        let is_early = match store.contract {
            ContractStatus::Ready | ContractStatus::InDraft => true,
            ContractStatus::Canceled => store.review == Review::default(),
            _ => false,
        };
        if is_early {
            return Err("no company was asked yet: the application was not handed in".into());
        }
        match number {
            Some(n) => store.review.0[n] = status.clone(),
            None => store.review.0.fill(status.clone()),
        }
        store.tell(now, format!("review by {}: {}", company.unwrap_or("all"), status.as_str()));
        // Once, at the end; a company that thinks again is not told.
        if store.review.is_over() && !store.audit_told {
            store.audit_told = true;
            let message = replies::card_audit(store);
            self.messages.extend(message);
        }
        Ok(())
    }

    /// The fee is paid, owed or waived.
    pub(crate) fn fee(&mut self, now: SystemTime, mid: &str, status: FeeStatus) -> Result<(), String> {
        let store = self.touch(mid).ok_or(NO_STORE)?;
        store.tell(now, format!("fee: {}", status.as_str()));
        store.fee_paid = (status == FeeStatus::Paid).then_some(now);
        store.fee = status;
        Ok(())
    }

    /// The customer is asked to correct the application.
    pub(crate) fn ask_to_modify(&mut self, now: SystemTime, mid: &str) -> Result<(), String> {
        let store = self.touch(mid).ok_or(NO_STORE)?;
        if store.contract != ContractStatus::WaitForReview {
            return Err("only an application that was handed in can be corrected".into());
        }
        store.modifying = true;
        store.tell(now, "a correction was asked for");
        Ok(())
    }

    /// Deletes a shop's stores, those of these businesses or all. A complete contract of the shop stops it: before
    /// anything is deleted where businesses are named, and midway otherwise, so that what came before it is gone.
    pub(crate) fn delete(
        &mut self,
        host: &str,
        shop: &str,
        businesses: Option<&[Option<BusinessRegistrationNumber>]>,
    ) -> Result<(), No> {
        let meant = |store: &Store| {
            businesses.is_none_or(|list| list.iter().any(|business| business.as_ref() == store.business()))
        };
        let refused = || Err(("SANDBOX_CONTRACT_COMPLETE", "계약이 완료된 상점은 삭제할 수 없습니다.".into()));
        let is_complete = |store: &Store| store.contract == ContractStatus::Done;
        if businesses.is_some() && self.of_shop(host, shop).any(|(_, store)| is_complete(store)) {
            return refused();
        }
        let own = self.of_shop(host, shop).filter(|(_, store)| meant(store));
        let own: Vec<(u64, bool)> = own.map(|(n, store)| (n, is_complete(store))).collect();
        if own.is_empty() {
            return Err(("SANDBOX_SHOP_NOT_FOUND", "존재하지 않는 상점입니다.".into()));
        }
        for (number, is_complete) in own {
            if is_complete {
                return refused();
            }
            self.stores.remove(&number);
            self.changed.insert(number);
        }
        Ok(())
    }

    /// Deletes one store.
    pub(crate) fn delete_mid(&mut self, host: &str, shop: &str, mid: &str) -> Result<(), No> {
        let found = self.of_shop(host, shop).find(|(_, store)| store.mid == mid);
        let Some((number, is_complete)) = found.map(|(n, store)| (n, store.contract == ContractStatus::Done)) else {
            return Err(("SANDBOX_MID_NOT_FOUND", "존재하지 않는 상점 아이디입니다.".into()));
        };
        if is_complete {
            return Err(("SANDBOX_CONTRACT_COMPLETE", "계약이 완료된 상점은 삭제할 수 없습니다.".into()));
        }
        self.stores.remove(&number);
        self.changed.insert(number);
        Ok(())
    }
}
