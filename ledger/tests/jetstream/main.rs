//! The store on a real server: what every store must do, and a test for each fact of DESIGN section 2.
//!
//! | fact | tests |
//! | --- | --- |
//! | acknowledged writes die in a power cut | `faults::a_batch_that_never_reached_the_server...`, `faults::a_server_killed_under_load...`, `kills`, `cluster` |
//! | one command, one atomic batch | `faults::a_server_killed_under_load...tears_none`, `contract` (large batches) |
//! | old servers ignore what they do not know | `set_up::a_server_that_would_ignore...`, `set_up::a_server_that_was_replaced_by_an_old_one...`, `set_up::a_stream_that_an_administrator_set_up_otherwise...`, `set_up::...while_it_is_used...` |
//! | a retry of one's own write is refused | `faults::a_lost_acknowledgement_is_a_success...` (with the refusals 10071 and 10201) |
//! | the same id with other content is dropped in silence | `faults::the_same_name_with_other_content...` |
//! | what an administrator may still do; calls that hang | `set_up::nobody_deletes_a_message...`, `set_up::a_stream_that_was_deleted...`, `faults::a_server_that_says_nothing...` |
//! | a damaged block makes readers skip | `reading::a_flipped_bit...`, `reading::an_end_that_the_server_lost...`, `reading::a_block_that_was_cut_off...` |
//! | reading without acknowledgements, from a checkpoint | `reading::a_stream_is_read_page_by_page...`, `reading::an_index_that_is_gone...` |
//! | a batch whose place was taken is never moved | `faults::a_batch_whose_place_was_taken...`, `faults::a_batch_that_never_can_be_stored...` |

#[cfg(test)]
mod cluster;
#[cfg(test)]
mod commands;
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
#[path = "../../../tests/support/port.rs"]
mod port;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod set_up;
#[cfg(test)]
mod writers;
