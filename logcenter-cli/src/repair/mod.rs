//! `logcenter repair`

mod args;
mod show;

pub(crate) use args::Repair;

use crate::exit::Failure;
use crate::output::say;
use args::RepairCommand;
use logcenter_core::repair::Verdict;
use logcenter_repair::config::Config;
use logcenter_repair::{Agent, Ended, Server};

pub(crate) async fn repair(args: Repair) -> Result<(), Failure> {
    // What is checked out is read by another user; the folder above it is closed to all.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    let config = Config::read(&args.config).map_err(|faults| Failure::machine(faults.to_string()))?;
    let output = args.output;
    let server = Server { url: args.url, token: args.token.filter(|token| !token.is_empty()) };
    // A secret's file often ends with a newline.
    #[expect(clippy::disallowed_methods, reason = "the configuration names the variables")]
    let variable = |name: &str| std::env::var(name).ok().map(|value| value.trim_end().to_owned());
    let agent = Agent::new(config, server, variable, Box::new(move |news| show::news(output, news)))?;
    match args.command {
        RepairCommand::Run => run(&agent).await,
        RepairCommand::Once { issue } => once(&agent, issue).await,
        RepairCommand::Doctor => {
            let diagnosis = agent.doctor().await;
            show::checks(output, &diagnosis.checks);
            diagnosis.failure.map_or(Ok(()), |failure| Err(failure.into()))
        }
    }
}

/// Works until it is told to stop. What it is working on then, it gives back.
async fn run(agent: &Agent) -> Result<(), Failure> {
    let stop = async {
        match crate::serve::shutdown_signal().await {
            Ok(()) => agent.stop(),
            Err(error) => say(&format!("cannot wait for signals: {error}")),
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = agent.run() => Ok(ended?),
        () = stop => Ok(()),
    }
}

async fn once(agent: &Agent, issue: Option<i64>) -> Result<(), Failure> {
    let Some(ended) = agent.once(issue).await? else {
        say("nothing to do");
        return Ok(());
    };
    let Ended { verdict, reason, .. } = ended;
    match verdict {
        Verdict::Reproduced | Verdict::NotReproduced | Verdict::Fixed | Verdict::Cancelled => Ok(()),
        Verdict::NoChange
        | Verdict::TestsFailed
        | Verdict::GuardRejected
        | Verdict::TimedOut
        | Verdict::Budget => Err(Failure::failed(reason)),
        Verdict::InfraError => Err(Failure::machine(reason)),
        Verdict::Abandoned => Err(Failure::unreachable(reason)),
    }
}

impl From<logcenter_repair::Failure> for Failure {
    fn from(failure: logcenter_repair::Failure) -> Self {
        match failure {
            logcenter_repair::Failure::NotAllowed(why) => Self::not_allowed(why),
            logcenter_repair::Failure::Unreachable(why) => Self::unreachable(why),
            logcenter_repair::Failure::Machine(why) => Self::machine(why),
        }
    }
}
