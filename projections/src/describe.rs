//! What happened, in a line for people. The event itself says everything; this is for lists.

use schemas::events::{
    BankEvent, ClaimEvent, DebtEvent, DeterminationEvent, DisputeEvent, Event, IdentityEvent, IncomeEvent, PackEvent,
    Payee, PaymentEvent, PaymentInstructed, PersonEvent, RunEvent, SanctionEvent, SanctionImposed,
};

/// What happened, in one line. People and claims are called by the end of their id.
pub fn describe(event: &Event) -> String {
    match event {
        Event::Person(event) => person(event),
        Event::Income(event) => income(event),
        Event::Identity(event) => identity(event),
        Event::Sanction(event) => sanction(event),
        Event::Debt(event) => debt(event),
        Event::Payment(event) => payment(event),
        Event::Claim(event) => claim(event),
        Event::Determination(event) => determination(event),
        Event::Dispute(event) => dispute(event),
        Event::Run(event) => run(event),
        Event::Pack(PackEvent::PackPublished(pack)) => {
            format!("pack {} {} published, part {} of {}", pack.name, pack.version, pack.part, pack.parts)
        }
        Event::Bank(event) => bank(event),
    }
}

fn bank(event: &BankEvent) -> String {
    match event {
        BankEvent::BankFileRead(read) => format!("{} {} of a bank read, {} items", read.form, read.name, read.items),
        BankEvent::BankItemOpened(item) => {
            format!("line {} of a bank's file is open: {}", item.line, item.why.name().replace('_', " "))
        }
        BankEvent::BankItemClosed(closed) => match (&closed.payment, &closed.reason) {
            (Some(payment), _) => format!("item of a bank's file explained by payment {}", short(payment)),
            (None, reason) => format!("item of a bank's file explained: {}", reason.as_deref().unwrap_or_default()),
        },
    }
}

/// The end of an id: enough to tell a few things apart.
pub fn short(id: impl ToString) -> String {
    let id = id.to_string();
    let start = id.len().saturating_sub(6);
    format!("…{}", id.get(start..).unwrap_or(&id))
}

/// A fact as `key value`, the value as it is written in the event.
fn fact(fact: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(fact).unwrap_or_default();
    let part = |key: &str| value.get(key).map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_string));
    format!("{} {}", part("key").unwrap_or_default(), part("value").unwrap_or_default())
}

fn person(event: &PersonEvent) -> String {
    match event {
        PersonEvent::PersonRegistered(person) => format!("registered, born {}", person.birth_date),
        PersonEvent::PersonDied(died) => format!("died on {}", died.on),
        PersonEvent::PersonFactRecorded(recorded) => format!("fact recorded: {}", fact(&recorded.fact)),
        PersonEvent::PersonFactWithdrawn(withdrawn) => format!("fact withdrawn: {}", withdrawn.reason),
        PersonEvent::StatementRecorded(statement) => format!("own words recorded about {}", short(statement.about)),
        PersonEvent::PersonClaimed(claimed) => format!("is a claimant of claim {}", short(claimed.claim)),
        PersonEvent::PersonClaimEnded(ended) => format!("is no longer a claimant of claim {}", short(ended.claim)),
    }
}

fn income(event: &IncomeEvent) -> String {
    match event {
        IncomeEvent::EarningsReported(pay) => {
            format!("pay of {} reported, {} net, paid on {}", pay.gross, pay.net(), pay.paid_on)
        }
        IncomeEvent::IncomeReceived(income) => {
            format!("{} of {} received on {}", income.kind, income.amount, income.on)
        }
        IncomeEvent::OutflowReported(outflow) => {
            format!("{} of {} due on {}", outflow.kind, outflow.amount, outflow.on)
        }
    }
}

fn identity(event: &IdentityEvent) -> String {
    match event {
        IdentityEvent::IdentityLinked(linked) => format!("linked with {}: {}", short(linked.other), linked.reason),
        IdentityEvent::IdentityUnlinked(unlinked) => {
            format!("link with {} undone: {}", short(unlinked.other), unlinked.reason)
        }
        IdentityEvent::IdentityMerged(merged) => format!("record {} merged in: {}", short(merged.from), merged.reason),
        IdentityEvent::IdentityUnmerged(unmerged) => {
            format!("merger of {} undone: {}", short(unmerged.from), unmerged.reason)
        }
        IdentityEvent::RepresentativeGranted(granted) => format!("representative granted: {}", granted.scope),
        IdentityEvent::RepresentativeRevoked(_) => "representative revoked".into(),
    }
}

