//! The server reads a list in a form exactly as the client sends it, even if the list has only one entry.

use shapes::own_forms::server::{Server, serve};
use shapes::own_forms::*;
use shapes::runtime::__private::{Caller, Incoming, Malformed, Refusal};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

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
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let own = shop.clone();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
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
        let Poll::Ready(said) = pin!(serve(&*own, &incoming)).poll(&mut Context::from_waker(Waker::noop())) else {
            unreachable!("the service never waits")
        };
        let (status, length, body) = (said.status, said.body.len(), String::from_utf8_lossy(&said.body).into_owned());
        let _ = write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    });
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
