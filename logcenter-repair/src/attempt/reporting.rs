//! What the server is told.

use super::{Attempt, Reached, Stop};
use crate::clock;
use crate::ended::Ended;
use crate::prompt::clean;
use logcenter_client::api::{AttemptUpdate, Cost, NewArtifact, StatusChange};
use logcenter_core::Status;
use logcenter_core::repair::{ArtifactKind, Stage, Verdict};
use logcenter_core::report::shorten;
use std::time::Duration;

/// Bytes of an artifact that are sent.
const LONGEST_ARTIFACT: usize = 400 * 1024;

/// Waits before the server is asked again.
const AGAIN: [u64; 5] = [1, 2, 4, 8, 16];

/// Longest reason and note.
const LONGEST_REASON: usize = 1500;

/// The note of a patch that waits.
const WAITS: &str = "a patch waits for a person";

impl Attempt<'_> {
    /// Adds to the attempt on the server. A server that does not answer is asked again while the lease may last.
    pub(super) async fn report(
        &self,
        stage: Stage,
        add: impl FnOnce(&mut AttemptUpdate),
    ) -> Result<(), Stop> {
        self.stage.set(self.stage.get().max(stage));
        let mut update = AttemptUpdate::at(self.stage.get());
        let seconds = clock::now().duration_since(self.begun).as_secs_f64();
        update.cost = Cost { seconds: Some(seconds), ..self.cost.get() };
        update.base_branch = Some(self.project.base.clone());
        add(&mut update);
        let id = self
            .persistently(|| self.agent.api.report_attempt(self.claim.issue.id, &self.lease.token, &update))
            .await?;
        self.id.set(Some(id));
        Ok(())
    }

    async fn persistently<T, F>(&self, ask: impl Fn() -> F) -> Result<T, Stop>
    where
        F: Future<Output = Result<T, logcenter_client::api::Error>>,
    {
        let mut waits = AGAIN.into_iter();
        loop {
            match (ask().await.map_err(Stop::from), waits.next()) {
                (Err(Stop::Server(_)), Some(wait)) => clock::pause(Duration::from_secs(wait)).await,
                (answer, _) => return answer,
            }
        }
    }

    /// Leaves a text behind.
    pub(super) async fn leave(&self, stage: Stage, kind: ArtifactKind, text: &str) -> Result<(), Stop> {
        // A diff is published as it was read: the guard has refused one that holds a secret.
        let masked = if kind == ArtifactKind::Diff { text.to_owned() } else { self.agent.secrets.mask(text) };
        let (text, truncated) = shorten(&masked, LONGEST_ARTIFACT);
        let artifact = NewArtifact { kind, text: text.into_owned(), truncated };
        self.report(stage, |update| update.artifacts.push(artifact)).await
    }

    /// Moves the issue to a status, if it is not there, by way of those between.
    pub(super) async fn moves(&self, to: Status) -> Result<(), Stop> {
        let way: &[Status] = match (self.status.get(), to) {
            (from, to) if from == to => &[],
            (Status::Verifying, Status::Fixing) => &[Status::PendingFix, Status::Fixing],
            _ => &[to],
        };
        for &status in way {
            self.change(StatusChange::to(status)).await?;
        }
        Ok(())
    }

    pub(super) async fn change(&self, change: StatusChange) -> Result<(), Stop> {
        let change = StatusChange { lease_token: Some(self.lease.token.clone()), ..change };
        let issue = self.persistently(|| self.agent.api.change(self.claim.issue.id, &change)).await?;
        self.status.set(issue.status);
        Ok(())
    }

    /// Ends the attempt on the server.
    pub(super) async fn end(self, reached: Result<Reached, Stop>) -> Ended {
        let was_verifying = self.status.get() == Status::Verifying;
        let told = self.tell_end(&reached).await;
        let (verdict, reason, published) = match reached {
            Ok(Reached::Published(published)) => (Verdict::Fixed, published.text.clone(), Some(published)),
            Ok(Reached::Analysed(text)) => (Verdict::Reproduced, text, None),
            Ok(Reached::Patch(text)) => (Verdict::Fixed, text, None),
            Ok(Reached::NotReproduced(why)) if was_verifying => (Verdict::NotReproduced, why, None),
            Ok(Reached::NotReproduced(why)) => (Verdict::NoChange, why, None),
            Err(Stop::Fixer(verdict, why)) => (verdict, why, None),
            Err(Stop::Machine(why)) => (Verdict::InfraError, why, None),
            Err(Stop::Server(why)) => (Verdict::Abandoned, why, None),
            Err(Stop::Cancelled) => (Verdict::Cancelled, "a person stopped it".into(), None),
            Err(Stop::LeaseLost) => (Verdict::Abandoned, "the lease was lost".into(), None),
        };
        match told {
            Ok(status) => self.ended(verdict, status, &reason, published),
            // It was published, but the server does not know: the next attempt finds what is there.
            Err(stop) => {
                let reason = format!("{reason}; the server could not be told: {stop:?}");
                self.ended(Verdict::Abandoned, None, &reason, published)
            }
        }
    }

    async fn tell_end(&self, reached: &Result<Reached, Stop>) -> Result<Option<Status>, Stop> {
        let cut = |text: &str| Some(clean(&self.agent.secrets.mask(text), LONGEST_REASON));
        let note = |status, why: &str| StatusChange { note: cut(why), ..StatusChange::to(status) };
        match reached {
            Ok(Reached::Published(_)) => {}
            Ok(Reached::Analysed(text)) => {
                self.verdict(Stage::Verify, Verdict::Reproduced, text).await?;
                self.release(text).await?;
            }
            Ok(Reached::Patch(text)) => {
                self.verdict(Stage::Fix, Verdict::Fixed, text).await?;
                self.release(WAITS).await?;
            }
            Ok(Reached::NotReproduced(why)) if self.status.get() == Status::Verifying => {
                self.verdict(Stage::Verify, Verdict::NotReproduced, why).await?;
                self.change(note(Status::CannotReproduce, why)).await?;
            }
            // It was reproduced once, or a person has said that it is there: the fixer failed to show it.
            Ok(Reached::NotReproduced(why)) => {
                self.verdict(Stage::Fix, Verdict::NoChange, why).await?;
                self.moves(Status::Fixing).await?;
                self.change(note(Status::FixFailed, why)).await?;
            }
            Err(Stop::Fixer(verdict, why)) => {
                self.moves(Status::Fixing).await?;
                self.verdict(Stage::Fix, *verdict, why).await?;
                self.change(note(Status::FixFailed, why)).await?;
            }
            Err(Stop::Machine(why)) => {
                self.verdict(self.stage.get(), Verdict::InfraError, why).await?;
                self.release(why).await?;
            }
            Err(Stop::Cancelled) => {
                self.verdict(self.stage.get(), Verdict::Cancelled, "a person stopped it").await?;
                self.release("stopped").await?;
            }
            Err(Stop::LeaseLost | Stop::Server(_)) => return Ok(None),
        }
        Ok(Some(self.status.get()))
    }

    async fn verdict(&self, stage: Stage, verdict: Verdict, why: &str) -> Result<(), Stop> {
        let reason = Some(clean(&self.agent.secrets.mask(why), LONGEST_REASON));
        self.report(stage, |update| {
            update.verdict = Some(verdict);
            update.reason = reason;
        })
        .await
    }

    async fn release(&self, note: &str) -> Result<(), Stop> {
        let note = clean(&self.agent.secrets.mask(note), LONGEST_REASON);
        self.persistently(|| self.agent.api.release(self.claim.issue.id, &self.lease.token, Some(&note)))
            .await?;
        self.status.set(match self.status.get() {
            Status::Verifying => Status::New,
            Status::Fixing => Status::PendingFix,
            Status::New
            | Status::CannotReproduce
            | Status::PendingFix
            | Status::FixFailed
            | Status::Fixed
            | Status::Verified
            | Status::Deployed => self.status.get(),
        });
        Ok(())
    }
}
