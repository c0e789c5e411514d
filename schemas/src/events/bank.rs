//! What banks' files say, and what of it no payment explains.

use jiff::civil::Date;

use super::person::payloads;
use super::terms::{BankAbout, BankClosing, BankForm, BankNews, BankOpen, BankSide, Sealed};
use crate::{Amount, BankFileId, BankItemId, Digest, PaymentId};

payloads! {
    /// A file was read to its end and all of it taken in: what it says of payments stands on them, what is open before this.
    BankFileRead {
        /// Names the file, by its digest.
        file: BankFileId,
        /// SHA-256 of its bytes.
        digest: Digest,
        /// What it is.
        form: BankForm,
        /// Its name, without its folder.
        name: String,
        /// What the bank calls the message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// The first day that it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Date>,
        /// The last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Date>,
        /// How many things it says.
        items: u32,
        /// What they come to, whichever way the money went, as far as amounts are given.
        total: Amount,
    }

    /// Something that a file says could not be matched to a payment.
    BankItemOpened {
        /// Names it.
        item: BankItemId,
        /// The line of the file on which it begins.
        line: u32,
        /// Why it could not be matched.
        why: BankOpen,
        /// What is spoken of.
        about: BankAbout,
        /// What the bank says happened.
        news: BankNews,
        /// On which side of our account it was booked; none where the file does not book, but reports.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        side: Option<BankSide>,
        /// When.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<Date>,
        /// How much.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Amount>,
        /// The bank's code, of what came back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// The ids and references that the bank gives: they may name a person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<Sealed>,
        /// The payment that it names, where it names one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payment: Option<PaymentId>,
    }

    /// An open item was explained.
    BankItemClosed {
        /// Which.
        item: BankItemId,
        /// How.
        by: BankClosing,
        /// The payment that it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payment: Option<PaymentId>,
        /// In words: what explains it, or explains a difference to the payment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    }
}
