//! The store on a real server: what every store must do, and a test for each fact of DESIGN section 2.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod credentials;
#[cfg(test)]
#[path = "../../../tests/support/deployed.rs"]
mod deploy;
#[cfg(test)]
mod deployed;
#[cfg(test)]
mod faults;
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
