//! Code that several example programs use: requests, the shop's database with its outbox, and a file of orders for
//! programs without a database.

pub mod order_book;
pub mod requests;
pub mod store;
