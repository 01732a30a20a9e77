//! Form in which the data file contains the stores that signed up.

use super::review::Review;
use super::store::{Application, Session, Store};
use crate::store::StoredRequest;
use crate::timeline::TimelineEvent;
use serde::{Deserialize, Serialize};
use std::time::SystemTime;
use toss_sdk::onboarding::{API, CompanyType, ContractStatus, EasyPayCode, FeeStatus, SubmallAuditStatus};
use toss_sdk::runtime::{Malformed, Text};

/// A store in the data file.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredStore {
    host: String,
    hash: String,
    mid: String,
    mert_key: String,
    api_key: String,
    client_key: String,
    request: StoredRequest,
    created: SystemTime,
    contract: String,
    fee: String,
    fee_paid: Option<SystemTime>,
    modifying: bool,
    application: Option<StoredApplication>,
    #[serde(default)]
    draft: Option<StoredApplication>,
    touched: SystemTime,
    review: [String; 9],
    #[serde(default, rename = "audit_told")]
    audit_sent: bool,
    session: Option<StoredSession>,
    timeline: Vec<TimelineEvent>,
}

#[derive(Serialize, Deserialize)]
struct StoredApplication {
    company_name: String,
    company_type: String,
    corporate_number: Option<String>,
    easy_pays: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredSession {
    key: String,
    is_mobile: bool,
    at: SystemTime,
}

impl Store {
    pub(crate) fn stored(&self) -> StoredStore {
        let filled = |application: &Application| StoredApplication {
            company_name: application.company_name.clone(),
            company_type: application.company_type.as_str().to_owned(),
            corporate_number: application.corporate_number.clone(),
            easy_pays: application.easy_pays.iter().map(|code| code.as_str().to_owned()).collect(),
        };
        let opened = |session: &Session| StoredSession {
            key: session.key.clone(),
            is_mobile: session.is_mobile,
            at: session.opened,
        };
        StoredStore {
            host: self.host.clone(),
            hash: self.hash.clone(),
            mid: self.mid.clone(),
            mert_key: self.mert_key.clone(),
            api_key: self.api_key.clone(),
            client_key: self.client_key.clone(),
            request: StoredRequest::new(&self.request, &[], self.created),
            created: self.created,
            contract: self.contract.as_str().to_owned(),
            fee: self.fee.as_str().to_owned(),
            fee_paid: self.fee_paid,
            modifying: self.modifying,
            application: self.application.as_ref().map(filled),
            draft: self.draft.as_ref().map(filled),
            touched: self.touched,
            review: self.review.0.clone().map(|status| status.as_str().to_owned()),
            audit_sent: self.audit_sent,
            session: self.session.as_ref().map(opened),
            timeline: self.timeline.clone(),
        }
    }
}

impl StoredStore {
    /// Decodes the store.
    ///
    /// # Errors
    ///
    /// Returns an error if the request that registered the store cannot be decoded.
    pub(crate) fn store(self) -> Result<Store, Malformed> {
        let application = |filled: StoredApplication| Application {
            company_name: filled.company_name,
            company_type: CompanyType::from_text(&filled.company_type),
            corporate_number: filled.corporate_number,
            easy_pays: filled.easy_pays.iter().map(|code| EasyPayCode::from_text(code)).collect(),
        };
        let session =
            |opened: StoredSession| Session { key: opened.key, is_mobile: opened.is_mobile, opened: opened.at };
        Ok(Store {
            host: self.host,
            hash: self.hash,
            mid: self.mid,
            mert_key: self.mert_key,
            api_key: self.api_key,
            client_key: self.client_key,
            request: self.request.read(&API)?,
            created: self.created,
            contract: ContractStatus::from_text(&self.contract),
            fee: FeeStatus::from_text(&self.fee),
            fee_paid: self.fee_paid,
            modifying: self.modifying,
            application: self.application.map(application),
            draft: self.draft.map(application),
            touched: self.touched,
            review: Review(self.review.map(|status| SubmallAuditStatus::from_text(&status))),
            audit_sent: self.audit_sent,
            session: self.session.map(session),
            timeline: self.timeline,
        })
    }
}
