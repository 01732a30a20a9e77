//! A store: one registration of a shop, with its application, contract and signup session.

use super::review::Review;
use crate::clock::kst;
use crate::timeline::TimelineEvent;
use std::time::SystemTime;
use toss_sdk::onboarding::{
    BusinessRegistrationNumber, CompanyType, ContractStatus, CreateStore, EasyPayCode, FeeStatus,
};

/// Form data of the signup page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Application {
    /// The business's name.
    pub company_name: String,
    /// Kind of the business.
    pub company_type: CompanyType,
    /// Number of the corporation, if the business is one.
    pub corporate_number: Option<String>,
    /// The easy payments that the shop wants.
    pub easy_pays: Vec<EasyPayCode>,
}

impl Application {
    /// Creates the application of a business with this name.
    pub fn new(company_name: impl Into<String>, company_type: CompanyType) -> Self {
        Self { company_name: company_name.into(), company_type, corporate_number: None, easy_pays: Vec::new() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub key: String,
    pub is_mobile: bool,
    pub opened: SystemTime,
}

/// A store, with one MID.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    /// The hosting company's token.
    pub host: String,
    /// Value of the `Auth-Hash` header of callbacks about the store.
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
    /// Form data of the customer. The status of the contract shows whether the form was submitted.
    pub application: Option<Application>,
    /// Corrections of the customer that are not submitted yet.
    pub draft: Option<Application>,
    /// Time of the customer's last activity.
    pub touched: SystemTime,
    pub review: Review,
    /// Set once the callback about the end of all reviews was sent.
    pub audit_sent: bool,
    pub session: Option<Session>,
    pub timeline: Vec<TimelineEvent>,
}

impl Store {
    pub(crate) fn log(&mut self, now: SystemTime, what: impl Into<String>) {
        self.timeline.push(TimelineEvent { at: kst(now).to_string(), what: what.into() });
    }

    pub(super) fn become_contract(&mut self, now: SystemTime, status: ContractStatus) {
        self.log(now, format!("{} → {}", self.contract.as_str(), status.as_str()));
        self.contract = status;
    }

    /// Returns `true` if the customer can fill in the application.
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
