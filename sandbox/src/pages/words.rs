//! Texts of the pages for purchasers and shops' owners, in Korean and in English.

use super::html::won;
use crate::onboarding::error::StoreError;
use crate::onboarding::store::Store;
use crate::pay::error::PaymentError;

/// Error of a form on the checkout page.
#[derive(Clone, Copy, Debug)]
pub(super) enum FormError {
    /// The points are not a whole number.
    Points,
    /// The months are not a whole number.
    Months,
    /// No payment method was chosen.
    NoMethod,
}

/// Texts in one language.
#[derive(Debug)]
pub(super) struct Words {
    pub language: &'static str,
    pub title: &'static str,
    pub price: &'static str,
    pub discount: &'static str,
    pub order: &'static str,
    pub merchant: &'static str,
    pub card: &'static str,
    pub toss_money: &'static str,
    pub months: &'static str,
    pub in_full: &'static str,
    pub points: &'static str,
    pub approve: &'static str,
    pub approve_and_close: &'static str,
    pub cancel: &'static str,
    pub close: &'static str,
    pub won: &'static str,
    pub closed: &'static str,
    pub closed_approved: &'static str,
    pub companies: [&'static str; 10],
    pub over: &'static str,
    pub back: &'static str,
    pub unknown: &'static str,
    pub cards_only: &'static str,
    pub slip: &'static str,
    pub sandbox: &'static str,
    /// Message for a form that comes from another page, or from an earlier sandbox.
    pub foreign_form: &'static str,
    pub no_button: &'static str,
    pub other: (&'static str, &'static str),
    pub signup: SignupWords,
}

/// Texts of the signup page.
#[derive(Debug)]
pub(super) struct SignupWords {
    pub title: &'static str,
    pub company: &'static str,
    pub kind: &'static str,
    pub corporate_number: &'static str,
    pub easy_pays: &'static str,
    pub submit: &'static str,
    pub save: &'static str,
    pub fail: &'static str,
    pub saved: &'static str,
    pub over: &'static str,
    pub expired: &'static str,
    pub no_name: &'static str,
}

static KOREAN: Words = Words {
    language: "ko",
    title: "토스페이 결제",
    price: "결제 금액",
    discount: "즉시 할인",
    order: "주문번호",
    merchant: "가맹점",
    card: "카드",
    toss_money: "토스머니",
    months: "할부 개월",
    in_full: "일시불",
    points: "토스포인트 사용",
    approve: "결제하기",
    approve_and_close: "결제하고 창 닫기 (돌아가지 않음)",
    cancel: "결제 취소",
    close: "결제하지 않고 창 닫기",
    won: "원",
    closed: "창이 닫혔습니다. 가맹점에는 알림이 전송되지 않았습니다.",
    closed_approved: "결제가 승인되었고 창이 닫혔습니다. 가맹점 페이지로 돌아가지 않았습니다.",
    companies: ["신한", "현대", "삼성", "국민", "롯데", "하나", "우리", "농협", "씨티", "비씨"],
    over: "결제할 수 없는 상태입니다",
    back: "돌아가기",
    unknown: "존재하지 않는 결제입니다.",
    cards_only: "매출전표는 카드 결제만 조회할 수 있습니다.",
    slip: "매출전표",
    sandbox: "샌드박스입니다. 실제로 출금되지 않습니다.",
    foreign_form: "유효하지 않은 양식입니다. 페이지를 다시 열어 주세요.",
    no_button: "버튼 중 하나를 눌러 주세요.",
    other: ("en", "English"),
    signup: SignupWords {
        title: "토스페이먼츠 가입 신청",
        company: "상호명",
        kind: "사업자 유형",
        corporate_number: "법인등록번호 (법인인 경우)",
        easy_pays: "간편결제",
        submit: "신청서 제출 및 가입비 결제",
        save: "임시 저장",
        fail: "신청 실패 처리",
        saved: "저장되었습니다. 이 페이지를 다시 열면 이어서 작성할 수 있습니다.",
        over: "신청서를 수정할 수 없는 상태입니다",
        expired: "만료되었거나 존재하지 않는 페이지입니다. 새 링크를 요청해 주세요.",
        no_name: "상호명을 입력해 주세요.",
    },
};

static ENGLISH: Words = Words {
    language: "en",
    title: "Toss Pay checkout",
    price: "Amount to pay",
    discount: "Instant discount",
    order: "Order",
    merchant: "Merchant",
    card: "Card",
    toss_money: "Toss Money",
    months: "Installments",
    in_full: "pay in full",
    points: "Toss points to spend",
    approve: "Pay",
    approve_and_close: "Pay, then close the page without returning",
    cancel: "Cancel the payment",
    close: "Close the page without paying",
    won: "won",
    closed: "The page is closed. The merchant was not notified.",
    closed_approved: "The payment is approved, and the page is closed. The browser did not return to the merchant.",
    companies: ["Shinhan", "Hyundai", "Samsung", "Kookmin", "Lotte", "Hana", "Woori", "Nonghyup", "Citi", "BC"],
    over: "This payment cannot be paid in its current status",
    back: "Back",
    unknown: "There is no such payment.",
    cards_only: "Only payments by card have a sales slip.",
    slip: "Sales slip",
    sandbox: "This is a sandbox. No money moves.",
    foreign_form: "This form is not valid. Open the page again.",
    no_button: "Choose one of the buttons.",
    other: ("ko", "한국어"),
    signup: SignupWords {
        title: "Toss Payments signup",
        company: "Business name",
        kind: "Type of business",
        corporate_number: "Corporate registration number (corporations only)",
        easy_pays: "Easy payments",
        submit: "Submit and pay the fee",
        save: "Save for later",
        fail: "Make the application fail",
        saved: "Saved. Open this page again to continue.",
        over: "The application cannot be changed in the current status of the contract",
        expired: "This page has expired or does not exist. Request a new link.",
        no_name: "Enter the business name.",
    },
};

impl Words {
    /// Returns the English texts if the parameter `lang`, or else the browser's language, is English. Otherwise returns
    /// the Korean texts.
    pub(super) fn wanted(query: &str, accepted: &str) -> &'static Self {
        let requested = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang");
        let wanted = requested.map_or_else(|| accepted.to_owned(), |(_, value)| value.into_owned());
        if wanted.starts_with("en") { &ENGLISH } else { &KOREAN }
    }