fn sanction(event: &SanctionEvent) -> String {
    match event {
        SanctionEvent::SanctionImposed(imposed) => {
            let SanctionImposed { level, days, from, authority, .. } = imposed;
            if imposed.until_compliance {
                format!("{level} sanction from {from} until compliance and {days} days more ({authority})")
            } else {
                format!("{level} sanction of {days} days from {from} ({authority})")
            }
        }
        SanctionEvent::SanctionComplied(complied) => {
            format!("complied on {}: the sanction lasts {} days", complied.on, complied.days)
        }
        SanctionEvent::SanctionEnded(ended) => format!("sanction ended on {}: {}", ended.on, ended.reason),
        SanctionEvent::SanctionCancelled(cancelled) => format!("sanction cancelled ({})", cancelled.authority),
        SanctionEvent::HardshipAwarded(awarded) => {
            format!(
                "hardship payment of {} a day awarded for {} days from {}",
                awarded.per_day, awarded.days, awarded.from
            )
        }
    }
}

fn debt(event: &DebtEvent) -> String {
    match event {
        DebtEvent::DebtRegistered(debt) => format!("{} debt of {} registered", debt.kind, debt.amount),
        DebtEvent::DebtDeductionSet(set) => format!("deduction set to {} a period", set.per_period),
        DebtEvent::DebtWaived(waived) => format!("{} of a debt waived: {}", waived.amount, waived.reason),
        DebtEvent::DebtWrittenOff(written_off) => {
            format!("{} of a debt written off: {}", written_off.amount, written_off.reason)
        }
        DebtEvent::DebtRepaid(repaid) => format!("{} of a debt paid back on {}", repaid.amount, repaid.on),
        DebtEvent::DebtPlanAgreed(plan) => {
            format!("a debt is paid back in instalments of {}, {}, from {}", plan.per_instalment, plan.every, plan.from)
        }
        DebtEvent::DebtCreditorRecorded(_) => "the creditor of a debt recorded".into(),
        DebtEvent::DebtRecoveryDecided(decided) => format!(
            "{} overpaid for {}, of which {} is recovered: {} ({})",
            decided.overpaid, decided.period, decided.recoverable, decided.reason, decided.ground
        ),
    }
}

fn payment(event: &PaymentEvent) -> String {
    match event {
        PaymentEvent::PaymentInstructed(payment) => {
            let to = match payment.payee {
                Payee::Person(person) => short(person),
                Payee::Landlord => "the landlord".into(),
                Payee::Creditor(debt) => format!("the creditor of {}", short(debt)),
            };
            let PaymentInstructed { payment, kind, amount, due_on, for_days, because, .. } = payment;
            let why = because.zip(*for_days).map(|(because, days)| {
                format!(", for {} to {} because of {}", days.first(), days.last(), because.name().replace('_', " "))
            });
            let why = why.unwrap_or_default();
            format!("payment {} instructed: {kind} of {amount} to {to}, due {due_on}{why}", short(*payment))
        }
        PaymentEvent::PaymentReleased(released) => {
            format!("payment {} released in run {}", short(released.payment), short(released.run))
        }
        PaymentEvent::PaymentAccepted(accepted) => format!("payment {} accepted by the bank", short(accepted.payment)),
        PaymentEvent::PaymentSettled(settled) => {
            format!("payment {} usable on {}", short(settled.payment), settled.usable_on)
        }
        PaymentEvent::PaymentReturned(returned) => {
            format!("payment {} came back on {}, code {}", short(returned.payment), returned.on, returned.code)
        }
        PaymentEvent::PaymentReissued(reissued) => {
            format!("payment {} sent again, due {}", short(reissued.payment), reissued.due_on)
        }
        PaymentEvent::PaymentCancelled(cancelled) => {
            format!("payment {} cancelled: {}", short(cancelled.payment), cancelled.reason)
        }
        PaymentEvent::TopUpRecovered(kept) => {
            let (days, period) = (kept.days, kept.period);
            format!(
                "{} kept back of what was owed for {period}: top-up {} was paid for {} to {}",
                kept.amount,
                short(kept.top_up),
                days.first(),
                days.last()
            )
        }
        PaymentEvent::PaymentSuspended(suspended) => {
            format!("payments suspended: {}; review {}", suspended.ground, suspended.review_on)
        }
        PaymentEvent::PaymentResumed(resumed) => format!("payments resumed: {}", resumed.reason),
    }
}

