//! Published amounts (`tests/cases/uk_rates.yaml`), read anew: they come from no file of the pack.

use std::fs;
use std::sync::LazyLock;

use jiff::civil::Date;
use schemas::yaml::{self, Node};

static PUBLISHED: LazyLock<Node> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/cases/uk_rates.yaml");
    yaml::parse(&fs::read_to_string(path).unwrap()).unwrap()
});

/// The amount of a table that holds on a day, in hundredths (pence, or percent of a share). `below` leads into it where a row
/// has several; a name may be the beginning of the table's.
#[track_caller]
pub fn rate(table: &str, below: &[&str], day: Date) -> i64 {
    let tables = PUBLISHED.get("parameters").unwrap().entries();
    let (_, table) = tables.iter().find(|(name, _)| name.text().unwrap().starts_with(table)).unwrap();
    let rows = table.get("values").unwrap().items();
    let from = |row: &Node| row.get("from").and_then(Node::text).unwrap().parse::<Date>().unwrap();
    let row = rows.iter().filter(|row| from(row) <= day).max_by_key(|row| from(row)).unwrap();
    let value = below.iter().fold(row.get("value").unwrap(), |node, key| node.get(key).unwrap());
    hundredths(value.text().unwrap())
}

fn hundredths(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    whole.parse::<i64>().unwrap() * 100 + format!("{part:0<2}").parse::<i64>().unwrap()
}

/// Reg. 6: to the nearest penny, half a penny up; of a fraction that is not below nought.
pub fn half_up(numerator: i64, denominator: i64) -> i64 {
    (2 * numerator + denominator).div_euclid(2 * denominator)
}
