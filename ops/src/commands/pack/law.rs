//! Passages of a pack's law notes that belong to a rule: found by the provision that both name, or by the rule's own name.
//!
//! A row of a table in `law/*.md` belongs to every rule that cites what stands in its first cell; a row without an
//! instrument has that of the row above. A section whose heading is the name of a rule belongs to that rule.

use schemas::Citation;

use crate::packs::Found;

/// The law notes of a pack.
pub struct LawNotes {
    passages: Vec<Passage>,
}

/// A piece of a note.
pub struct Passage {
    /// What it says.
    pub text: String,
    /// How the author knows: the last cell of a row.
    pub support: Option<String>,
    /// File of the pack and line.
    pub place: String,
    provisions: Vec<Provision>,
    /// The heading above, for text that is no row.
    heading: Option<String>,
}

/// One place in the law: `SI 2013/376`, `reg`, 22, `1` and `b`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Provision {
    instrument: String,
    kind: String,
    number: String,
    /// The last of a range: `regs. 51 to 57`.
    to: Option<String>,
    parts: Vec<String>,
}

impl LawNotes {
    /// Reads the notes of a pack and then of the packs it stands on.
    pub fn read(packs: &[&Found]) -> LawNotes {
        let mut passages = Vec::new();
        for found in packs {
            let notes = found.files.0.iter().filter(|(file, _)| file.starts_with("law/") && file.ends_with(".md"));
            for (file, text) in notes {
                read_note(file, text, &mut passages);
            }
        }
        LawNotes { passages }
    }

    /// What the notes say about a rule: its own section, else the rows closest to what it cites.
    pub fn of(&self, rule: &str, cite: Option<&Citation>) -> Vec<&Passage> {
        let own: Vec<&Passage> =
            self.passages.iter().filter(|passage| passage.heading.as_deref() == Some(rule)).collect();
        if !own.is_empty() {
            return own;
        }
        let Some(cite) = cite else { return Vec::new() };
        let cited = provisions(&format!("{} {}", cite.instrument, cite.provision), "");
        let closeness = |passage: &Passage| {
            passage.provisions.iter().flat_map(|a| cited.iter().filter_map(|b| a.closeness(b))).max().unwrap_or(0)
        };
        let closest = self.passages.iter().map(closeness).max().filter(|closest| *closest > 0);
        self.passages.iter().filter(|passage| Some(closeness(passage)) == closest).collect()
    }
}

fn read_note(place: &str, text: &str, passages: &mut Vec<Passage>) {
    let (mut instrument, mut heading) = (String::new(), None);
    for (line, text) in (1..).zip(text.lines()) {
        let place = format!("{place}:{line}");
        if let Some(title) = text.strip_prefix('#') {
            heading = Some(title.trim_start_matches('#').trim().trim_matches('`').to_string());
        } else if let Some(row) = text.strip_prefix('|') {
            let cells: Vec<&str> = row.trim_end().trim_end_matches('|').split('|').map(str::trim).collect();
            let [first, text, rest @ ..] = cells.as_slice() else { continue };
            let provisions = provisions(first, &instrument);
            if let Some(last) = provisions.last() {
                instrument.clone_from(&last.instrument);
                let support = rest.last().map(|support| (*support).to_string());
                passages.push(Passage { text: format!("{first}: {text}"), support, place, provisions, heading: None });
            }
        } else if !text.trim().is_empty() {
            let provisions = Vec::new();
            passages.push(Passage {
                text: text.trim().into(),
                support: None,
                place,
                provisions,
                heading: heading.clone(),
            });
        }
    }
}

impl Provision {
    /// How much two provisions have in common: nothing, or 1 for the same article and 1 more for each part of it.
    fn closeness(&self, other: &Provision) -> Option<usize> {
        let same = self.instrument == other.instrument && self.kind == other.kind;
        let is_in = |range: &Provision, one: &Provision| {
            let number = |text: &str| text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<u32>().ok();
            match (&range.to, number(&range.number), number(&one.number)) {
                (Some(to), Some(from), Some(one)) => number(to).is_some_and(|to| (from..=to).contains(&one)),
                (_, _, _) => range.number == one.number,
            }
        };
        if !same || !(is_in(self, other) || is_in(other, self)) {
            return None;
        }
        let common = self.parts.iter().zip(&other.parts).take_while(|(a, b)| a == b).count();
        let contradict = common < self.parts.len().min(other.parts.len());
        // A row for another paragraph of the same article is the last resort.
        Some(if contradict { 1 } else { 2 + common })
    }
}

