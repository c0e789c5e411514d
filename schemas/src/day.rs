//! Civil days in London, where the law's days are counted, and instants.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// From the time-zone data built into the program, so that every machine counts the same days.
static LONDON: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC));

/// The day on which an instant falls in London.
pub fn london_day(instant: Timestamp) -> Date {
    LONDON.to_datetime(instant).date()
}

/// The instant at which this hour of the day begins in London. Hours that a clock change skips or repeats resolve to
/// the later offset's reading; none of ours is near one.
pub fn london_hour(day: Date, hour: i8) -> Timestamp {
    let zoned = day.at(hour, 0, 0, 0).to_zoned(LONDON.clone());
    zoned.map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_summer_evening_after_eleven_in_utc_is_already_the_next_day_in_london() {
        let instant = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(london_day(instant("2026-06-30T23:30:00Z")), date(2026, 7, 1));
        assert_eq!(london_day(instant("2026-12-31T23:30:00Z")), date(2026, 12, 31));
        assert_eq!(london_day(instant("2026-03-29T00:59:59Z")), date(2026, 3, 29)); // the clock goes forward at one
    }

    #[test]
    fn an_hour_of_a_day_in_london_is_an_hour_earlier_in_utc_in_summer() {
        assert_eq!(london_hour(date(2026, 7, 1), 9).to_string(), "2026-07-01T08:00:00Z");
        assert_eq!(london_hour(date(2026, 1, 1), 9).to_string(), "2026-01-01T09:00:00Z");
    }
}
