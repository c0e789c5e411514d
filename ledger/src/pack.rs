//! Published rules. A version is published once and frozen; its content travels in parts that a message can hold.

use std::collections::BTreeMap;

use schemas::Digest;
use schemas::envelope::is_pack_name;
use schemas::events::{Event, PACK_CHUNK_BYTES, PackEvent, PackPublished};

use crate::order::PackOrder;
use crate::world::World;

/// The versions of one pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pack {
    /// What each version said.
    pub versions: BTreeMap<String, Digest>,
}

/// Why a pack may not be published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The name does not fit a subject.
    #[error("name: `{name}` is not the name of a pack: lower-case words joined by hyphens")]
    BadName {
        /// The name given.
        name: String,
    },
    /// A version is published once.
    #[error(
        "version: {version} of {name} is published already, as {digest}: a change goes into a new version or a reform"
    )]
    AlreadyPublished {
        /// Which pack.
        name: String,
        /// Which version.
        version: String,
        /// What it said.
        digest: Digest,
    },
    /// The digest is of something else.
    #[error("digest: the content has the digest {content}, not {given}")]
    OtherContent {
        /// The content's digest.
        content: Digest,
        /// The one given.
        given: Digest,
    },
    /// Nothing to publish, or more than fits in 65,535 parts.
    #[error("content: a pack of {bytes} bytes cannot be published")]
    Size {
        /// How many.
        bytes: usize,
    },
}

/// Says what happened, or why nothing may: one event for each part of the content.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, order: &PackOrder) -> Result<Vec<Event>, Refusal> {
    let PackOrder::Publish { name, version, digest, in_force_from, content } = order;
    if !is_pack_name(name) {
        return Err(Refusal::BadName { name: name.clone() });
    }
    if let Some(known) = world.pack(name).versions.get(version) {
        let (name, version) = (name.clone(), version.clone());
        return Err(Refusal::AlreadyPublished { name, version, digest: *known });
    }
    let of_content = Digest::of(content.as_bytes());
    if of_content != *digest {
        return Err(Refusal::OtherContent { content: of_content, given: *digest });
    }
    let chunks = chunks(content, PACK_CHUNK_BYTES);
    let parts = u16::try_from(chunks.len()).ok().filter(|parts| *parts > 0);
    let parts = parts.ok_or(Refusal::Size { bytes: content.len() })?;
    let part = |(part, content): (u16, &str)| PackPublished {
        name: name.clone(),
        version: version.clone(),
        digest: *digest,
        in_force_from: *in_force_from,
        part,
        parts,
        content: content.into(),
    };
    Ok((1..).zip(chunks).map(|numbered| part(numbered).into()).collect())
}

/// Cuts the text into pieces of at most so many bytes, never within a character.
fn chunks(text: &str, most: usize) -> Vec<&str> {
    let (mut chunks, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let end = (0..=most.min(rest.len())).rev().find(|end| rest.is_char_boundary(*end) && *end > 0);
        let (chunk, after) = rest.split_at(end.unwrap_or(rest.len()));
        chunks.push(chunk);
        rest = after;
    }
    chunks
}

/// Applies what happened.
#[must_use]
pub fn evolve(mut state: Pack, event: &PackEvent) -> Pack {
    match event {
        PackEvent::PackPublished(PackPublished { version, digest, .. }) => {
            state.versions.insert(version.clone(), *digest);
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, outcome};
    use jiff::civil::date;
    use proptest::prelude::*;

    fn publish(version: &str, content: &str) -> PackOrder {
        PackOrder::Publish {
            name: "uk-universal-credit".into(),
            version: version.into(),
            digest: Digest::of(content.as_bytes()),
            in_force_from: date(2026, 4, 6),
            content: content.into(),
        }
    }

    #[test]
    fn a_version_is_published_once_with_the_content_of_its_digest() {
        let published: Result<&[&str], &str> = Ok(&["footing.pack.published.v1"]);
        check(&[], publish("2026.4", "a"), published);
        check(&[publish("2026.4", "a").into()], publish("2026.4", "b"), Err("is published already"));
        check(&[publish("2026.4", "a").into()], publish("2026.11", "b"), published);
        check(&[], publish("2026.4", ""), Err("0 bytes cannot be published"));
        let PackOrder::Publish { name, version, in_force_from, content, .. } = publish("2026.4", "a");
        let digest = Digest([0; 32]);
        check(
            &[],
            PackOrder::Publish { name, version, digest, in_force_from, content },
            Err("has the digest ca978112"),
        );
    }

    #[test]
    fn long_content_travels_in_parts_that_make_it_up_again() {
        let content = "£5, ".repeat(200_000);
        let events = outcome(&[], &publish("1", &content).into()).unwrap();
        let parts: Vec<_> = events
            .iter()
            .map(|(_, event)| {
                let Event::Pack(PackEvent::PackPublished(part)) = event else { panic!("{event:?}") };
                part
            })
            .collect();
        // 200,000 times 5 bytes is 1,000,000 bytes: two parts of 512 KiB at most.
        assert_eq!(parts.iter().map(|p| (p.part, p.parts)).collect::<Vec<_>>(), [(1, 2), (2, 2)]);
        assert!(parts.iter().all(|p| p.content.len() <= 524_288));
        assert_eq!(parts.iter().map(|p| p.content.as_str()).collect::<String>(), content);
    }

    proptest! {
        #[test]
        fn no_character_is_cut(text in "\\PC{0,40}", most in 4usize..12) {
            let chunks = chunks(&text, most);
            prop_assert_eq!(chunks.concat(), text.as_str());
            prop_assert!(chunks.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= most));
        }
    }
}
