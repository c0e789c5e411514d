//! The life of a payment, and of a payment run.

use jiff::civil::Date;

use super::person::payloads;
use super::terms::{Channel, Days, GapCause, Payee, PayeeLine, PaymentKind, Sealed};
use crate::{Amount, AssessmentPeriod, ClaimId, Digest, EventId, PaymentId, PersonId, RunId};

payloads! {
    /// A payment was ordered. It stands on the person entitled; its payee may be another.
    PaymentInstructed {
        /// Names it: derived from claim or person, entitled person, payee, period, kind, instalment and cause.
        payment: PaymentId,
        /// Why it is made.
        kind: PaymentKind,
        /// Who receives it.
        payee: Payee,
        /// Whose account it goes into: more than one for a joint account; none for a third party.
        account_holders: Vec<PersonId>,
        /// What it consists of; never empty, adding up to `amount`.
        lines: Vec<PayeeLine>,
        /// How much.
        amount: Amount,
        /// The day it should be usable.
        due_on: Date,
        /// When the next of its series is due, as scheduled now: fixes how long the money has to last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_due: Option<Date>,
        /// The series it belongs to; none for one-off money.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        series: Option<String>,
        /// How it travels.
        channel: Channel,
        /// The claim it is paid under.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claim: Option<ClaimId>,
        /// The period it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        period: Option<AssessmentPeriod>,
        /// Which part of what is due for the period: 1 unless it is paid in parts; 0 stands in for the first wait.
        instalment: u16,
        /// For arrears and top-ups: the days it pays for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        for_days: Option<Days>,
        /// The determination or event that caused it.
        cause: EventId,
        /// The account it goes into, as recorded when it was instructed; none for a voucher or cash, or where none was known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<Sealed>,
        /// The day it would be due, where a weekend or a bank holiday moved it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nominal_on: Option<Date>,
        /// For top-ups: why the gap opens, as far as it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<GapCause>,
    }

    /// A payment left in a file.
    PaymentReleased {
        /// Which.
        payment: PaymentId,
        /// In which run.
        run: RunId,
        /// SHA-256 of the payment file or, without a file, of the run's listing.
        file: Digest,
    }

    /// The bank took the instruction.
    PaymentAccepted {
        /// Which.
        payment: PaymentId,
    }

    /// The money was usable.
    PaymentSettled {
        /// Which.
        payment: PaymentId,
        /// From which day.
        usable_on: Date,
    }

    /// The money came back.
    PaymentReturned {
        /// Which.
        payment: PaymentId,
        /// The bank's code.
        code: String,
        /// The day the failure was known.
        on: Date,
    }

    /// A returned payment was sent again.
    PaymentReissued {
        /// Which.
        payment: PaymentId,
        /// The day it should be usable now.
        due_on: Date,
        /// How it travels now.
        channel: Channel,
        /// The account it goes into now; none where that did not change.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<Sealed>,
        /// Whose account that is; empty where it did not change.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        account_holders: Vec<PersonId>,
    }

    /// A payment not yet released was called off.
    PaymentCancelled {
        /// Which.
        payment: PaymentId,
        /// Why.
        reason: String,
    }

    /// Part of what a person was owed late was kept back, because a top-up had been paid to them for the same days. It
    /// stands on the person entitled to what was owed.
    TopUpRecovered {
        /// Which top-up.
        top_up: PaymentId,
        /// Whom that was paid for: the person, or a child who lives off them.
        for_whom: PersonId,
        /// Of which of its days; what falls to them of its amount is the most that may be kept back.
        days: Days,
        /// The claim whose award was owed.
        claim: ClaimId,
        /// The period whose award was owed.
        period: AssessmentPeriod,
        /// Who would have received it, and received the top-up.
        payee: Payee,
        /// Of which lines of the award; adding up to `amount`.
        lines: Vec<PayeeLine>,
        /// How much was kept back.
        amount: Amount,
        /// The determination that gives what was owed.
        cause: EventId,
    }

    /// Payments to a person were held back.
    PaymentSuspended {
        /// On what ground.
        ground: String,
        /// When that is looked at again.
        review_on: Date,
    }

    /// Payments to a person flow again.
    PaymentResumed {
        /// Why.
        reason: String,
    }

    /// A list of payments was proposed.
    RunPlanned {
        /// Names the run.
        run: RunId,
        /// The day it is for.
        day: Date,
        /// SHA-256 of the listing: what is approved is exactly this.
        digest: Digest,
        /// How many payments.
        payments: u32,
        /// Their sum.
        total: Amount,
        /// How many different people have to approve it.
        approvals: u8,
    }

    /// A list was approved, by its digest.
    RunApproved {
        /// Which run.
        run: RunId,
        /// What was approved.
        digest: Digest,
    }

    /// A list that was proposed will not be carried out.
    RunAbandoned {
        /// Which run.
        run: RunId,
        /// Why.
        reason: String,
    }

    /// Every payment of a run left.
    RunReleased {
        /// Which run.
        run: RunId,
        /// SHA-256 of the file.
        file: Digest,
    }

    /// The files of a run that had left without any were fixed, before they appeared.
    RunFiled {
        /// Which run.
        run: RunId,
        /// SHA-256 of their manifest.
        file: Digest,
    }

    /// The files of a run appeared where somebody asked for them: from there they may be sent to a bank.
    RunFilesPlaced {
        /// Which run.
        run: RunId,
        /// SHA-256 of their manifest.
        file: Digest,
    }

    /// Somebody asked that every list be approved by so many people. It is so once as many people ask for the same as the
    /// greater number, the old or the new, has.
    RunApprovalsAsked {
        /// How many different people.
        approvals: u8,
    }
}
