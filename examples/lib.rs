//! What the example programs share: the requests, the shop's database with its outbox, and the file of orders of
//! the programs without a database.

pub mod order_book;
pub mod requests;
pub mod store;