fn claim(event: &ClaimEvent) -> String {
    match event {
        ClaimEvent::ClaimMade(made) => {
            let claimants: Vec<String> = made.claimants.iter().map(short).collect();
            format!("claim to {} made by {}", made.benefit, claimants.join(" and "))
        }
        ClaimEvent::ClaimJoined(joined) => format!("{} joined as {}", short(joined.person), joined.role),
        ClaimEvent::ClaimLeft(left) => format!("{} left", short(left.person)),
        ClaimEvent::ClaimWithdrawn(withdrawn) => format!("claim withdrawn: {}", withdrawn.reason),
        ClaimEvent::ClaimClosed(closed) => format!("claim closed: {}", closed.reason),
        ClaimEvent::ClaimReopened(reopened) => format!("claim reopened: {}", reopened.reason),
        ClaimEvent::ClaimRedated(redated) => format!("first day of entitlement moved: {}", redated.reason),
        ClaimEvent::ClaimFactRecorded(recorded) => format!("fact recorded: {}", fact(&recorded.fact)),
        ClaimEvent::ClaimFactWithdrawn(withdrawn) => format!("fact withdrawn: {}", withdrawn.reason),
    }
}

fn determination(event: &DeterminationEvent) -> String {
    let (how, ground, decision) = match event {
        DeterminationEvent::AssessmentDetermined(event) => ("decided", None, &event.decision),
        DeterminationEvent::DeterminationRevised(event) => ("revised", Some(&event.ground), &event.decision),
        DeterminationEvent::DeterminationSuperseded(event) => ("superseded", Some(&event.ground), &event.decision),
        DeterminationEvent::DeterminationCorrected(event) => ("corrected", Some(&event.ground), &event.decision),
    };
    let ground = ground.map(|ground| format!(" ({ground})")).unwrap_or_default();
    format!("{} {how}{ground}: award {}, to be paid {}", decision.period, decision.award, decision.payment)
}

fn dispute(event: &DisputeEvent) -> String {
    match event {
        DisputeEvent::ReconsiderationRequested(asked) => {
            format!("reconsideration of {} requested", short(asked.decision))
        }
        DisputeEvent::ReconsiderationDecided(decided) => {
            let outcome = if decided.changed { "the decision changes" } else { "the decision stands" };
            format!("reconsidered: {outcome}")
        }
        DisputeEvent::AppealLodged(lodged) => format!("appeal lodged against {}", short(lodged.decision)),
        DisputeEvent::AppealResponded(responded) => format!("response sent to the tribunal on {}", responded.on),
        DisputeEvent::AppealDecided(decided) => {
            format!("appeal {}", if decided.allowed { "allowed" } else { "dismissed" })
        }
        DisputeEvent::AppealLapsed(_) => "appeal lapsed".into(),
        DisputeEvent::AppealWithdrawn(_) => "appeal withdrawn".into(),
    }
}

fn run(event: &RunEvent) -> String {
    match event {
        RunEvent::RunPlanned(planned) => {
            format!("run planned: {} payments, {} in all", planned.payments, planned.total)
        }
        RunEvent::RunApproved(_) => "run approved".into(),
        RunEvent::RunReleased(_) => "run released".into(),
        RunEvent::RunFiled(_) => "files of the run made after it had left".into(),
        RunEvent::RunFilesPlaced(_) => "files of the run written".into(),
        RunEvent::RunApprovalsAsked(asked) => format!("asked that every list need {} approvals", asked.approvals),
        RunEvent::RunAbandoned(abandoned) => format!("run abandoned: {}", abandoned.reason),
    }
}
