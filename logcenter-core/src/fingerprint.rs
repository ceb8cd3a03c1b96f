//! What makes two events belong to the same issue.

use crate::{ProjectId, Source};
use core::fmt;
use core::str::FromStr;
use md5::{Digest, Md5};

/// The identity of an issue: the MD5 of the fields that identify it, which depend on its source. The formula is fixed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

/// The fields of a report that identify its issue, exactly as received.
#[derive(Debug, Clone, Copy)]
pub enum Identity<'a> {
    /// A running program: where the error occurred.
    Runtime {
        /// `error.file_path`, empty when absent.
        file_path: &'a str,
        /// `error.line_number`; if absent, hashed as the empty string.
        line_number: Option<u64>,
    },
    /// A pipeline: the step that failed.
    Cicd {
        /// `context.job_name`: a string, or the JSON text of a number; otherwise empty.
        job_name: &'a str,
        /// `context.step_name`, read the same way.
        step_name: &'a str,
    },
    /// A deployment: the failing workload.
    Deployment {
        /// `context.namespace`, read the same way.
        namespace: &'a str,
        /// `context.deployment_name`, read the same way.
        deployment_name: &'a str,
    },
}

impl Fingerprint {
    /// Hashes `project|…|…`: the project ID and the fields of the source's formula, joined by a single `|`.
    #[must_use]
    pub fn of(project_id: &ProjectId, error_type: &str, identity: Identity<'_>) -> Self {
        let mut hash = Md5::new();
        hash.update(project_id.as_str());
        let mut part = |text: &str| {
            hash.update(b"|");
            hash.update(text.as_bytes());
        };
        match identity {
            Identity::Runtime { file_path, line_number } => {
                part(error_type);
                part(file_path);
                let mut digits = Digits::default();
                part(line_number.map_or("", |line| digits.write(line)));
            }
            Identity::Cicd { job_name, step_name } => {
                part(Source::Cicd.as_str());
                part(error_type);
                part(job_name);
                part(step_name);
            }
            Identity::Deployment { namespace, deployment_name } => {
                part(Source::Deployment.as_str());
                part(error_type);
                part(namespace);
                part(deployment_name);
            }
        }
        Self(hash.finalize().into())
    }

    /// Rebuilds a fingerprint from its sixteen stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The sixteen bytes, for storage.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Buffer for the decimal digits of a `u64`, so that hashing does not allocate.
#[derive(Default)]
struct Digits([u8; 20]);

impl Digits {
    fn write(&mut self, mut number: u64) -> &str {
        let mut at = self.0.len();
        loop {
            at -= 1;
            self.0[at] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        core::str::from_utf8(&self.0[at..]).unwrap_or("")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidFingerprint;

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        let digits = text.as_bytes();
        if digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(InvalidFingerprint);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| InvalidFingerprint)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl serde::Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
