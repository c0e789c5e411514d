//! What the ledger knows of the subjects a decision rests on: one history for each, folded from its events.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use schemas::day::london_day;
use schemas::envelope::Envelope;
use schemas::events::Event;
use schemas::{BankFileId, ClaimId, PersonId, RunId, Subject};

use crate::approvals::Approvals;
use crate::assessment::Assessments;
use crate::bank::BankFile;
use crate::claim::Claim;
use crate::command::Command;
use crate::debt::Debts;
use crate::dispute::Disputes;
use crate::identity::Identity;
use crate::order::Order;
use crate::pack::Pack;
use crate::payment::Payments;
use crate::person::Person;
use crate::run::Run;
use crate::sanction::Sanctions;
use crate::{assessment, bank, claim, debt, dispute, identity, income, pack, payment, person, run, sanction};

/// Everything that stands on a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonHistory {
    /// Being known, facts, claims.
    pub person: Person,
    /// Links, mergers, representatives.
    pub identity: Identity,
    /// Sanctions and hardship payments.
    pub sanctions: Sanctions,
    /// Debts.
    pub debts: Debts,
    /// Payments.
    pub payments: Payments,
}

/// Everything that stands on a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimHistory {
    /// Members and facts.
    pub claim: Claim,
    /// What was decided for each period.
    pub assessments: Assessments,
    /// Reconsiderations and appeals.
    pub disputes: Disputes,
}

/// What is known of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum History {
    /// A person.
    Person(Box<PersonHistory>),
    /// A claim.
    Claim(Box<ClaimHistory>),
    /// A payment run.
    Run(Run),
    /// A pack.
    Pack(Pack),
    /// A file of a bank.
    Bank(BankFile),
}

impl History {
    /// Nothing yet.
    pub fn of(subject: &Subject) -> History {
        match subject {
            Subject::Person(_) => History::Person(Box::default()),
            Subject::Claim(_) => History::Claim(Box::default()),
            Subject::Run(_) => History::Run(Run::default()),
            Subject::Pack(_) => History::Pack(Pack::default()),
            Subject::Bank(_) => History::Bank(BankFile::default()),
        }
    }

    /// Adds one event. History is not refused: an event that does not belong here changes nothing.
    #[must_use]
    pub fn evolve(self, envelope: &Envelope) -> History {
        match self {
            History::Person(history) => History::Person(Box::new(evolve_person(*history, envelope))),
            History::Claim(history) => History::Claim(Box::new(evolve_claim(*history, envelope))),
            History::Run(state) => match &envelope.event {
                Event::Run(event) => History::Run(run::evolve(state, event, &envelope.actor)),
                Event::Person(_)
                | Event::Income(_)
                | Event::Identity(_)
                | Event::Sanction(_)
                | Event::Debt(_)
                | Event::Payment(_)
                | Event::Claim(_)
                | Event::Determination(_)
                | Event::Dispute(_)
                | Event::Pack(_)
                | Event::Bank(_) => History::Run(state),
            },
            History::Pack(state) => match &envelope.event {
                Event::Pack(event) => History::Pack(pack::evolve(state, event)),
                Event::Person(_)
                | Event::Income(_)
                | Event::Identity(_)
                | Event::Sanction(_)
                | Event::Debt(_)
                | Event::Payment(_)
                | Event::Claim(_)
                | Event::Determination(_)
                | Event::Dispute(_)
                | Event::Run(_)
                | Event::Bank(_) => History::Pack(state),
            },
            History::Bank(state) => match &envelope.event {
                Event::Bank(event) => History::Bank(bank::evolve(state, event)),
                Event::Person(_)
                | Event::Income(_)
                | Event::Identity(_)
                | Event::Sanction(_)
                | Event::Debt(_)
                | Event::Payment(_)
                | Event::Claim(_)
                | Event::Determination(_)
                | Event::Dispute(_)
                | Event::Run(_)
                | Event::Pack(_) => History::Bank(state),
            },
        }
    }
}

