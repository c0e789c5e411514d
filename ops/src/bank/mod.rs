//! Files to and from banks. What leaves is rendered from a run's payments and depends on nothing else, so that the same
//! run gives the same bytes again; what comes in is read whole or refused whole.

pub mod ageing;
pub mod config;
pub mod folder;
pub mod incoming;
pub mod items;
pub mod latin;
pub mod matching;
pub mod outgoing;
mod pain001;
mod slips;
mod spool;
mod standard18;

pub use config::Bank;
pub use outgoing::{Outgoing, Rendered, Submission};

use schemas::PaymentId;
use uuid::Uuid;

/// Letters and digits without those that are taken for others (I, L, O, U): nothing that it writes begins with `DDIC`,
/// which Bacs keeps for itself.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many characters a Bacs reference has at most.
const REFERENCE: usize = 18;

/// What stands on a payee's statement and in the bank's answers: the first 90 bits of the payment's id, five to a
/// character. Standard 18 has no room for the id itself. Of a thousand million payments no two are likely to share one.
pub fn reference(payment: PaymentId) -> String {
    code(payment.0.as_u128(), REFERENCE)
}

/// The first and the last id that a reference may stand for; none for a text that is no reference of ours.
fn behind(reference: &str) -> Option<(PaymentId, PaymentId)> {
    if reference.len() != REFERENCE {
        return None;
    }
    let five = |byte: u8| ALPHABET.iter().position(|letter| *letter == byte).and_then(|at| u128::try_from(at).ok());
    let bits = reference.bytes().try_fold(0_u128, |bits, byte| Some(bits << 5 | five(byte)?))?;
    let (first, rest) = (bits << 38, (1_u128 << 38) - 1);
    Some((PaymentId(Uuid::from_u128(first)), PaymentId(Uuid::from_u128(first | rest))))
}

/// The first characters of a name of 128 bits in capitals and digits.
fn code(bits: u128, characters: usize) -> String {
    let character = |place: usize| {
        let five = (bits >> (123 - 5 * place)) & 31;
        usize::try_from(five).ok().and_then(|five| ALPHABET.get(five)).map_or('0', |byte| char::from(*byte))
    };
    (0..characters).map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_the_first_ninety_bits_of_the_payment_in_capitals_and_digits() {
        let of = |id: &str| reference(id.parse().unwrap());
        assert_eq!(of("00000000-0000-0000-0000-000000000000"), "000000000000000000");
        // ffff…: every five bits are 31, the last letter.
        assert_eq!(of("ffffffff-ffff-ffff-ffff-ffffffffffff"), "ZZZZZZZZZZZZZZZZZZ");
        // 0x08 = 00001 000: the first five bits are 1, what follows is 0.
        assert_eq!(of("08000000-0000-0000-0000-000000000000"), "100000000000000000");
        // 90 bits end within the twelfth byte (88 bits and 2): 0x40 there = 01…, which ends in ..01 = 1.
        assert_eq!(of("00000000-0000-0000-0000-004000000000"), "000000000000000001");
    }

    #[test]
    fn the_ids_behind_a_reference_are_those_that_begin_alike() {
        let (first, last) = behind("000000000000000001").unwrap();
        assert_eq!(first.to_string(), "00000000-0000-0000-0000-004000000000");
        assert_eq!(last.to_string(), "00000000-0000-0000-0000-007fffffffff");
        for other in ["", "00000000000000000", "0000000000000000001", "00000000000000000I", "00000000000000000\u{e9}"] {
            assert_eq!(behind(other), None, "{other}");
        }
    }
}
