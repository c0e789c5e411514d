//! Builds the binary again when a shipped pack, floor file or rulebook comes or goes, since they travel inside it.

fn main() {
    println!("cargo:rerun-if-changed=../schemas/packs");
    println!("cargo:rerun-if-changed=../schemas/floors");
    println!("cargo:rerun-if-changed=../schemas/rulebooks");
}
