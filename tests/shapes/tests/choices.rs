//! Named choices that change the recovery class of a request.

use shapes::own_choices::CreateOrder;
use shapes::runtime::__private::{Recovery, Request};

#[test]
fn the_strictest_class_of_several_choices_applies() {
    let order = || CreateOrder::builder().order_no("order-1");
    for (request, class) in [
        (order().build(), Recovery::Resend),
        (order().today().build(), Recovery::AskFirst),
        (order().wrapped().build(), Recovery::Never),
        (order().today().wrapped().build(), Recovery::Never),
    ] {
        assert_eq!(request.expect("within the rules").recovery(), class);
    }
}