fn evolve_person(history: PersonHistory, envelope: &Envelope) -> PersonHistory {
    match &envelope.event {
        Event::Person(event) => PersonHistory { person: person::evolve(history.person, event, envelope.id), ..history },
        Event::Identity(event) => {
            PersonHistory { identity: identity::evolve(history.identity, event, envelope.id), ..history }
        }
        Event::Sanction(event) => PersonHistory {
            sanctions: sanction::evolve(history.sanctions, event, envelope.id),
            debts: debt::evolve_hardship(history.debts, event, envelope.id),
            ..history
        },
        Event::Debt(event) => PersonHistory { debts: debt::evolve(history.debts, event, envelope.id), ..history },
        Event::Payment(event) => {
            PersonHistory { payments: payment::evolve(history.payments, event, envelope), ..history }
        }
        Event::Income(_)
        | Event::Claim(_)
        | Event::Determination(_)
        | Event::Dispute(_)
        | Event::Run(_)
        | Event::Pack(_)
        | Event::Bank(_) => history,
    }
}

fn evolve_claim(history: ClaimHistory, envelope: &Envelope) -> ClaimHistory {
    match &envelope.event {
        Event::Claim(event) => ClaimHistory { claim: claim::evolve(history.claim, event, envelope), ..history },
        Event::Determination(event) => {
            ClaimHistory { assessments: assessment::evolve(history.assessments, event, envelope.id), ..history }
        }
        Event::Dispute(event) => {
            ClaimHistory { disputes: dispute::evolve(history.disputes, event, envelope.id), ..history }
        }
        Event::Person(_)
        | Event::Income(_)
        | Event::Identity(_)
        | Event::Sanction(_)
        | Event::Debt(_)
        | Event::Payment(_)
        | Event::Run(_)
        | Event::Pack(_)
        | Event::Bank(_) => history,
    }
}

/// The histories at hand.
#[derive(Clone, Debug, Default)]
pub struct World {
    histories: HashMap<Subject, History>,
}

impl World {
    /// The history of a subject, if it is at hand.
    pub fn get(&self, subject: &Subject) -> Option<&History> {
        self.histories.get(subject)
    }

    /// Puts a history in the place of the one at hand.
    pub fn put(&mut self, subject: Subject, history: History) {
        self.histories.insert(subject, history);
    }

    /// Takes a history out.
    pub fn take(&mut self, subject: &Subject) -> Option<History> {
        self.histories.remove(subject)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.histories.clear();
    }

    /// How many histories are at hand.
    pub fn len(&self) -> usize {
        self.histories.len()
    }

    /// Whether none is at hand.
    pub fn is_empty(&self) -> bool {
        self.histories.is_empty()
    }

    /// Adds one event to the history of its subject.
    pub fn evolve(&mut self, envelope: &Envelope) {
        let history = self.take(&envelope.subject).unwrap_or_else(|| History::of(&envelope.subject));
        self.put(envelope.subject.clone(), history.evolve(envelope));
    }

    /// A person; one of whom nothing is known when no history is at hand.
    pub fn person(&self, id: PersonId) -> &PersonHistory {
        static NOBODY: LazyLock<PersonHistory> = LazyLock::new(PersonHistory::default);
        match self.get(&Subject::Person(id)) {
            Some(History::Person(history)) => history,
            Some(History::Claim(_) | History::Run(_) | History::Pack(_) | History::Bank(_)) | None => &NOBODY,
        }
    }

    /// A claim; one never made when no history is at hand.
    pub fn claim(&self, id: ClaimId) -> &ClaimHistory {
        static NEVER_MADE: LazyLock<ClaimHistory> = LazyLock::new(ClaimHistory::default);
        match self.get(&Subject::Claim(id)) {
            Some(History::Claim(history)) => history,
            Some(History::Person(_) | History::Run(_) | History::Pack(_) | History::Bank(_)) | None => &NEVER_MADE,
        }
    }

    /// A run; one never planned when no history is at hand.
    pub fn run(&self, id: RunId) -> &Run {
        match self.get(&Subject::Run(id)) {
            Some(History::Run(run)) => run,
            Some(History::Person(_) | History::Claim(_) | History::Pack(_) | History::Bank(_)) | None => {
                &Run::NotPlanned
            }
        }
    }

    /// How many people have to approve every list.
    pub fn approvals(&self) -> &Approvals {
        static ONE: LazyLock<Approvals> = LazyLock::new(Approvals::default);
        match self.run(RunId::EVERY) {
            Run::Every(approvals) => approvals,
            Run::NotPlanned | Run::Planned(_) | Run::Approved { .. } | Run::Released { .. } | Run::Abandoned => &ONE,
        }
    }

