//! The client fills fields of a request with its credentials, and the server reads the credentials from these fields.

use crate::socket::{at_once, listen};
use shapes::runtime::__private::{Caller, Incoming, Malformed, Refusal, Response};
use shapes::{own_fetched, own_supplied};
use std::sync::{Arc, Mutex};

/// Service that stores the credentials of each request.
#[derive(Default)]
struct Shop(Mutex<Vec<[Option<String>; 2]>>);

impl own_supplied::server::Server for Shop {
    async fn get_order(
        &self,
        caller: &Caller,
        request: own_supplied::GetOrder,
    ) -> Result<own_supplied::GetOrderReply, Refusal> {
        let credentials = [0, 1].map(|index| caller.credential(index).map(|text| text.expose().to_owned()));
        self.0.lock().expect("no panic").push(credentials);
        let mut reply = own_supplied::GetOrderReply::default();
        reply.order_no = Some(request.order_no().clone());
        Ok(reply)
    }

    fn malformed(&self, _: Option<&Caller>, why: &Malformed) -> Refusal {
        Refusal::new(&own_supplied::ErrorCode::NotFound, why.to_string())
    }
}

/// The query contains the merchant's key, and a header of the operation contains the key of the branch.
#[test]
fn credentials_in_the_query_and_in_a_header_are_sent_and_read() {
    let shop = Arc::new(Shop::default());
    let lines = Arc::new(Mutex::new(Vec::new()));
    let url = {
        let (shop, lines) = (shop.clone(), lines.clone());
        listen(move |incoming| {
            lines.lock().expect("no panic").push(incoming.query.to_owned());
            at_once(own_supplied::server::serve(&*shop, incoming))
        })
    };
    let client = own_supplied::blocking::Client::builder("shop&key".into(), "branch-key".into()).base_url(&url).build();
    let request = own_supplied::GetOrder::builder().order_no("order-1").build().expect("within the rules");
    client.expect("a client").get_order(&request).expect("a success");
    assert_eq!(*lines.lock().expect("no panic"), ["orderNo=order-1&shopKey=shop%26key"]);
    let read = shop.0.lock().expect("no panic").pop().expect("a request");
    assert_eq!(read, [Some("shop&key".to_owned()), Some("branch-key".to_owned())]);
}

/// If a call needs an access token, the client itself sends the request for the token.
#[test]
fn the_request_for_a_token_has_its_fixed_query_and_its_credential() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let url = {
        let lines = lines.clone();
        listen(move |incoming| {
            lines.lock().expect("no panic").push(format!("{}?{}", incoming.path, incoming.query));
            let body = match incoming.path {
                "/tokens" => r#"{"resultType":"SUCCESS","success":{"token":"t-1"}}"#,
                _ => r#"{"resultType":"SUCCESS","success":{"orderNo":"order-1"}}"#,
            };
            Response { operation: None, status: 200, body: body.into(), refused: None }
        })
    };
    let client = own_fetched::blocking::Client::builder("shop-key").base_url(&url).build().expect("a client");
    let request = own_fetched::CreateOrder::builder().order_no("order-1").amount(1000).build();
    client.create_order(&request.expect("within the rules")).expect("a success");
    let lines = lines.lock().expect("no panic");
    assert_eq!(*lines, ["/tokens?grant=client_credentials&key=shop-key", "/orders?"]);
}

/// A service may repeat headers in its error messages, and a server must not tell their values to any caller.
#[test]
fn the_constant_value_of_a_sensitive_header_is_not_shown() {
    let url = listen(|incoming| {
        let header = incoming.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-partner"));
        let (_, partner) = header.expect("it is sent");
        let error = format!(r#"{{"errorCode":"NOT_FOUND","reason":"not for {partner}"}}"#);
        let body = format!(r#"{{"resultType":"FAIL","error":{error}}}"#);
        Response { operation: None, status: 200, body: body.into(), refused: None }
    });
    let client = own_supplied::blocking::Client::builder("shop-key".into(), "branch-key".into()).base_url(&url).build();
    let request = own_supplied::GetOrder::builder().order_no("order-1").build().expect("within the rules");
    let error = client.expect("a client").get_order(&request).expect_err("a rejection");
    assert_eq!(error.message(), Some("not for [redacted]"));

    let headers = [("Authorization", "Bearer shop-key"), ("X-Branch", "branch-key")];
    let query = "orderNo=order-1&shopKey=shop-key";
    let incoming = Incoming { method: "GET", path: "/orders", query, headers: &headers, body: &[], now: None };
    let response = at_once(own_supplied::server::serve(&Shop::default(), &incoming));
    let body = String::from_utf8(response.body).expect("a text");
    assert!(body.contains("needs the header X-Partner: [redacted]"), "{body}");
}
