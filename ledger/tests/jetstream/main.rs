//! The store on a real server.

#[cfg(test)]
mod contract;
#[cfg(test)]
#[path = "../../../tests/support/nats_server.rs"]
mod nats_server;
#[cfg(test)]
mod place;