    /// A pack; one without a version when no history is at hand.
    pub fn pack(&self, name: &str) -> &Pack {
        static UNPUBLISHED: LazyLock<Pack> = LazyLock::new(Pack::default);
        match self.get(&Subject::Pack(name.into())) {
            Some(History::Pack(pack)) => pack,
            Some(History::Person(_) | History::Claim(_) | History::Run(_) | History::Bank(_)) | None => &UNPUBLISHED,
        }
    }

    /// A file of a bank; one never read when no history is at hand.
    pub fn bank_file(&self, id: BankFileId) -> &BankFile {
        static UNREAD: LazyLock<BankFile> = LazyLock::new(BankFile::default);
        match self.get(&Subject::Bank(id)) {
            Some(History::Bank(file)) => file,
            Some(History::Person(_) | History::Claim(_) | History::Run(_) | History::Pack(_)) | None => &UNREAD,
        }
    }
}

/// The subjects that an order's decision rests on, as far as what is at hand tells: ask again once they are loaded,
/// until nothing new is named.
pub fn rests_on(world: &World, order: &Order) -> Vec<Subject> {
    let mut subjects = vec![order.subject()];
    match order {
        Order::Identity(order) => subjects.extend(identity::others(order).map(Subject::Person)),
        Order::Payment(order) => subjects.extend(payment::rests_on(world, order)),
        Order::Debt(order) => subjects.extend(debt::rests_on(world, order)),
        Order::Claim(order) => {
            subjects.extend(claim::rests_on(world, order).into_iter().map(Subject::Person));
            subjects.extend(claim::follows(order).map(Subject::Claim));
        }
        Order::Dispute(order) => subjects.extend(dispute::rests_on(world, order).into_iter().map(Subject::Person)),
        Order::Sanction(order) => subjects.extend(sanction::rests_on(world, order).into_iter().map(Subject::Claim)),
        Order::Bank(order) => subjects.extend(bank::rests_on(order).map(Subject::Person)),
        Order::Run(_) => subjects.push(Subject::Run(RunId::EVERY)),
        Order::Person(_) | Order::Income(_) | Order::Determination(_) | Order::Pack(_) => {}
    }
    subjects
}

/// Says what happened, and on which subjects, or why nothing may. `head` is the last sequence there is.
///
/// # Errors
/// [`Refusal`]: the rule that forbids it.
pub fn decide(world: &World, command: &Command, head: u64) -> Result<Vec<(Subject, Event)>, Refusal> {
    let subject = command.order.subject();
    let on_subject = |event: Event| vec![(subject.clone(), event)];
    Ok(match &command.order {
        Order::Person(order) => on_subject(person::decide(world, command, order)?),
        Order::Income(order) => on_subject(income::decide(world, command, order)?),
        Order::Identity(order) => on_subject(identity::decide(world, order)?),
        Order::Sanction(order) => on_subject(sanction::decide(world, command, order)?),
        Order::Debt(order) => on_subject(debt::decide(world, command, order)?),
        Order::Payment(order) => on_subject(payment::decide(world, command, order)?),
        Order::Claim(order) => claim::decide(world, command, order)?,
        Order::Determination(order) => on_subject(assessment::decide(world, order, head)?),
        Order::Dispute(order) => on_subject(dispute::decide(world, order)?),
        Order::Run(order) => on_subject(run::decide(world, order, &command.actor)?),
        Order::Bank(order) => on_subject(bank::decide(world, order)?),
        Order::Pack(order) => pack::decide(world, order)?.into_iter().map(|event| (subject.clone(), event)).collect(),
    })
}

/// The day on which a command is recorded, in London.
pub(crate) fn recorded_day(command: &Command) -> Date {
    london_day(command.time)
}

/// Why an order may not be carried out: the rule, with the values it is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub enum Refusal {
    /// About a person.
    Person(#[from] person::Refusal),
    /// About money from elsewhere.
    Income(#[from] income::Refusal),
    /// About who is who.
    Identity(#[from] identity::Refusal),
    /// About a sanction.
    Sanction(#[from] sanction::Refusal),
    /// About a debt.
    Debt(#[from] debt::Refusal),
    /// About a payment.
    Payment(#[from] payment::Refusal),
    /// About a claim.
    Claim(#[from] claim::Refusal),
    /// About a determination.
    Determination(#[from] assessment::Refusal),
    /// About a reconsideration or an appeal.
    Dispute(#[from] dispute::Refusal),
    /// About a run.
    Run(#[from] run::Refusal),
    /// About a pack.
    Pack(#[from] pack::Refusal),
    /// About a bank's file.
    Bank(#[from] bank::Refusal),
}
