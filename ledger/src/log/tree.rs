//! The Merkle tree of RFC 6962 section 2.1, and RFC 9162 sections 2.1.3 and 2.1.4 for checking proofs.
//!
//! Where the hashes are kept is not its business: whoever has them implements [`Nodes`].

use sha2::{Digest as _, Sha256};

/// A hash of the tree (SHA-256).
pub type Hash = [u8; 32];

/// The hash of a leaf with this content (RFC 6962 section 2.1: the byte 0 comes before it).
pub fn leaf_hash(content: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(content).finalize().into()
}

/// The hash above two others (the byte 1 comes before them).
pub fn parent(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a tree without leaves: the hash of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The hashes of complete subtrees.
pub trait Nodes {
    /// Why a hash could not be had.
    type Error;

    /// The root of the complete subtree over the `2^level` leaves from `index * 2^level` on; a leaf at level 0.
    ///
    /// # Errors
    /// What keeps the hashes failed.
    fn node(&self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The root of the tree over the first `size` leaves.
///
/// # Errors
/// Those of the nodes.
pub fn root<N: Nodes>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 { Ok(empty_root()) } else { span(nodes, 0, size) }
}

/// The root over the leaves from `first` up to `end`, of which there is one at least and `first` begins a subtree.
fn span<N: Nodes>(nodes: &N, first: u64, end: u64) -> Result<Hash, N::Error> {
    let count = end - first;
    if count.is_power_of_two() {
        let level = count.trailing_zeros();
        return nodes.node(level, first >> level);
    }
    let middle = first + split(count);
    Ok(parent(&span(nodes, first, middle)?, &span(nodes, middle, end)?))
}

/// The largest power of two below a number of leaves, of which there are two at least.
const fn split(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

/// The hashes from the leaf's sibling up to the child of the root (RFC 6962 section 2.1.1); none for a leaf that the tree
/// does not have.
///
/// # Errors
/// Those of the nodes.
pub fn inclusion<N: Nodes>(nodes: &N, index: u64, size: u64) -> Result<Option<Vec<Hash>>, N::Error> {
    if index >= size {
        return Ok(None);
    }
    let (mut first, mut end, mut path) = (0, size, Vec::new());
    while end - first > 1 {
        let middle = first + split(end - first);
        if index < middle {
            path.push(span(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(span(nodes, first, middle)?);
            first = middle;
        }
    }
    path.reverse();
    Ok(Some(path))
}

/// The hashes that show that the tree over `old` leaves is the beginning of the one over `new` (RFC 6962 section 2.1.2);
/// none where it cannot be. From the empty tree and to itself nothing has to be shown.
///
/// # Errors
/// Those of the nodes.
pub fn consistency<N: Nodes>(nodes: &N, old: u64, new: u64) -> Result<Option<Vec<Hash>>, N::Error> {
    if old > new {
        return Ok(None);
    }
    if old == 0 || old == new {
        return Ok(Some(Vec::new()));
    }
    let (mut first, mut end, mut path, mut known) = (0, new, Vec::new(), true);
    while end != old {
        let middle = first + split(end - first);
        if old <= middle {
            path.push(span(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(span(nodes, first, middle)?);
            first = middle;
            known = false;
        }
    }
    // What remains ends where the old tree does; where it begins with it too, its hash is the old root.
    if !known {
        path.push(span(nodes, first, end)?);
    }
    path.reverse();
    Ok(Some(path))
}

/// Whether a path leads from a leaf to the root (RFC 9162 section 2.1.3.2).
pub fn is_included(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = parent(sibling, &hash);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            hash = parent(&hash, sibling);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether a path shows that the older tree is the beginning of the newer (RFC 9162 section 2.1.4.2).
pub fn is_consistent((old, old_root): (u64, &Hash), (new, new_root): (u64, &Hash), path: &[Hash]) -> bool {
    if old > new {
        return false;
    }
    if old == 0 {
        return path.is_empty() && *old_root == empty_root() && (new > 0 || *new_root == empty_root());
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    let (begin, rest) = match path {
        [] => return false,
        _ if old.is_power_of_two() => (old_root, path),
        [first, rest @ ..] => (first, rest),
    };
    let shift = (old - 1).trailing_ones();
    let (mut place, mut last) = ((old - 1) >> shift, (new - 1) >> shift);
    let (mut from_old, mut from_new) = (*begin, *begin);
    for hash in rest {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            from_old = parent(hash, &from_old);
            from_new = parent(hash, &from_new);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            from_new = parent(&from_new, hash);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && from_old == *old_root && from_new == *new_root
}

/// The right edge of a growing tree: enough for its root, and no more than 64 hashes however many leaves there are.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    size: u64,
    /// Roots of the complete subtrees from left to right: one for each bit of the size.
    hashes: Vec<Hash>,
}

impl Edge {
    /// Takes what was pushed for the roots of complete subtrees of this level: the edge over the leaves beneath them.
    pub fn beneath(self, level: u32) -> Edge {
        Edge { size: self.size << level, ..self }
    }

    /// How many leaves there are.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.hashes.pop() {
                hash = parent(&left, &hash);
            }
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// The root over all leaves so far.
    pub fn root(&self) -> Hash {
        let mut hashes = self.hashes.iter().rev();
        let Some(last) = hashes.next() else { return empty_root() };
        hashes.fold(*last, |right, left| parent(left, &right))
    }
}
