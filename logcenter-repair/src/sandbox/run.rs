//! Runs one command in a sandbox.

use super::bubblewrap::{self, Shown};
use super::output::{self, Kept};
use super::spec::{Answer, STARTED, Spec};
use super::taken::{self, Taken};
use super::toolchain::Toolchain;
use super::{Proxy, inside};
use crate::config::Containment;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

/// How commands of this agent are contained.
#[derive(Debug, Clone)]
pub(crate) struct Sandbox {
    containment: Containment,
    /// This program, which is the sandbox's first process.
    program: PathBuf,
    /// `/etc/passwd` and the like, as the sandbox shows them.
    system: PathBuf,
}

/// What to run.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    pub(crate) command: &'a [String],
    pub(crate) toolchain: &'a Toolchain,
    /// Variables besides those of the toolchain.
    pub(crate) environment: Vec<(String, String)>,
    /// The files it works on, of which it gets a copy.
    pub(crate) base: &'a Path,
    /// A repository for that copy, and the objects that it refers to.
    pub(crate) history: (PathBuf, PathBuf),
    /// The folder that describes the task; its `prompt.md` is the command's standard input.
    pub(crate) task: Option<&'a Path>,
    pub(crate) limit: Duration,
    pub(crate) memory_mb: u64,
    pub(crate) proxy: Option<&'a Proxy>,
    /// The empty folder that the files are taken out to.
    pub(crate) take: Option<PathBuf>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    Exit(i32),
    Signal(i32),
    TimedOut,
    OutOfMemory,
    /// There is no such program, or it is not one.
    Unstartable(String),
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) ended: Ended,
    pub(crate) output: Kept,
    /// What was taken out, or why it cannot be.
    pub(crate) taken: Result<Taken, String>,
    /// The time that the command itself took.
    pub(crate) seconds: f64,
}

/// The processes outside of the sandbox that hold it: they end when this is dropped.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw))
    }

    fn end(&self) {
        if let Some(group) = self.0 {
            // It may have ended by itself.
            let _ = killpg(group, Signal::SIGKILL);
        }
    }

    /// They have ended, and their number may be another's by now.
    fn forget(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

impl Sandbox {
    /// Prepares for running commands.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(crate) fn new(containment: Containment, work_dir: &Path) -> Result<Self, String> {
        let program =
            std::env::current_exe().map_err(|error| format!("this program has no path: {error}"))?;
        let system = work_dir.join("system");
        let written = std::fs::create_dir_all(&system).and_then(|()| {
            for (name, text) in [
                ("passwd", "root:x:0:0::/:/bin/sh\nfixer:x:1000:1000::/tmp/home:/bin/sh\n"),
                ("group", "root:x:0:\nfixer:x:1000:\n"),
                ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
                ("hosts", "127.0.0.1 localhost\n"),
            ] {
                std::fs::write(system.join(name), text)?;
            }
            Ok(())
        });
        written.map_err(|error| format!("{} cannot be written: {error}", system.display()))?;
        Ok(Self { containment, program, system })
    }

    /// Runs a command. Dropping the future ends everything that it has started.
    ///
    /// # Errors
    /// The sandbox could not be made: nothing has run.
    pub(crate) async fn run(&self, job: Job<'_>) -> Result<Ran, String> {
        let confined = self.containment == Containment::Bubblewrap;
        // Where nothing contains it, the copy lies beside the original.
        let outside = job.base.with_file_name("unconfined");
        let spec = spec(&job, (!confined).then_some(outside.as_path()));
        let mut command = if confined { self.confined(&job)? } else { self.unconfined(&outside)? };
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| format!("the sandbox cannot be started: {error}"))?;
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err("the sandbox has no pipes".into());
        };
        let told = serde_json::to_vec(&spec).map_err(|error| error.to_string())?;
        let answered = stdout.into_owned_fd().map_err(|error| error.to_string())?;
        let take = job.take.clone();
        let answer = tokio::task::spawn_blocking(move || read_answer(File::from(answered), take.as_deref()));
        let group = Group::of(&child);
        let work = async {
            // If it does not read it, it says why.
            let _ = stdin.write_all(&told).await;
            drop(stdin);
            tokio::join!(output::read(stderr), answer)
        };
        tokio::pin!(work);
        let limited = tokio::time::timeout(job.limit, &mut work).await;
        let is_late = limited.is_err();
        let (output, answer) = match limited {
            Ok(ended) => ended,
            // Its pipes close when the last of its processes is gone.
            Err(_) => {
                group.end();
                let gone = tokio::time::timeout(Duration::from_secs(10), work).await;
                gone.map_err(|_| "the sandbox does not end".to_owned())?
            }
        };
        child.wait().await.map_err(|error| error.to_string())?;
        group.forget();
        if is_late {
            return Ok(Ran {
                ended: Ended::TimedOut,
                output,
                taken: Ok(Taken::default()),
                seconds: job.limit.as_secs_f64(),
            });
        }
        let Some((ended, taken, seconds)) = answer.map_err(|error| error.to_string())? else {
            let why = output.tail(2000).trim().to_owned();
            return Err(format!("the sandbox did not start: {why}. `logcenter repair doctor` says more"));
        };
        Ok(Ran { ended, output, taken, seconds })
    }

    fn confined(&self, job: &Job<'_>) -> Result<Command, String> {
        let mut shown = job.toolchain.shown.clone();
        shown.push(Shown::at(job.base, "/base"));
        shown.push(Shown::at(&job.history.0, "/base.git"));
        shown.push(Shown::at(&job.history.1, "/objects"));
        for name in ["passwd", "group", "nsswitch.conf", "hosts"] {
            shown.push(Shown::at(self.system.join(name), Path::new("/etc").join(name)));
        }
        shown.extend(job.task.map(|task| Shown::at(task, "/task")));
        shown.extend(job.proxy.map(|proxy| Shown::at(proxy.socket(), "/run/proxy")));
        bubblewrap::command(&self.program, &shown, job.memory_mb << 20, job.task.is_some())
    }

    fn unconfined(&self, folder: &Path) -> Result<Command, String> {
        if folder.exists() {
            std::fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let mut command = Command::new(&self.program);
        command.arg(inside::ARGUMENT).env_clear();
        command.as_std_mut().process_group(0);
        Ok(command)
    }
}

