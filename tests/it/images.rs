//! The images of the Dockerfile are built and started.

use crate::harness::postgres::Database;
use crate::harness::{Http, double, eventually_within, report, tools};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What the Dockerfile builds on. No registry is asked: it is made here, of Debian and this machine's toolchain.
const BASE: &str = "docker.io/library/rust:1.95-slim-bookworm";

/// How long a container may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes the base of a folder that holds a Debian. What a pull would bring is copied from the machine.
const MAKES_THE_BASE: &str = r#"
set -e
container=$(buildah from scratch)
root=$(buildah mount "$container")
debootstrap --variant=minbase --include=gcc,libc6-dev,ca-certificates bookworm "$root" http://deb.debian.org/debian >&2
cp -a /etc/ssl/certs/. "$root/etc/ssl/certs/"
mkdir -p "$root/usr/local/rustup/toolchains" "$root/usr/local/cargo/bin"
toolchain=$(rustup show active-toolchain | cut -d' ' -f1)
cp -a "$(rustc --print sysroot)" "$root/usr/local/rustup/toolchains/$toolchain"
cp -a "${RUSTUP_HOME:-$HOME/.rustup}/settings.toml" "$root/usr/local/rustup/"
cp -aL "${CARGO_HOME:-$HOME/.cargo}"/bin/{rustup,cargo,rustc} "$root/usr/local/cargo/bin/"
buildah umount "$container" >&2
buildah config --env RUSTUP_HOME=/usr/local/rustup --env CARGO_HOME=/usr/local/cargo \
  --env PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
buildah commit --rm "$container" "$1" >&2
"#;

/// buildah with images of its own.
fn buildah(args: &[&str]) -> Command {
    let mut command = Command::new("buildah");
    command.args(args).envs(storage());
    command
}

fn storage() -> [(&'static str, PathBuf); 2] {
    let folder = tools::folder().join("images");
    std::fs::create_dir_all(&folder).unwrap();
    let settings = folder.join("storage.conf");
    let text = format!(
        "[storage]\ndriver = \"overlay\"\ngraphroot = {:?}\nrunroot = {:?}\n",
        folder.join("graph"),
        folder.join("run")
    );
    std::fs::write(&settings, text).unwrap();
    [("CONTAINERS_STORAGE_CONF", settings), ("BUILDAH_ISOLATION", "chroot".into())]
}

fn has(image: &str) -> bool {
    buildah(&["inspect", "--type", "image", image]).output().is_ok_and(|output| output.status.success())
}

fn build(target: &str) {
    let root = crate::harness::program::root();
    tools::run(
        buildah(&["build", "--pull-never", "--layers", "--target", target, "--tag", target, "."])
            .current_dir(root),
    );
}

/// A container of an image that is gone in the end.
struct Container(String);

impl Container {
    fn of(image: &str) -> Self {
        let output = tools::run(&mut buildah(&["from", "--pull-never", image]));
        Self(String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    fn command(&self, environment: &[(&str, &str)], words: &[&str]) -> Command {
        let mut run = buildah(&["run"]);
        for (name, value) in environment {
            run.args(["--env", &format!("{name}={value}")]);
            // Where the database's socket is.
            if let Some((_, folder)) = value.split_once("?host=") {
                run.args(["--volume", &format!("{folder}:{folder}")]);
            }
        }
        run.args([&self.0, "--"]).args(words);
        run
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = buildah(&["rm", &self.0]).output();
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("pkill").args(["-TERM", "-P", &self.0.id().to_string()]).status();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the server as its image does, and reports to it.
async fn serves(container: &Container, database: Option<&str>) {
    let (base, dashboard) = (double::closed_port(), double::closed_port());
    let [listen, dashboard] = [&base, &dashboard].map(|url| url.trim_start_matches("http://"));
    let mut environment = vec![
        ("LOGCENTER_LISTEN", listen),
        ("LOGCENTER_DASHBOARD_LISTEN", dashboard),
        ("LOGCENTER_ADMIN_TOKEN", "secret"),
    ];
    environment.extend(database.map(|database| ("LOGCENTER_DATABASE", database)));
    let serve =
        container.command(&environment, &["/logcenter", "serve"]).stderr(Stdio::null()).spawn().unwrap();
    let _running = Running(serve);
    let http = Http::new(&base);
    eventually_within(PATIENCE, "the container answers", || async {
        let answer = http.try_send(http.request("GET", "/readyz")).await.ok()?;
        (answer.status == 200).then_some(())
    })
    .await;
    let id = http.report(&report(1)).await.ok()["id"].as_i64().unwrap();
    assert_eq!(http.bearer("secret").issue(id).await["count"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "slow: scripts/test --slow"]
async fn the_images_are_built_and_started() {
    if !has(BASE) {
        tools::run(Command::new("bash").args(["-c", MAKES_THE_BASE, "bash", BASE]).envs(storage()));
    }
    for target in ["log-center", "k8s-pod-monitor"] {
        build(target);
    }
    let server = Container::of("log-center");
    serves(&server, None).await;
    let database = Database::create().await;
    serves(&server, Some(&database.address())).await;
    let monitor = Container::of("k8s-pod-monitor");
    let output = monitor.command(&[], &["/logcenter", "k8s", "scan"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("does not answer"), "{said}");
}
