//! Vouchers and cash: a table of what is to be handed out, for whoever prints or pays it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::civil::Date;
use schemas::events::Channel;

use crate::bank::outgoing::{Batch, Outgoing, Rendered, Submission};
use crate::bank::reference;

/// One table.
pub fn file(of: &Submission<'_>, channel: Channel, days: BTreeMap<Date, Batch>) -> io::Result<Rendered> {
    let mut made = of.make()?;
    write!(made, "payment,reference,name,amount,usable_on\r\n")?;
    let mut batches = Vec::new();
    for mut batch in days.into_values() {
        batch.records.pour(&mut made)?;
        batches.push(batch);
    }
    let what = match channel {
        Channel::Cash => "cash.csv",
        Channel::Voucher | Channel::FasterPayments | Channel::Bacs => "vouchers.csv",
    };
    of.done(channel, of.name(what), made, batches)
}

/// One payment. A name is quoted, and one that a spreadsheet would take for a formula begins with an apostrophe.
pub fn row(payment: &Outgoing) -> String {
    let formula = payment.name.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let name = payment.name.replace('"', "\"\"").replace(['\r', '\n'], " ");
    let mark = if formula { "'" } else { "" };
    let Outgoing { payment: id, amount, due_on, .. } = payment;
    format!("{id},{},\"{mark}{name}\",{amount},{due_on}\r\n", reference(*id))
}