/// What the first process is told. `outside` is the folder of a command that nothing contains.
fn spec(job: &Job<'_>, outside: Option<&Path>) -> Spec {
    let place = |inside: &str, path: &Path| if outside.is_some() { path.to_owned() } else { inside.into() };
    let own = |inside: &str, name: &str| outside.map_or_else(|| inside.into(), |folder| folder.join(name));
    let (tree, home): (PathBuf, PathBuf) = (own("/tmp/work", "work"), own("/tmp/home", "home"));
    let mut environment = job.toolchain.environment(&home, &own("/tmp", ""));
    let task = job.task.map(|task| place("/task", task));
    if let Some(task) = &task {
        environment.push(("LOGCENTER_TASK".into(), task.to_string_lossy().into_owned()));
    }
    if job.proxy.is_some() {
        let address = format!("http://127.0.0.1:{}", super::spec::PROXY_PORT);
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
            environment.push((name.into(), address.clone()));
        }
    }
    environment.extend(job.environment.iter().cloned());
    Spec {
        command: job.command.to_vec(),
        environment,
        stdin: task.as_ref().map(|task| task.join("prompt.md")),
        base: place("/base", job.base),
        git: place("/base.git", &job.history.0),
        tree,
        home,
        out: task.map(|task| task.join("out")),
        memory: job.memory_mb << 20,
        confined: outside.is_none(),
        take: job.take.is_some(),
        proxy: job.proxy.filter(|_| outside.is_none()).map(|_| "/run/proxy".into()),
    }
}

/// Reads what the first process answers; `None` if it never started the command.
fn read_answer(pipe: File, folder: Option<&Path>) -> Option<(Ended, Result<Taken, String>, f64)> {
    let mut pipe = BufReader::new(pipe);
    let mut line = String::new();
    pipe.read_line(&mut line).ok().filter(|_| line == STARTED)?;
    line.clear();
    // Whatever ended it before it could answer, the command did not come to its end.
    let Some(answer) =
        pipe.read_line(&mut line).ok().and_then(|_| serde_json::from_str::<Answer>(&line).ok())
    else {
        return Some((Ended::Signal(libc::SIGKILL), Err("the sandbox was ended".into()), 0.0));
    };
    let seconds = answer.seconds;
    let ended = match answer {
        Answer { unstartable: Some(why), .. } => Ended::Unstartable(why),
        Answer { out_of_memory: true, .. } => Ended::OutOfMemory,
        Answer { exit: Some(code), .. } => Ended::Exit(code),
        Answer { signal, .. } => Ended::Signal(signal.unwrap_or(libc::SIGKILL)),
    };
    let taken = folder.map_or_else(|| Ok(Taken::default()), |folder| taken::take(pipe, folder));
    Some((ended, taken.map_err(|error| error.to_string()), seconds))
}
