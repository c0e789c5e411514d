//! The store on a real server: what every store must do, and a test for each fact of DESIGN section 2.

#[cfg(test)]
mod cluster;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod load;
#[cfg(test)]
#[path = "../../../tests/support/nats_cluster.rs"]
mod nats_cluster;
#[cfg(test)]
#[path = "../../../tests/support/nats_server.rs"]
mod nats_server;
#[cfg(test)]
mod place;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod set_up;
#[cfg(test)]
mod writers;
