//! Publication of rules.

use jiff::civil::Date;

use super::person::payloads;
use crate::Digest;

/// How many bytes of content one event carries at most.
pub const PACK_CHUNK_BYTES: usize = 512 * 1024;

payloads! {
    /// A version of a pack was published and is frozen from now on. Its content travels in as many events as it needs.
    PackPublished {
        /// Such as `uk-universal-credit`.
        name: String,
        /// Such as `2026.11`.
        version: String,
        /// SHA-256 of the whole content.
        digest: Digest,
        /// First day of the periods it may decide.
        in_force_from: Date,
        /// Which part this is, from 1.
        part: u16,
        /// How many parts there are.
        parts: u16,
        /// This part of the canonical content.
        content: String,
    }
}
