//! The walk over everybody, beside the diary: what an evening asks of those whom it looks at is what it would ask of all.

use jiff::civil::Date;
use ops::rules::RuleSet;
use projections::arrears;
use projections::award_end;
use projections::daily;
use projections::diary::Diary;
use projections::floor::file::Mode;
use projections::payments::Horizon;
use projections::plan::{Promise, plan};
use projections::redecide;
use projections::views::MemoryViews;
use schemas::Recorded;

/// A world of one's own, and the diary of it.
#[derive(Default)]
pub struct Walked {
    world: MemoryViews,
    diary: Diary,
}

impl Walked {
    /// Takes the next event.
    pub fn take(&mut self, event: &Recorded) {
        self.world.apply(event);
        self.diary.note(event, &self.world);
    }

    /// Turns to the evening of a day and asks both everything that evenings ask.
    ///
    /// # Errors
    /// What the diary does not look at, or sees otherwise.
    pub fn turn_to(&mut self, day: Date, rules: &RuleSet) -> Result<(), String> {
        self.diary.turn_to(day, &self.world, &rules.law, &rules.floor);
        let (seen, all) = (asked(day, &self.diary.look(day, &self.world), rules), asked(day, &self.world, rules));
        let differs = seen.iter().zip(&all).find(|(seen, all)| seen != all);
        differs.map_or(Ok(()), |(seen, all)| Err(format!("the evening of {day} looks at {seen} where there is {all}")))
    }
}

/// Everything that an evening asks. An evening already past asks less.
fn asked(day: Date, world: &MemoryViews, rules: &RuleSet) -> [String; 6] {
    let (law, floor) = (&rules.law, &rules.floor);
    let promise = match floor.mode {
        Mode::Measure => Promise::Measured,
        Mode::Guarantee => Promise::Guaranteed(floor),
    };
    [
        format!("{:?}", redecide::due(day, world, law)),
        format!("{:?}", arrears::set_offs(world, law)),
        format!("{:?}", daily::decisions(day, world, law).collect::<Vec<_>>()),
        format!("{:?}", award_end::unpaid(day, world, law)),
        format!("{:?}", award_end::overtaken(world, law)),
        format!("{:?}", plan(Horizon::of(day, floor), world, law, promise)),
    ]
}
