//! The tree against published hashes and against a tree that is not ours.

use std::convert::Infallible;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use proptest::prelude::*;
use schemas::Digest;
use sha2_of_ct_merkle::Sha256;

use super::tiles::Tiles;
use super::tree::{Edge, Hash, Nodes, consistency, empty_root, inclusion, is_consistent, is_included, leaf_hash, root};

/// The leaves of the vectors that the authors of Certificate Transparency publish with their own trees (today in
/// transparency-dev/merkle, `testonly/constants.go`), in hexadecimal.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// The roots over none to all of them, from the same place.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Leaves at hand are the nodes of their tree.
impl Nodes for Vec<Hash> {
    type Error = Infallible;

    fn node(&self, level: u32, index: u64) -> Result<Hash, Infallible> {
        let first = usize::try_from(index << level).unwrap_or(usize::MAX);
        let mut edge = Edge::default();
        self.iter().skip(first).take(1 << level).for_each(|leaf| edge.push(*leaf));
        Ok(edge.root())
    }
}

fn published() -> Vec<Hash> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    LEAVES.iter().map(|leaf| leaf_hash(&leaf.as_bytes().chunks(2).map(byte).collect::<Vec<_>>())).collect()
}

fn hash(text: &str) -> Hash {
    text.parse::<Digest>().unwrap().0
}

#[test]
fn the_published_leaves_come_to_the_published_roots() {
    let leaves = published();
    let mut edge = Edge::default();
    for (size, expected) in ROOTS.iter().enumerate() {
        assert_eq!(edge.root(), hash(expected));
        assert_eq!(root(&leaves, size as u64), Ok(hash(expected)));
        if let Some(leaf) = leaves.get(size) {
            edge.push(*leaf);
        }
    }
    assert_eq!(empty_root(), hash(ROOTS[0]));
}

/// The paths that the same vectors publish (`testdata/inclusion/1` and `testdata/consistency/2`, in hexadecimal).
#[test]
fn the_published_proofs_come_out() {
    let first_of_eight = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    let six_to_eight = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    let leaves = published();
    assert_eq!(inclusion(&leaves, 0, 8), Ok(Some(first_of_eight.map(hash).to_vec())));
    assert_eq!(consistency(&leaves, 6, 8), Ok(Some(six_to_eight.map(hash).to_vec())));
    assert!(is_consistent((6, &hash(ROOTS[6])), (8, &hash(ROOTS[8])), &six_to_eight.map(hash)));
    assert!(!is_consistent((5, &hash(ROOTS[6])), (8, &hash(ROOTS[8])), &six_to_eight.map(hash)));
}

/// So many different leaves, and a tree of another author over the same.
fn trees(size: u64) -> (Vec<Hash>, MemoryBackedTree<Sha256, Vec<u8>>) {
    let mut theirs = MemoryBackedTree::new();
    let content = |n: u64| format!("leaf {n}").into_bytes();
    (0..size).for_each(|n| theirs.push(content(n)));
    ((0..size).map(|n| leaf_hash(&content(n))).collect(), theirs)
}

