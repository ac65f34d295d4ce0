//! The hash functions of Python's `hashlib`, under the names that OpenSSL has for them.
//!
//! Not here: `shake_128` and `shake_256`, whose length nobody fixed, MDC-2, which no kept crate has, and OpenSSL's
//! `null`, whose digest is the same for every password.

use std::num::NonZeroU32;

use blake2::{Blake2b512, Blake2s256};
use hmac::{
    EagerHash, KeyInit, Mac, SimpleHmac,
    digest::{
        Digest, FixedOutput, HashMarker, Output, OutputSizeUser, Update,
        common::BlockSizeUser,
        consts::{U36, U64},
    },
};
use md4::Md4;
use md5::Md5;
use pbkdf2::pbkdf2_hmac;
use ripemd::Ripemd160;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};
use sm3::Sm3;
use whirlpool::Whirlpool;

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HashFunction {
    Blake2b,
    Blake2s,
    Md4,
    Md5,
    Md5Sha1,
    Ripemd160,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512_224,
    Sha512_256,
    Sha3_224,
    Sha3_256,
    Sha3_384,
    Sha3_512,
    Sm3,
    Whirlpool,
}

/// Calls `$function::<D>($argument, ...)` for the type of the hash function.
macro_rules! with_type {
    ($hash:expr, $function:ident($($argument:expr),*)) => {
        match $hash {
            HashFunction::Blake2b => $function::<Blake2b512>($($argument),*),
            HashFunction::Blake2s => $function::<Blake2s256>($($argument),*),
            HashFunction::Md4 => $function::<Md4>($($argument),*),
            HashFunction::Md5 => $function::<Md5>($($argument),*),
            HashFunction::Md5Sha1 => $function::<Md5Sha1>($($argument),*),
            HashFunction::Ripemd160 => $function::<Ripemd160>($($argument),*),
            HashFunction::Sha1 => $function::<Sha1>($($argument),*),
            HashFunction::Sha224 => $function::<Sha224>($($argument),*),
            HashFunction::Sha256 => $function::<Sha256>($($argument),*),
            HashFunction::Sha384 => $function::<Sha384>($($argument),*),
            HashFunction::Sha512 => $function::<Sha512>($($argument),*),
            HashFunction::Sha512_224 => $function::<Sha512_224>($($argument),*),
            HashFunction::Sha512_256 => $function::<Sha512_256>($($argument),*),
            HashFunction::Sha3_224 => $function::<Sha3_224>($($argument),*),
            HashFunction::Sha3_256 => $function::<Sha3_256>($($argument),*),
            HashFunction::Sha3_384 => $function::<Sha3_384>($($argument),*),
            HashFunction::Sha3_512 => $function::<Sha3_512>($($argument),*),
            HashFunction::Sm3 => $function::<Sm3>($($argument),*),
            HashFunction::Whirlpool => $function::<Whirlpool>($($argument),*),
        }
    };
}

impl HashFunction {
    /// The function that `hashlib.new` makes of `name`, whose case does not count.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Some(match name.strip_prefix("rsa-").unwrap_or(&name) {
            "blake2b" | "blake2b512" | "blake2b-512" => Self::Blake2b,
            "blake2s" | "blake2s256" | "blake2s-256" => Self::Blake2s,
            "md4" => Self::Md4,
            "md5" | "ssl3-md5" => Self::Md5,
            "md5-sha1" => Self::Md5Sha1,
            "ripemd160" | "ripemd" | "rmd160" | "ripemd-160" => Self::Ripemd160,
            "sha1" | "sha-1" | "ssl3-sha1" => Self::Sha1,
            "sha224" | "sha-224" | "sha2-224" => Self::Sha224,
            "sha256" | "sha-256" | "sha2-256" => Self::Sha256,
            "sha384" | "sha-384" | "sha2-384" => Self::Sha384,
            "sha512" | "sha-512" | "sha2-512" => Self::Sha512,
            "sha512_224" | "sha512-224" | "sha512/224" | "sha-512/224" | "sha2-512/224" => Self::Sha512_224,
            "sha512_256" | "sha512-256" | "sha512/256" | "sha-512/256" | "sha2-512/256" => Self::Sha512_256,
            "sha3_224" | "sha3-224" => Self::Sha3_224,
            "sha3_256" | "sha3-256" => Self::Sha3_256,
            "sha3_384" | "sha3-384" => Self::Sha3_384,
            "sha3_512" | "sha3-512" => Self::Sha3_512,
            "sm3" => Self::Sm3,
            "whirlpool" => Self::Whirlpool,
            _ => return None,
        })
    }

    /// Whether it is broken so far that `safe` verifies nothing by it.
    pub(super) fn is_broken(self) -> bool {
        matches!(self, Self::Md4 | Self::Md5)
    }

    /// The digest of `message`, in hexadecimal digits.
    pub(super) fn digest(self, message: &[u8]) -> String {
        with_type!(self, digest(message))
    }

    /// The message's HMAC, in hexadecimal digits.
    pub(super) fn hmac(self, key: &[u8], message: &[u8]) -> Option<String> {
        with_type!(self, hmac(key, message))
    }

    /// PBKDF2 as long as a digest, in hexadecimal digits.
    pub(super) fn pbkdf2(self, password: &[u8], salt: &[u8], iterations: NonZeroU32) -> Option<String> {
        let rounds = iterations.get();
        match self {
            // What is found in practice goes on from the hashed key; the others hash it with each iteration.
            Self::Sha1 => Some(eager_pbkdf2::<Sha1>(password, salt, rounds)),
            Self::Sha256 => Some(eager_pbkdf2::<Sha256>(password, salt, rounds)),
            Self::Sha384 => Some(eager_pbkdf2::<Sha384>(password, salt, rounds)),
            Self::Sha512 => Some(eager_pbkdf2::<Sha512>(password, salt, rounds)),
            other => with_type!(other, pbkdf2(password, salt, rounds)),
        }
    }
}

