//! Names in the few characters that payment files may hold. What cannot be written is left out, never a reason not to pay.

/// The basic set of ISO 20022 messages: letters, digits, `/ - ? : ( ) . , ' +` and the space.
pub fn iso(text: &str, length: usize) -> String {
    written(text, length, |c| c.is_ascii_alphanumeric() || "/-?:().,'+".contains(c))
}

/// The set of Bacs: capitals, digits, `. & / -` and the space.
pub fn bacs(text: &str, length: usize) -> String {
    written(&text.to_uppercase(), length, |c| c.is_ascii_uppercase() || c.is_ascii_digit() || ".&/-".contains(c))
}

/// The text in characters of the set, words one space apart, cut to a length.
fn written(text: &str, length: usize, allowed: impl Fn(char) -> bool) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match (allowed(c), base(c)) {
            (true, _) => plain.push(c),
            (false, Some(base)) => plain.push_str(base),
            (false, None) => plain.push(' '),
        }
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    let cut: String = words.join(" ").chars().take(length).collect();
    cut.trim_end().into()
}

/// The letters that stand for one with a mark; none for other scripts and signs.
fn base(c: char) -> Option<&'static str> {
    Some(match c {
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' | 'Ǎ' => "A",
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' => "a",
        'Æ' => "AE",
        'æ' => "ae",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'Ð' | 'Ď' | 'Đ' => "D",
        'ð' | 'ď' | 'đ' => "d",
        'È'..='Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' | 'Ə' => "E",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ə' => "e",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'Ĥ' | 'Ħ' => "H",
        'ĥ' | 'ħ' => "h",
        'Ì'..='Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' => "I",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'Ĵ' => "J",
        'ĵ' => "j",
        'Ķ' => "K",
        'ķ' => "k",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => "L",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' | 'Ŋ' => "N",
        'ñ' | 'ń' | 'ņ' | 'ň' | 'ŋ' => "n",
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ŏ' | 'Ő' | 'Ơ' => "O",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' => "o",
        'Œ' => "OE",
        'œ' => "oe",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' => "T",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'Þ' => "TH",
        'þ' => "th",
        'Ù'..='Ü' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' | 'Ư' => "U",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' => "u",
        'Ŵ' => "W",
        'ŵ' => "w",
        'Ý' | 'Ŷ' | 'Ÿ' => "Y",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ź' | 'ż' | 'ž' => "z",
        '’' | '‘' | 'ʻ' | '`' | '´' | '\'' => "", // O’Brien: an apostrophe where the set has none
        '–' | '—' | '‑' => "-",
        '\u{300}'..='\u{36f}' => "", // marks that stand apart from their letter
        _other => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_with_marks_are_written_without_them_and_apostrophes_stay_where_they_may() {
        assert_eq!(iso("Zoë Łukasiewicz-O'Brien", 70), "Zoe Lukasiewicz-O'Brien");
        assert_eq!(bacs("Zoë Łukasiewicz-O'Brien", 70), "ZOE LUKASIEWICZ-OBRIEN");
        assert_eq!(bacs("Strauß & Sønner", 18), "STRAUSS & SONNER");
        assert_eq!(iso("Siân Ŵyn e\u{301}", 70), "Sian Wyn e");
    }

    #[test]
    fn what_cannot_be_written_becomes_one_space_and_a_long_name_is_cut() {
        assert_eq!(iso("  Ada <b>\u{4e2d}Lovelace  ", 70), "Ada b Lovelace");
        assert_eq!(bacs("Wolfeschlegelsteinhausen", 18), "WOLFESCHLEGELSTEIN");
        assert_eq!(bacs("Abcdefghijklmnopq Smith", 18), "ABCDEFGHIJKLMNOPQ");
        assert_eq!(iso("\u{4e2d}\u{6587}", 70), "");
    }
}
