//! The generated server reads the values that the generated client sends in a form, over a real socket.

use crate::socket::{at_once, listen};
use shapes::own_forms::server::{Server, serve};
use shapes::own_forms::*;
use shapes::runtime::__private::{Caller, Malformed, Refusal};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const KEY: &str = "canary+key/1=";

/// Service that stores each request, and whether its signatures are valid.
#[derive(Default)]
struct Shop(Mutex<Vec<(CreateOrder, bool)>>);

impl Server for Shop {
    async fn amend_order(&self, _: &Caller, request: AmendOrder) -> Result<AmendOrderReply, Refusal> {
        let mut reply = AmendOrderReply::default();
        reply.order_no = Some(request.order_no().clone());
        Ok(reply)
    }

    async fn create_order(&self, caller: &Caller, request: CreateOrder) -> Result<CreateOrderReply, Refusal> {
        let mut reply = CreateOrderReply::default();
        reply.order_no = Some(request.order_no().clone());
        self.0.lock().expect("no panic").push((request, caller.is_signed_by(&[KEY])));
        Ok(reply)
    }

    fn malformed(&self, _: Option<&Caller>, why: &Malformed) -> Refusal {
        Refusal::new(&ErrorCode::OutOfStock, why.to_string())
    }
}

fn start(shop: Arc<Shop>) -> String {
    listen(move |incoming| at_once(serve(&*shop, incoming)))
}

fn client(url: &str) -> blocking::Client {
    blocking::Client::builder(KEY).base_url(url).build().expect("a client")
}

#[test]
fn a_form_is_read_as_it_was_given_and_its_signatures_cover_it() {
    let shop = Arc::new(Shop::default());
    let client = client(&start(shop.clone()));
    let part = || Part::builder().name("a&b=c+d%").count(None).build().expect("a part");
    let order = CreateOrder::builder().order_no("order 1").price(1000);
    let full = order
        .remark("null")
        .tags(["가 &", "", "null", "a,b"])
        .numbers([1, -2])
        .gift(false)
        .worth("10.50".parse::<shapes::runtime::Decimal>().expect("a number"))
        .rate("0.20".parse::<shapes::runtime::Decimal>().expect("a number"))
        .part(part())
        .parts([part()])
        .extra(BTreeMap::from([("k".to_owned(), "[v".to_owned())]))
        .marks(["x", "y"])
        .status(OrderStatus::Paid);
    let least = CreateOrder::builder().order_no("order 2").price(0).remark("");
    for request in [full, least] {
        let request = request.build().expect("within the rules");
        client.create_order(&request).expect("a success");
        let (read, is_signed) = shop.0.lock().expect("no panic").pop().expect("a request");
        assert_eq!(read, request);
        assert!(is_signed, "both signatures must cover the request as it is sent");
    }
}

#[test]
fn an_operation_with_json_beside_forms_is_accepted_by_its_own_server() {
    let client = client(&start(Arc::default()));
    for remark in [None, Some("x".to_owned())] {
        let request = AmendOrder::builder().order_no("order-1").remark(remark).build().expect("within the rules");
        client.amend_order(&request).expect("a success");
    }
}

fn tags_read(tags: &[&str]) -> Option<Vec<String>> {
    let shop = Arc::new(Shop::default());
    let client = client(&start(shop.clone()));
    let request = CreateOrder::builder().order_no("order-1").price(1000).tags(tags.iter().copied()).build();
    let result = client.create_order(&request.expect("within the rules"));
    assert!(result.is_ok(), "{result:?}");
    let (read, _) = shop.0.lock().expect("no panic").pop().expect("a request");
    read.tags().map(<[String]>::to_vec)
}

#[test]
fn a_single_text_of_a_list_may_begin_with_a_bracket() {
    for text in [r#"["a","b"]"#, "[sale]"] {
        assert_eq!(tags_read(&[text]), Some(vec![text.to_owned()]));
    }
}

/// A form cannot express an empty list. The server would read an empty list as an absent list, which may mean the
/// opposite.
#[test]
fn an_empty_list_of_a_form_is_refused() {
    let request = CreateOrder::builder().order_no("order-1").price(1000).tags(Vec::<String>::new()).build();
    let broken = request.expect_err("an empty list").to_string();
    assert!(broken.contains("tags") && broken.contains("at least 1"), "{broken}");
}
