//! `logcenter report`

use crate::api::api;
use crate::args::Report;
use crate::exit::Failure;
use crate::output::{cell, show};
use logcenter_client::api::{NewReport, NewReportError};
use std::io::Read;
use std::path::Path;

pub(crate) async fn report(args: Report) -> Result<(), Failure> {
    let api = api(&args.server, args.key)?;
    let stack_trace = args.stack.as_deref().map(read).transpose()?;
    let report = NewReport {
        project_id: args.project,
        environment: args.environment,
        level: args.level,
        source: args.source,
        version: args.version,
        commit_hash: args.commit,
        repo_url: None,
        timestamp: None,
        event_id: args.event_id,
        error: NewReportError {
            error_type: args.error_type,
            message: args.message,
            file_path: args.file,
            line_number: args.line,
            stack_trace,
        },
        context: args.context.into_iter().map(|(name, value)| (name, value.into())).collect(),
    };
    let answer = api.report(&report).await?;
    show(args.server.output, &answer, |answer| {
        let status = answer["status"].as_str().map(|status| format!(" ({status})")).unwrap_or_default();
        format!("{}: issue {}{status}\n", cell(&answer["message"], 80), answer["id"])
    });
    Ok(())
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|content| bytes = content)
    };
    read.map_err(|error| Failure::failed(format!("cannot read --stack {}: {error}", path.display())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
