//! The server reads a list in a form exactly as the client sends it, even if the list has only one entry.

use crate::socket::{at_once, listen};
use shapes::own_forms::server::{Server, serve};
use shapes::own_forms::*;
use shapes::runtime::__private::{Caller, Malformed, Refusal};
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Shop(Mutex<Vec<CreateOrder>>);

impl Server for Shop {
    async fn amend_order(&self, _: &Caller, request: AmendOrder) -> Result<AmendOrderReply, Refusal> {
        let mut reply = AmendOrderReply::default();
        reply.order_no = Some(request.order_no().clone());
        Ok(reply)
    }

    async fn create_order(&self, _: &Caller, request: CreateOrder) -> Result<CreateOrderReply, Refusal> {
        let mut reply = CreateOrderReply::default();
        reply.order_no = Some(request.order_no().clone());
        self.0.lock().expect("no panic").push(request);
        Ok(reply)
    }

    fn malformed(&self, _: Option<&Caller>, why: &Malformed) -> Refusal {
        Refusal::new(&ErrorCode::OutOfStock, why.to_string())
    }
}

fn sent(request: &CreateOrder) -> Result<CreateOrder, String> {
    let shop = Arc::new(Shop::default());
    let own = shop.clone();
    let url = listen(move |incoming| at_once(serve(&*own, incoming)));
    let client = blocking::Client::builder("k").base_url(&url).build().expect("a client");
    client.create_order(request).map_err(|error| error.to_string())?;
    shop.0.lock().expect("no panic").pop().ok_or_else(|| "nothing came".to_owned())
}

#[test]
fn lists_of_one_entry_arrive_as_they_were_given() {
    let order = || CreateOrder::builder().order_no("order-1").price(1);
    for (request, what) in [
        (order().numbers([7]).build(), "a number"),
        (order().tags(["7"]).build(), "a text that is a number"),
        (order().tags([""]).build(), "an empty text"),
        (order().tags(["null"]).build(), "null"),
        (order().tags(["{}"]).build(), "an object"),
        (order().tags(["", ""]).build(), "two empty texts"),
        (order().marks(["x"]).build(), "a mark"),
    ] {
        let request = request.expect("within the rules");
        assert_eq!(sent(&request), Ok(request), "{what}");
    }
}

/// An empty list and a list with one empty entry would both be written as `marks=`. Therefore at least one of them is
/// rejected when the request is built.
#[test]
fn a_joined_list_without_entries_is_not_one_with_an_empty_entry() {
    let order = || CreateOrder::builder().order_no("order-1").price(1);
    for request in [order().marks([""]).build(), order().marks(Vec::<String>::new()).build()].into_iter().flatten() {
        assert_eq!(sent(&request), Ok(request));
    }
}
