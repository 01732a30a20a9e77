use toss_sdk::pay::CreatePayment;

fn main() {
    let _ = CreatePayment::builder()
        .order_no("order-1")
        .product_desc("Wool coat")
        .ret_url("https://shop.example/done")
        .ret_cancel_url("https://shop.example/cancel")
        .amount_tax_free(0)
        .build();
}