fn digest<D: Digest>(message: &[u8]) -> String {
    hex(&D::digest(message))
}

fn hmac<D: Digest + BlockSizeUser>(key: &[u8], message: &[u8]) -> Option<String> {
    let mut mac = <SimpleHmac<D> as KeyInit>::new_from_slice(key).ok()?;
    Mac::update(&mut mac, message);
    Some(hex(&mac.finalize().into_bytes()))
}

fn eager_pbkdf2<D: Digest + EagerHash>(password: &[u8], salt: &[u8], rounds: u32) -> String {
    let mut key = vec![0; <D as Digest>::output_size()];
    pbkdf2_hmac::<D>(password, salt, rounds, &mut key);
    hex(&key)
}

fn pbkdf2<D: Digest + BlockSizeUser + Clone>(password: &[u8], salt: &[u8], rounds: u32) -> Option<String> {
    let mut key = vec![0; <D as Digest>::output_size()];
    pbkdf2::pbkdf2::<SimpleHmac<D>>(password, salt, rounds, &mut key).ok()?;
    Some(hex(&key))
}

/// The bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The two digests one after the other, as in TLS before 1.2.
#[derive(Clone, Default)]
struct Md5Sha1 {
    md5: Md5,
    sha1: Sha1,
}

impl HashMarker for Md5Sha1 {}

impl OutputSizeUser for Md5Sha1 {
    type OutputSize = U36;
}

impl BlockSizeUser for Md5Sha1 {
    type BlockSize = U64;
}

impl Update for Md5Sha1 {
    fn update(&mut self, bytes: &[u8]) {
        Update::update(&mut self.md5, bytes);
        Update::update(&mut self.sha1, bytes);
    }
}

impl FixedOutput for Md5Sha1 {
    fn finalize_into(self, out: &mut Output<Self>) {
        let (md5, sha1) = out.split_at_mut(<Md5 as Digest>::output_size());
        md5.copy_from_slice(&self.md5.finalize_fixed());
        sha1.copy_from_slice(&self.sha1.finalize_fixed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_openssl_s_in_any_case_and_nothing_like_them() {
        for (name, expected) in [
            ("sha256", Some(HashFunction::Sha256)),
            ("SHA2-256", Some(HashFunction::Sha256)),
            ("RSA-SHA512/256", Some(HashFunction::Sha512_256)),
            ("RMD160", Some(HashFunction::Ripemd160)),
            ("BLAKE2b512", Some(HashFunction::Blake2b)),
            ("null", None),
            ("shake_128", None),
            ("sha_256", None),
            ("sha256 ", None),
            ("rsa-", None),
            ("", None),
        ] {
            assert_eq!(HashFunction::named(name), expected, "{name}");
        }
    }

    #[test]
    fn an_md5_sha1_is_both_digests() {
        let both = format!(
            "{}{}",
            HashFunction::Md5.digest(b"abc"),
            HashFunction::Sha1.digest(b"abc")
        );
        assert_eq!(HashFunction::Md5Sha1.digest(b"abc"), both);
    }
}