/// Tiles of these leaves in a folder of their own, written and read again.
fn tiles(leaves: &[Hash], folder: &std::path::Path) -> Tiles {
    let mut tiles = Tiles::empty(folder);
    leaves.iter().for_each(|leaf| tiles.push(*leaf).unwrap());
    tiles.sync().unwrap();
    Tiles::open(folder, leaves.len() as u64).unwrap().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn roots_and_proofs_from_tiles_are_those_of_another_authors_tree_and_convince_it(
        size in 1..1_200_u64, old in any::<prop::sample::Index>(), index in any::<prop::sample::Index>(),
    ) {
        let (old, index) = (1 + old.index(size as usize) as u64, index.index(size as usize) as u64);
        let ((leaves, theirs), folder) = (trees(size), tempfile::tempdir().unwrap());
        let tiles = tiles(&leaves, folder.path());
        let (head, before) = (root(&tiles, size).unwrap(), root(&tiles, old).unwrap());
        prop_assert!(head[..] == theirs.root().as_bytes()[..]);

        let path = inclusion(&tiles, index, size).unwrap().unwrap();
        let from_them = theirs.prove_inclusion(index as usize);
        prop_assert_eq!(&path.concat()[..], from_them.as_bytes());
        let their_root = RootHash::<Sha256>::new(head.into(), size);
        let proof = InclusionProof::<Sha256>::try_from_bytes(path.concat()).unwrap();
        let content = format!("leaf {index}").into_bytes();
        prop_assert!(their_root.verify_inclusion(&content, index, &proof).is_ok());
        prop_assert!(is_included(&leaves[index as usize], index, size, &path, &head));

        let path = consistency(&tiles, old, size).unwrap().unwrap();
        if old < size {
            let from_them = theirs.prove_consistency((size - old) as usize);
            prop_assert_eq!(&path.concat()[..], from_them.as_bytes());
            let proof = ConsistencyProof::<Sha256>::try_from_bytes(path.concat()).unwrap();
            let old_root = RootHash::<Sha256>::new(before.into(), old);
            prop_assert!(their_root.verify_consistency(&old_root, &proof).is_ok());
        }
        prop_assert!(is_consistent((old, &before), (size, &head), &path));
    }

    #[test]
    fn a_proof_with_one_bit_or_one_number_changed_proves_nothing(
        size in 2..300_u64, index in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>(),
    ) {
        let index = index.index(size as usize) as u64;
        let (leaves, _) = trees(size);
        let head = root(&leaves, size).unwrap();
        let path = inclusion(&leaves, index, size).unwrap().unwrap();
        let leaf = leaves[index as usize];
        let bit = bit.index(path.len() * 256);
        let mut other = path.clone();
        other[bit / 256][bit % 256 / 8] ^= 1 << (bit % 8);
        prop_assert!(!is_included(&leaf, index, size, &other, &head));
        prop_assert!(!is_included(&leaf, index, size, &path[1..], &head));
        prop_assert!(!is_included(&leaf, index ^ 1, size, &path, &head));
        prop_assert!(!is_included(&leaf, index + size, size, &path, &head));

        let old = index.max(1);
        let before = root(&leaves, old).unwrap();
        let path = consistency(&leaves, old, size).unwrap().unwrap();
        let bit = bit % (path.len() * 256);
        let mut other = path.clone();
        other[bit / 256][bit % 256 / 8] ^= 1 << (bit % 8);
        prop_assert!(!is_consistent((old, &before), (size, &head), &other));
        prop_assert!(!is_consistent((old, &head), (size, &before), &path));
        prop_assert!(!is_consistent((size, &head), (old, &before), &path));
    }
}

#[test]
fn tiles_stand_where_tlog_tiles_says_and_only_the_growing_end_is_partial() {
    let folder = tempfile::tempdir().unwrap();
    let (leaves, _) = trees(70_000);
    tiles(&leaves[..600], folder.path());
    let size = |name: &str| std::fs::metadata(folder.path().join(name)).ok().map(|about| about.len());
    // 600 = 2 * 256 + 88.
    let expected = [("tile/0/000", 8_192), ("tile/0/001", 8_192), ("tile/0/002.p/88", 2_816), ("tile/1/000.p/2", 64)];
    for (name, length) in expected {
        assert_eq!(size(name), Some(length), "{name}");
    }
    // The tree grows in another process: 70,000 = 273 * 256 + 112, and 273 = 256 + 17.
    let mut grown = Tiles::open(folder.path(), 600).unwrap().unwrap();
    leaves[600..].iter().for_each(|leaf| grown.push(*leaf).unwrap());
    grown.sync().unwrap();
    for (name, length) in [
        ("tile/0/272", Some(8_192)),
        ("tile/0/273.p/112", Some(3_584)),
        ("tile/1/000", Some(8_192)),
        ("tile/1/001.p/17", Some(544)),
        ("tile/2/000.p/1", Some(32)),
        ("tile/0/002.p/88", None),
        ("tile/0/002.p", None),
        ("tile/1/000.p/2", None),
    ] {
        assert_eq!(size(name), length, "{name}");
    }
    let grown = Tiles::open(folder.path(), 70_000).unwrap().unwrap();
    for size in [1, 256, 257, 600, 65_536, 65_537, 69_999, 70_000] {
        assert_eq!(root(&grown, size).unwrap(), root(&leaves, size).unwrap(), "{size}");
    }
    assert_eq!(grown.node(16, 0).unwrap(), root(&leaves, 65_536).unwrap());
}

#[test]
fn a_tile_that_is_missing_or_cut_short_is_said_to_be_and_never_taken_for_hashes() {
    let folder = tempfile::tempdir().unwrap();
    let (leaves, _) = trees(600);
    let made = tiles(&leaves, folder.path());
    std::fs::write(folder.path().join("tile/0/001"), [0; 100]).unwrap();
    assert!(inclusion(&made, 300, 600).unwrap_err().to_string().contains("`footing rebuild` makes it again"));
    std::fs::remove_file(folder.path().join("tile/0/002.p/88")).unwrap();
    assert!(Tiles::open(folder.path(), 600).unwrap().is_none());
}
