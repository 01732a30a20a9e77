//! What the example programs share: the shop's database with its outbox, and the file of orders of the programs without
//! a database.

pub mod order_book;
pub mod store;