/// The provisions that a text names. `above` is the instrument where it names none.
fn provisions(text: &str, above: &str) -> Vec<Provision> {
    let (mut instrument, mut kind, mut out) = (above.to_string(), String::new(), Vec::<Provision>::new());
    let (mut act, mut is_range) = (Vec::<String>::new(), false);
    for word in text.split([' ', ',', ';', '/']).filter(|word| !word.is_empty()) {
        let word = word.trim_matches(['`', '*', ':']);
        let plain = word.trim_end_matches('.').trim_start_matches('(');
        let lower = plain.trim_end_matches('s').to_ascii_lowercase();
        let starts_with_digit = word.starts_with(|c: char| c.is_ascii_digit());
        let is_year = plain.len() == 4 && plain.parse::<u16>().is_ok_and(|year| (1900..2100).contains(&year));
        if is_year && !act.is_empty() {
            instrument = format!("{} {plain}", act.concat());
            kind.clear();
        } else if matches!(lower.as_str(), "reg" | "art" | "sch" | "section") || plain == "s" || plain == "ss" {
            kind = if plain.starts_with('s') && !lower.starts_with("sch") { "s".into() } else { lower };
        } else if matches!(lower.as_str(), "para" | "table" | "part" | "pt" | "chapter") {
            kind = "part of it".into();
        } else if plain == "to" {
            is_range = true;
        } else if starts_with_digit
            && kind.is_empty()
            && instrument.ends_with(|c: char| c.is_ascii_digit())
            && act.len() == 1
        {
            instrument = format!("{instrument}/{plain}"); // SI 2013/376
        } else if starts_with_digit && !kind.is_empty() && kind != "part of it" {
            match (is_range, out.last_mut()) {
                (true, Some(last)) => last.to = Some(split(plain).0),
                (_, _) => {
                    let (number, parts) = split(plain);
                    out.push(Provision { instrument: instrument.clone(), kind: kind.clone(), number, to: None, parts });
                }
            }
            is_range = false;
        } else if word.starts_with('(') && kind != "part of it" {
            // `reg. 22(1)(b) and (2)`: another paragraph of the same.
            if let Some(last) = out.last().cloned() {
                out.push(Provision { parts: split(word).1, to: None, ..last });
            }
        } else if plain.starts_with(|c: char| c.is_ascii_uppercase()) {
            if !matches!(act.as_slice(), [one] if one == "SI" || one == "SR") || matches!(plain, "SI" | "SR") {
                if !out.is_empty() || matches!(plain, "SI" | "SR") {
                    act.clear();
                }
            } else {
                act.clear();
            }
            act.push(initials(plain));
        } else {
            is_range = false;
        }
    }
    out
}

/// `22(1)(b)` as 22 and its parts.
fn split(text: &str) -> (String, Vec<String>) {
    let mut pieces = text.split('(').map(|piece| piece.trim_end_matches([')', '.']).to_string());
    let number = pieces.next().unwrap_or_default();
    (number, pieces.filter(|piece| !piece.is_empty()).collect())
}

/// `Welfare` as W, `WRA` and `UC` as they are: so that an Act and its short name are one.
fn initials(word: &str) -> String {
    if word.chars().all(|c| c.is_ascii_uppercase()) { word.into() } else { word.chars().take(1).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let one = |p: Provision| {
            let to = p.to.map(|to| format!("-{to}")).unwrap_or_default();
            format!("{} {} {}{to} {}", p.instrument, p.kind, p.number, p.parts.join(" ")).trim_end().to_string()
        };
        provisions(text, "").into_iter().map(one).collect()
    }

    #[test]
    fn provisions_are_read_as_lawyers_write_them() {
        assert_eq!(shown("SI 2013/376 reg. 22(1)(b) and (2)"), ["SI 2013/376 reg 22 1 b", "SI 2013/376 reg 22 2"]);
        assert_eq!(shown("SI 2013/376 regs. 22(1)(b), 51 to 57"), ["SI 2013/376 reg 22 1 b", "SI 2013/376 reg 51-57"]);
        assert_eq!(
            shown("Welfare Reform Act 2012 s. 8(2); SI 2013/376 reg. 23"),
            ["WRA 2012 s 8 2", "SI 2013/376 reg 23"]
        );
        assert_eq!(shown("SI 2013/376 reg. 27(3) and Part 5"), ["SI 2013/376 reg 27 3"]);
        assert_eq!(shown("reg. 101(2), (3)").len(), 2);
        assert_eq!(shown("WRA 2012 s. 10(1A), reg. 24A"), ["WRA 2012 s 10 1A", "WRA 2012 reg 24A"]);
    }

    #[test]
    fn the_row_of_the_very_paragraph_comes_before_that_of_its_article() {
        let mut passages = Vec::new();
        let note = "# Earnings\n| SI 2013/376 reg. 22 | all | read |\n| reg. 22(1)(b) | the share | read |\n| reg. 54 | when | read |\n";
        read_note("law/e.md", note, &mut passages);
        let notes = LawNotes { passages };
        let found = notes.of("x", Some(&Citation::read("SI 2013/376", "reg. 22(1)(b)")));
        assert_eq!(found.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(), ["reg. 22(1)(b): the share"]);
        let found = notes.of("x", Some(&Citation::read("SI 2013/376", "regs. 51 to 57")));
        assert_eq!(found.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(), ["reg. 54: when"]);
        assert!(notes.of("x", Some(&Citation::read("SI 2014/1230", "reg. 22"))).is_empty());
    }
}
