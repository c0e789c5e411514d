//! Users of an operator: a file of credentials, made here as NATS's tools make it (JWT and nkeys, NATS ADR-14).

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use ledger::jetstream::{NatsError, Options};
use ledger::{JetStreamStore, Store};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::deploy::Deployed;
use crate::place::runtime;

const OPERATOR: u8 = 14 << 3;
const ACCOUNT: u8 = 0;
const USER: u8 = 20 << 3;
const SEED: u8 = 18 << 3;

/// A key of an operator, an account or a user.
struct Key(u8, SigningKey);

impl Key {
    fn new(kind: u8, number: u8) -> Key {
        Key(kind, SigningKey::from_bytes(&[number; 32]))
    }

    fn public(&self) -> String {
        readable(&[&[self.0][..], self.1.verifying_key().as_bytes()].concat())
    }

    fn seed(&self) -> String {
        readable(&[&[SEED | (self.0 >> 5), (self.0 & 31) << 3][..], &self.1.to_bytes()].concat())
    }

    /// What this key says of another.
    fn says(&self, of: &Key, nats: &Value) -> String {
        let claims = json!({"jti": "1", "iat": 1, "iss": self.public(), "sub": of.public(), "name": "n", "nats": nats});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let said = format!("{}.{}", part(&json!({"typ": "JWT", "alg": "ed25519-nkey"})), part(&claims));
        let signature = self.1.sign(said.as_bytes());
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

/// The bytes and their CRC-16 (XMODEM) in base 32 (RFC 4648, without padding).
fn readable(bytes: &[u8]) -> String {
    let crc = bytes.iter().fold(0_u16, |crc, byte| {
        (0..8).fold(
            crc ^ (u16::from(*byte) << 8),
            |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 },
        )
    });
    let bits: Vec<u8> =
        [bytes, &crc.to_le_bytes()].concat().iter().flat_map(|b| (0..8).rev().map(move |n| (b >> n) & 1)).collect();
    let letter = |five: &[u8]| {
        let number = (0..5).fold(0_u8, |number, place| (number << 1) | five.get(place).copied().unwrap_or(0));
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(number)])
    };
    bits.chunks(5).map(letter).collect()
}

#[test]
fn a_user_with_credentials_of_an_operators_account_is_let_in_and_one_of_another_is_not() {
    let (operator, account, system) = (Key::new(OPERATOR, 1), Key::new(ACCOUNT, 2), Key::new(ACCOUNT, 3));
    let limits = json!({"subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1,
        "leaf": -1, "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1});
    let no_storage = json!({"subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1});
    let of_account = |limits: &Value| json!({"type": "account", "version": 2, "limits": limits});
    let trusted = format!(
        "operator: {}\nsystem_account: {system}\nresolver: MEMORY\nresolver_preload {{ {system}: {}, {}: {} }}",
        operator.says(&operator, &json!({"type": "operator", "version": 2})),
        operator.says(&system, &of_account(&no_storage)),
        account.public(),
        operator.says(&account, &of_account(&limits)),
        system = system.public(),
    );
    let servers =
        Deployed::one_node_but(&[("include \"rights.conf\"", &trusted), ("verify_and_map: true", "verify: false")]);
    let of_user = json!({"type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1});
    let credentials = |by: &Key, name: &str| {
        let user = Key::new(USER, 9);
        let (says, seed, path) = (by.says(&user, &of_user), user.seed(), servers.file(name));
        let text = format!(
            "-----BEGIN NATS USER JWT-----\n{says}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        );
        fs::write(&path, text).unwrap();
        path
    };
    let as_user = |path| Options {
        authority: Some(servers.file("ca.pem")),
        credentials: Some(path),
        ..Options::beside(servers.folder().join("ledger"))
    };
    let address = servers.address().parse().unwrap();
    runtime().block_on(async {
        let ours = as_user(credentials(&account, "ours.creds"));
        let made = JetStreamStore::create(&address, ours, Uuid::from_u128(1)).await;
        let made = made.unwrap_or_else(|error| panic!("{error}: {}", servers.log()));
        assert_eq!(made.head().await.unwrap().sequence, 0);
        let others = as_user(credentials(&Key::new(ACCOUNT, 7), "others.creds"));
        let refused = JetStreamStore::open(&address, others).await;
        assert!(matches!(refused, Err(NatsError::NotLetIn { .. })), "{refused:?}");
    });
}
