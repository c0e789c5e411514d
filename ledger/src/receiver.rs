//! Who may receive a payment, and whose money it becomes.

use std::collections::BTreeSet;

use schemas::events::{Payee, PaymentKind, Sealed};
use schemas::{ClaimId, PersonId};

use crate::payment::Refusal;
use crate::world::World;

/// Nothing that is owed is sent to the dead, whose account is frozen or will be.
pub(crate) fn may_receive(world: &World, person: PersonId, payee: Payee, kind: PaymentKind) -> Result<(), Refusal> {
    let receives = match payee {
        Payee::Person(payee) => payee,
        Payee::Landlord | Payee::Creditor(_) => return Ok(()),
    };
    let owed = match kind {
        PaymentKind::Award | PaymentKind::Arrears | PaymentKind::Advance | PaymentKind::Hardship => true,
        PaymentKind::TopUp | PaymentKind::CrisisGrant | PaymentKind::ThirdParty => false,
    };
    let unrepresented = |who: &PersonId| world.person(*who).identity.grants.is_empty();
    for who in [person, receives].iter().filter(|who| owed && unrepresented(who)) {
        if let Some(on) = world.person(*who).person.died {
            return Err(Refusal::Died { person: *who, on });
        }
    }
    Ok(())
}

/// Whose money it becomes. It goes into an account that was recorded for whoever receives it, and is its holders'; or into
/// none, and is handed to the payee in person. An order may name them, and not others; a third party is nobody here.
pub(crate) fn holders(
    world: &World,
    person: PersonId,
    payee: Payee,
    claim: Option<ClaimId>,
    account: Option<&Sealed>,
    named: &[PersonId],
) -> Result<Vec<PersonId>, Refusal> {
    let recorded = |is_recorded: bool| if is_recorded { Ok(Vec::new()) } else { Err(Refusal::AccountNotRecorded) };
    let holders = match (payee, account) {
        (Payee::Person(payee), Some(account)) => {
            let known = world.person(payee).person.accounts.get(account).ok_or(Refusal::AccountNotRecorded)?;
            if known.is_empty() { vec![payee] } else { known.clone() }
        }
        (Payee::Person(payee), None) => vec![payee],
        (Payee::Landlord, Some(account)) => {
            recorded(claim.is_some_and(|claim| world.claim(claim).claim.landlord_accounts.contains(account)))?
        }
        (Payee::Creditor(debt), Some(account)) => {
            recorded(world.person(person).debts.creditor_accounts.contains(&(debt, account.clone())))?
        }
        (Payee::Landlord | Payee::Creditor(_), None) => Vec::new(),
    };
    let all = |people: &[PersonId]| people.iter().copied().collect::<BTreeSet<PersonId>>();
    if named.is_empty() || all(named) == all(&holders) { Ok(holders) } else { Err(Refusal::OtherHolders { holders }) }
}
