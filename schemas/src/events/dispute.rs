//! Reconsideration and appeal of a decision.

use jiff::civil::Date;

use super::claim::ClaimFact;
use super::person::payloads;
use super::terms::Sealed;
use crate::EventId;

payloads! {
    /// A decision was asked to be looked at again.
    ReconsiderationRequested {
        /// Which decision.
        decision: EventId,
        /// Why.
        grounds: Sealed,
    }

    /// A decision was looked at again.
    ReconsiderationDecided {
        /// The request.
        request: EventId,
        /// Whether the decision was changed; the change is an event of its own.
        changed: bool,
        /// Why.
        reasons: Sealed,
    }

    /// An appeal was lodged.
    AppealLodged {
        /// Against which decision.
        decision: EventId,
        /// The tribunal's reference.
        tribunal_reference: Sealed,
    }

    /// The response was sent to the tribunal.
    AppealResponded {
        /// Which appeal.
        appeal: EventId,
        /// When it was sent.
        on: Date,
    }

    /// The tribunal decided.
    AppealDecided {
        /// Which appeal.
        appeal: EventId,
        /// Whether it was allowed.
        allowed: bool,
        /// Facts the tribunal put in the place of ours.
        findings: Vec<ClaimFact>,
        /// Its reasons.
        reasons: Sealed,
    }

    /// The decision was changed in the person's favour before the hearing.
    AppealLapsed {
        /// Which appeal.
        appeal: EventId,
    }

    /// The person took the appeal back.
    AppealWithdrawn {
        /// Which appeal.
        appeal: EventId,
    }
}
