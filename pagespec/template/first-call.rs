//! The first call: places an order, and prints the reply or the error.

use std::env;
use {{rust}}::shop::{Client, CreateOrder, ShopKey};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = ShopKey::from(env::var("SHOP_KEY").unwrap_or_else(|_| "test-key".into()));
    let mut client = Client::builder(key);
    // Without `SHOP_URL`, the client calls the default stage of `spec/shop/api.yaml`.
    if let Ok(url) = env::var("SHOP_URL") {
        client = client.base_url(url);
    }
    let shop = client.build()?;
    let order = CreateOrder::builder().order_no("order-1").amount(1_000).build()?;
    match shop.create_order(&order).await {
        Ok(reply) => println!("placed: {reply:?}"),
        Err(error) => println!("{error}"),
    }
    Ok(())
}
