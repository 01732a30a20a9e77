//! Errors of actions on stores, and of the service's operations on stores.

use super::review::COMPANIES;
use crate::store::WriteError;
use std::fmt;
use toss_sdk::onboarding::ContractStatus;

/// Error of an action on a store.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such store.
    Unknown,
    /// The application has no business name.
    NoBusinessName,
    /// The application cannot be changed while the contract has this status.
    NotEditable(ContractStatus),
    /// A contract with the first status cannot change to the second status.
    InvalidTransition(ContractStatus, ContractStatus),
    /// There is no such card company.
    UnknownCompany,
    /// No review was requested so far.
    NotSubmitted,
    /// Only an application whose contract has the status `wait_for_review` can be corrected.
    NotCorrectable,
    /// The data file cannot be written. If the action is possible, it took effect in memory.
    NotWritten(WriteError),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("there is no such store"),
            Self::NoBusinessName => f.write_str("the application has no business name"),
            Self::NotEditable(status) => {
                write!(f, "the application cannot be changed; the contract is {}", status.as_str())
            }
            Self::InvalidTransition(from, to) => {
                write!(f, "a contract with the status {} cannot change to {}", from.as_str(), to.as_str())
            }
            Self::UnknownCompany => write!(f, "company: expected one of {}", COMPANIES.join(", ")),
            Self::NotSubmitted => f.write_str("no review was requested yet, because the application was not submitted"),
            Self::NotCorrectable => f.write_str("only an application whose contract waits for review can be corrected"),
            Self::NotWritten(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<WriteError> for StoreError {
    fn from(why: WriteError) -> Self {
        Self::NotWritten(why)
    }
}

/// Rejection of an operation by the service. The error codes are the sandbox's own, because the documentation has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegistryError {
    AlreadyRegistered,
    UnknownMid,
    UnknownShop,
    ContractComplete,
}

impl RegistryError {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::AlreadyRegistered => "SANDBOX_ALREADY_REGISTERED",
            Self::UnknownMid => "SANDBOX_MID_NOT_FOUND",
            Self::UnknownShop => "SANDBOX_SHOP_NOT_FOUND",
            Self::ContractComplete => "SANDBOX_CONTRACT_COMPLETE",
        }
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyRegistered => "이미 등록된 사업자입니다.",
            Self::UnknownMid => "존재하지 않는 상점 아이디입니다.",
            Self::UnknownShop => "존재하지 않는 상점입니다.",
            Self::ContractComplete => "계약이 완료된 상점은 삭제할 수 없습니다.",
        })
    }
}
