//! Builds the binary again when a shipped pack or floor file comes or goes, since they travel inside it.

fn main() {
    println!("cargo:rerun-if-changed=../schemas/packs");
    println!("cargo:rerun-if-changed=../schemas/floors");
}
