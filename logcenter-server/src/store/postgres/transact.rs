//! Runs transactions, and repeats those that conflicted with another.

use super::fault::{Fault, Result};
use super::session::Session;
use super::{Postgres, Shared};
use crate::runtime::clock::Stopwatch;
use crate::store::{StoreError, StoreFuture};
use deadpool_postgres::Object;
use std::pin::Pin;
use std::time::Duration;
use tokio_postgres::IsolationLevel;

/// What a step of a transaction returns.
pub(super) type Step<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// How long a transaction is tried again, in seconds: its caller waits.
const TRIED_SECONDS: f64 = 5.0;

/// The longest first pause before a transaction is repeated; each further one may be twice as long.
const FIRST_PAUSE_MILLIS: u64 = 10;
const LONGEST_PAUSE_MILLIS: u64 = 1000;

/// No transaction takes longer. One that does has a server that no longer answers.
const LONGEST: Duration = Duration::from_secs(10);

/// Whose connections a transaction uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    Read,
    Write,
    Record,
}

impl Postgres {
    /// Runs a step in a transaction, and returns once that is durable.
    pub(super) fn write<'s, A: Send + Sync + 's, T: Send + 's>(
        &'s self,
        args: A,
        step: for<'a> fn(&'a Session<'a>, &'a A) -> Step<'a, T>,
    ) -> StoreFuture<'s, T> {
        Box::pin(async move { self.shared.repeated(&args, step, Lane::Write).await })
    }

    /// As [`write`](Self::write), for a batch of reports.
    pub(super) fn write_reports<'s, A: Send + Sync + 's, T: Send + 's>(
        &'s self,
        args: A,
        step: for<'a> fn(&'a Session<'a>, &'a A) -> Step<'a, T>,
    ) -> StoreFuture<'s, T> {
        Box::pin(async move { self.shared.repeated(&args, step, Lane::Record).await })
    }

    /// Runs queries that see the database as it was at one moment.
    pub(super) fn read<'s, A: Send + Sync + 's, T: Send + 's>(
        &'s self,
        args: A,
        step: for<'a> fn(&'a Session<'a>, &'a A) -> Step<'a, T>,
    ) -> StoreFuture<'s, T> {
        Box::pin(async move { self.shared.repeated(&args, step, Lane::Read).await })
    }
}

impl Shared {
    pub(super) async fn repeated<A: Sync, T>(
        &self,
        args: &A,
        step: for<'a> fn(&'a Session<'a>, &'a A) -> Step<'a, T>,
        lane: Lane,
    ) -> std::result::Result<T, StoreError> {
        let (begun, mut longest) = (Stopwatch::start(), FIRST_PAUSE_MILLIS);
        loop {
            match self.once(args, step, lane).await {
                Err(Fault::Taken) => continue,
                Err(Fault::Conflict(_) | Fault::Lost(_)) if begun.seconds() < TRIED_SECONDS => {}
                done => return Ok(done?),
            }
            pause(Duration::from_millis(random(longest))).await;
            longest = (longest * 2).min(LONGEST_PAUSE_MILLIS);
        }
    }

    async fn once<A: Sync, T>(
        &self,
        args: &A,
        step: for<'a> fn(&'a Session<'a>, &'a A) -> Step<'a, T>,
        lane: Lane,
    ) -> Result<T> {
        let pool = match lane {
            Lane::Read => &self.readers,
            Lane::Write => &self.writers,
            Lane::Record => &self.recorders,
        };
        let mut client = pool.get().await?;
        let done = self.on(&mut client, args, step, lane == Lane::Read).await;
        if matches!(done, Err(Fault::Lost(_) | Fault::Store(StoreError::UnknownOutcome(_)))) {
            // Other idle connections are likely to lead to the same server.
            pool.retain(|_, _| false);
            drop(Object::take(client));
        }
        done
    }

    async fn on<A: Sync, T>(
        &self,
        client: &mut Object,
        args: &A,
        step: for<'a> fn(&'a Session<'a>, &'a A) -> Step<'a, T>,
        reads: bool,
    ) -> Result<T> {
        let silent = |_| Fault::Lost(format!("the database did not answer within {} s", LONGEST.as_secs()));
        let begun = async {
            let level = if reads { IsolationLevel::RepeatableRead } else { IsolationLevel::ReadCommitted };
            let begin = client.build_transaction().isolation_level(level).read_only(reads).start();
            let session = Session::new(begin.await?, self);
            let done = step(&session, args).await?;
            session.announce_facts().await?;
            Ok::<_, Fault>((session, done))
        };
        let (session, done) = tokio::time::timeout(LONGEST, begun).await.map_err(silent)??;
        if reads {
            // Nothing to commit: the rollback is not waited for.
            return Ok(done);
        }
        let unknown = |text: String| Fault::Store(StoreError::UnknownOutcome(text));
        match tokio::time::timeout(LONGEST, session.commit()).await {
            Ok(Ok(counted)) => {
                self.note_counted(counted);
                Ok(done)
            }
            Ok(Err(error)) => Err(match (error.code().is_none(), Fault::from(error)) {
                // No answer, or one that says nothing of what became of it.
                (_, Fault::Lost(text)) | (true, Fault::Store(StoreError::Failed(text))) => unknown(text),
                (_, fault) => fault,
            }),
            Err(_) => Err(unknown("the database did not answer".into())),
        }
    }
}

/// Lets others go first.
#[expect(clippy::disallowed_methods, reason = "nothing tells when the others are done")]
pub(super) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// A number below `limit`.
fn random(limit: u64) -> u64 {
    getrandom::u64().map_or(limit / 2, |number| number % limit.max(1))
}
