//! Log Center's repair agent: claims issues, reproduces them, lets a fixer (a coding agent, a script) edit the files in a
//! sandbox, judges what it left, and publishes what passed as a branch or a draft pull request.
//!
//! What it may do is in its own configuration ([`config`]); nothing that a report or the server says widens it. An error's
//! text is written by strangers, and the fixer reads it: so the fixer has no network, no credentials and no way to run git,
//! and neither its words nor its exit code decide anything.
//!
//! ```no_run
//! # async fn repair() -> Result<(), Box<dyn std::error::Error>> {
//! use logcenter_repair::{Agent, Server, config::Config};
//!
//! let config = Config::read("repair.toml".as_ref())?;
//! let server = Server { url: "http://localhost:8002".into(), token: None };
//! let agent = Agent::new(config, server, |_| None, Box::new(|news| println!("{news:?}")))?;
//! if let Some(ended) = agent.once(None).await? {
//!     println!("issue {}: {}", ended.issue, ended.verdict);
//! }
//! # Ok(())
//! # }
//! ```

mod address;
mod agent;
mod attempt;
mod budget;
mod claims;
mod clock;
pub mod config;
mod doctor;
mod ended;
mod forge;
mod git;
mod judge;
mod lease;
mod poll;
mod process;
mod prompt;
mod sandbox;

pub use agent::{Agent, Server, Tell};
pub use doctor::{Check, Diagnosis, Outcome};
pub use ended::{Ended, Failure, News, Step, StepName};
pub use sandbox::inside::ran_inside_the_sandbox;