    /// Returns the reason for a rejected form of the checkout page.
    pub(super) fn form_error(&self, why: FormError) -> &'static str {
        match (self.language, why) {
            ("en", FormError::Points) => "enter the points as a whole number",
            ("en", FormError::Months) => "enter the months as a whole number",
            ("en", FormError::NoMethod) => "choose a payment method",
            (_, FormError::Points) => "토스포인트를 숫자로 입력해 주세요.",
            (_, FormError::Months) => "할부 개월을 숫자로 입력해 주세요.",
            (_, FormError::NoMethod) => "결제 수단을 선택해 주세요.",
        }
    }

    /// Returns the reason why the purchaser's action on a payment is not possible.
    pub(super) fn payment_error(&self, why: &PaymentError) -> String {
        if self.language == "en" {
            return why.to_string();
        }
        match why {
            PaymentError::Unknown => self.unknown.to_owned(),
            PaymentError::NotOnStandby(status) => format!("{}: {}", self.over, status.as_str()),
            PaymentError::NotCancelable(status) => format!("취소할 수 없는 상태입니다: {}", status.as_str()),
            PaymentError::NoCards => "이 가맹점에서는 카드를 사용할 수 없습니다.".into(),
            PaymentError::NoTossMoney => "이 가맹점에서는 토스머니를 사용할 수 없습니다.".into(),
            PaymentError::OtherCompanies => "이 가맹점에서는 사용할 수 없는 카드입니다.".into(),
            PaymentError::UnsupportedCompany => "아직 지원하지 않는 카드입니다.".into(),
            PaymentError::NoInstallments(least) => {
                format!("할부를 사용할 수 없습니다. ({}원 이상이고 가맹점이 허용한 경우에만 가능)", won(*least))
            }
            PaymentError::TooManyInstallments(most) => format!("할부는 최대 {most}개월까지 가능합니다."),
            PaymentError::TooManyPoints(most) => format!("포인트는 최대 {}원까지 사용할 수 있습니다.", won(*most)),
            // These errors belong to actions that only the control API has, and not to pages for purchasers.
            PaymentError::NoWithdrawal(_)
            | PaymentError::NotSettleable(_)
            | PaymentError::NotDiscountable(_)
            | PaymentError::NoRefund(_)
            | PaymentError::UsedRefundNumber
            | PaymentError::Invalid(_)
            | PaymentError::Refused { .. }
            | PaymentError::NotWritten(_) => why.to_string(),
        }
    }

    /// Returns the reason why an owner's action on a store is not possible.
    pub(super) fn store_error(&self, why: &StoreError, store: &Store) -> String {
        match (self.language, why) {
            ("en", _) => why.to_string(),
            (_, StoreError::NoBusinessName) => self.signup.no_name.to_owned(),
            _ => format!("{}: {}", self.signup.over, store.contract.as_str()),
        }
    }
}
