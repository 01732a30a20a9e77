//! NICEPAY, with the answers in its manual.

use super::server::{Server, json};
use payment_apis::nicepay::{Client, GetPayment};

fn client(server: &Server) -> Client {
    Client::builder("test-access-token").base_url(server.url()).build().expect("the client can be built")
}

#[tokio::test]
async fn a_payment_is_read() {
    let server = Server::start(|_, _| {
        json(200, r#"{"resultCode":"0000","resultMsg":"OK","tid":"T-1","orderId":"O-1","amount":1004,"status":"paid"}"#)
    });
    let request = GetPayment::builder().tid("T-1").build().expect("the request is valid");
    let payment = client(&server).get_payment(&request).await.expect("a success");
    assert_eq!(payment.amount, Some(1004));
    let received = &server.requests()[0];
    assert_eq!(received.line, "GET /v1/payments/T-1");
    assert_eq!(received.header("authorization"), Some("Bearer test-access-token"));
}
