//! Tests of the rules for requests: limits in nested groups, conditions, and sums. Optional fields may be absent or
//! null, and some enumerations accept values that the spec does not list.

use parcel_sdk::parcel::*;
use parcel_sdk::runtime as rt;
use serde_json::{Value, json, to_value};

pub fn address() -> Address {
    Address::builder().name("김하늘").lines(["Dal-gil 2"]).postcode("48058").build().expect("within the rules")
}

pub fn piece() -> Piece {
    Piece::builder().grams(1200).content("cups, blue").build().expect("within the rules")
}

/// Builds a label request. The arguments are further calls of the builder.
macro_rules! label {
    ($($with:tt)*) => {
        CreateLabel::builder()
            .ref_("5f0b3a1c-0000-4000-8000-000000000001")
            .price(ContractNo::from("C-77"))
            .payer(Payer::Sender)
            .from(address())
            .to(address())
            .pieces([piece()])
            .remark(None)
            .total_fee(3000)
            .leave_at_the_door()
            .doors(None)
            $($with)*
            .build()
    };
}
pub(crate) use label;

fn broken<T: std::fmt::Debug>(built: Result<T, rt::Violations>) -> Vec<String> {
    built.expect_err("a rule is broken").iter().map(ToString::to_string).collect()
}

#[test]
fn the_rules_of_a_nested_group_are_checked_when_the_group_is_built() {
    let built = Address::builder().name(" ").lines([""; 4]).postcode("4805a").is_company(true).build();
    let broken = broken(built);
    let paths: Vec<&str> = broken.iter().filter_map(|b| b.split(':').next()).collect();
    assert_eq!(paths, ["name", "lines", "postcode", "companyName"], "{broken:?}");
}

#[test]
fn a_conditional_field_of_a_nested_group_in_a_list_is_checked() {
    let sold = Customs::builder().value(20000).reason(CustomsReason::Sale).build();
    assert_eq!(broken(sold), ["invoiceNo: this must be given, because reason is SALE"]);
    assert!(Customs::builder().value(20000).reason(CustomsReason::Gift).build().is_ok());
}

#[test]
fn a_condition_on_an_integer_coded_enumeration_is_true_only_for_its_value() {
    assert!(label!(.service(Service::Economy)).is_ok());
    assert_eq!(broken(label!(.service(Service::Express))), ["insurance: this must be given, because service is 20"]);
    assert!(label!(.service(Service::Express).insurance(0)).is_ok());
}

#[test]
fn a_condition_on_a_nullable_field_is_true_only_for_its_value() {
    let label = |priority| label!(.service(Service::Standby).priority(priority));
    assert!(label(None).is_ok());
    assert!(label(Some(2)).is_ok());
    assert_eq!(broken(label(Some(3))), ["pickUpBy: this must be given, because priority is 3"]);
}

#[test]
fn a_list_has_a_limit_of_entries_and_each_entry_a_limit_of_characters() {
    assert!(label!(.service(Service::Economy).tags(["12345678"; 9])).is_ok());
    let long = broken(label!(.service(Service::Economy).tags(["12345678", "123456789"])));
    assert_eq!(long, ["tags[1]: at most 8 characters are allowed, 9 were given"]);
    let many =
        broken(label!(.service(Service::Economy).handlings([Handling::Fragile, Handling::Fragile, Handling::Fragile])));
    assert_eq!(many.len(), 1, "{many:?}");
    assert!(many[0].starts_with("handlings: "), "{many:?}");
}

#[test]
fn parts_that_are_all_given_add_up_to_the_total_and_a_null_part_is_not_given() {
    let label = |carriage| label!(.service(Service::Economy).carriage(carriage).insurance(1000));
    assert!(label(Some(2000)).is_ok());
    assert_eq!(broken(label(Some(1999))).len(), 1);
    assert!(label(None).is_ok());
}

#[test]
fn an_optional_field_is_omitted_sent_as_null_or_sent_with_a_value() -> Result<(), Box<dyn std::error::Error>> {
    let amend = || AmendLabel::builder().label_no("L-1").ref_("box");
    assert_eq!(to_value(amend().build()?)?, json!({}));
    assert_eq!(to_value(amend().remark(None).to(None).build()?)?, json!({ "remark": null, "to": null }));
    assert_eq!(to_value(amend().remark(Some("x".into())).build()?)?, json!({ "remark": "x" }));
    assert_eq!(amend().remark(None).build()?.remark(), Some(None));
    assert_eq!(amend().build()?.remark(), None);
    Ok(())
}

#[test]
fn unlisted_values_are_sent_where_the_service_accepts_them() -> Result<(), Box<dyn std::error::Error>> {
    let request = label!(.service(Service::Standby).printer(Printer::Other(203)).handlings([Handling::Other("KEEP_DRY".into())]))?;
    let wire = to_value(&request)?;
    assert_eq!((&wire["service"], &wire["printer"]), (&json!(-1), &json!(203)));
    assert_eq!(wire["handlings"], json!(["KEEP_DRY"]));
    assert_eq!(wire["remark"], Value::Null);
    assert_eq!(broken(label!(.service(Service::Standby).printer(Printer::Other(1000)))).len(), 1);
    Ok(())
}

#[test]
fn no_text_shows_personal_data_of_a_nested_group() {
    let to = Address::builder()
        .name("canary-name")
        .lines(["canary-line"])
        .postcode("48058")
        .phone(Some("010-7777".into()))
        .build()
        .expect("within the rules");
    let shown = format!("{:?}", label!(.service(Service::Economy).payload(json!(1))).map(|_| to));
    for canary in ["canary-name", "canary-line", "7777"] {
        assert!(!shown.contains(canary), "{shown}");
    }
    let refused = Address::builder().name("canary-name".repeat(9)).lines(["x"]).postcode("1").build();
    assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
}
