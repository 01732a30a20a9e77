//! Code that the example programs share: requests, the shop's database with its outbox, and an order file for programs
//! without a database.

pub mod order_book;
pub mod requests;
pub mod store;
