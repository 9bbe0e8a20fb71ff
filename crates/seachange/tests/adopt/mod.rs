//! Projects that were made by hand-written migrations: what their entities do not contradict is no
//! change.

mod entities;
mod found;
mod generated;
mod kinds;
mod reads;
mod shapes;
