//! The generated server reads the values that the generated client sends in a form, over a real socket.

use shapes::own_forms::server::{Server, serve};
use shapes::own_forms::*;
use shapes::runtime::__private::{Caller, Incoming, Malformed, Refusal};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

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
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut bytes = Vec::new();
            let (head, body) = loop {
                let mut more = [0; 4096];
                let read = stream.read(&mut more).expect("a request");
                bytes.extend_from_slice(&more[..read]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length =
                    head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                if body.len() >= length.unwrap_or(0) {
                    break (head.to_owned(), body.to_owned());
                }
            };
            let mut lines = head.lines();
            let mut words = lines.next().expect("a request line").split(' ');
            let (method, target) = (words.next().expect("a method"), words.next().expect("a target"));
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
            let incoming = Incoming { method, path, query, headers: &headers, body: body.as_bytes(), now: None };
            let Poll::Ready(said) = pin!(serve(&*shop, &incoming)).poll(&mut Context::from_waker(Waker::noop())) else {
                unreachable!("the service never waits")
            };
            let body = String::from_utf8(said.body).expect("a text");
            let (status, length) = (said.status, body.len());
            write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
                .expect("an answer");
        }
    });
    url
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
