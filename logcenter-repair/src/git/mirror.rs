//! A bare mirror of a repository, which belongs to the agent alone. Nothing of the repository runs in it.

use super::command::Git;
use crate::address::Origin;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Makes files the same in the tree as in the repository, byte by byte, whatever the repository's own attributes say,
/// so that no filter runs and nothing is left out.
const ATTRIBUTES: &str =
    "* -text -eol -ident -filter -working-tree-encoding -export-ignore -export-subst !diff\n";

/// What building and testing leaves in a tree, unless it is part of the repository already: no part of a fix.
const LEFT_OUT: &str = "__pycache__/\n*.py[cod]\n.pytest_cache/\n.mypy_cache/\n.tox/\n.coverage\nnode_modules\n/target/\n\
    Cargo.lock\npackage-lock.json\nuv.lock\n.aider*\n";

/// The largest source file that is read for the prompt.
const LARGEST_SOURCE: usize = 2 * 1024 * 1024;

/// A bare mirror.
#[derive(Debug, Clone)]
pub(crate) struct Mirror {
    pub(crate) git: Git,
    address: String,
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// The branch is there, with this commit.
    Done,
    /// The branch is there with another commit, which nobody overwrites.
    Taken,
}

impl Mirror {
    /// Opens the mirror of a project, or creates it.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(crate) async fn open(
        work_dir: &Path,
        project: &str,
        origin: &Origin,
        login: Option<(String, String)>,
    ) -> Result<Self, String> {
        let git_dir = work_dir.join("mirrors").join(format!("{project}.git"));
        let git = Git::new(git_dir.clone(), login);
        // Each time: whoever could write here once must not decide what runs today.
        let info = git_dir.join("info");
        std::fs::create_dir_all(&info)
            .map_err(|error| format!("{} cannot be created: {error}", info.display()))?;
        git.run(["init", "--quiet", "--bare", "--initial-branch=main", "--template="]).await?;
        std::fs::write(git_dir.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
            .and_then(|()| std::fs::write(info.join("attributes"), ATTRIBUTES))
            .and_then(|()| std::fs::write(info.join("exclude"), LEFT_OUT))
            .map_err(|error| format!("{} cannot be written: {error}", git_dir.display()))?;
        Ok(Self { git, address: origin.for_git() })
    }

    /// Fetches the branches.
    ///
    /// # Errors
    /// Why that is not possible, as git says it.
    pub(crate) async fn fetch(&self) -> Result<(), String> {
        let args =
            ["fetch", "--quiet", "--no-tags", "--prune", "--no-recurse-submodules", "--no-write-fetch-head"];
        let what = ["--", &self.address, "+refs/heads/*:refs/heads/*"];
        self.git.run(args.into_iter().chain(what)).await.map(drop)
    }

    /// The commit that a branch or a hash names.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn commit(&self, name: &str) -> Result<String, String> {
        let name = format!("{name}^{{commit}}");
        self.git.line(["rev-parse", "--verify", "--quiet", "--end-of-options", &name]).await
    }

    /// The paths of a commit's files.
    ///
    /// # Errors
    /// Why that is not possible, as git says it.
    pub(crate) async fn paths(&self, commit: &str) -> Result<BTreeSet<String>, String> {
        let listed = self.git.run(["ls-tree", "-r", "-z", "--name-only", commit]).await?;
        let names = listed.split(|&byte| byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
    }

    /// Those of a commit's Rust files that say of a module in which file it lies.
    ///
    /// # Errors
    /// Why that is not possible, as git says it.
    pub(crate) async fn naming_paths(&self, commit: &str) -> Result<Vec<String>, String> {
        let pattern = "path[[:space:]]*=[[:space:]]*r*#*\"";
        let args = ["grep", "--name-only", "-z", "--full-name", "-I", "-e", pattern, commit, "--", "*.rs"];
        let listed = self.git.search(args).await?;
        let named = String::from_utf8_lossy(&listed);
        Ok(named.split('\0').filter_map(|name| Some(name.split_once(':')?.1.to_owned())).collect())
    }

    /// A file's text at a commit.
    ///
    /// # Errors
    /// There is no such file, or it is too large.
    pub(crate) async fn text(&self, commit: &str, path: &str) -> Result<String, String> {
        let object = format!("{commit}:{path}");
        let size = self.git.line(["cat-file", "-s", &object]).await?;
        if size.parse::<usize>().unwrap_or(usize::MAX) > LARGEST_SOURCE {
            return Err(format!("{path} is too large to be shown"));
        }
        let bytes = self.git.run(["cat-file", "blob", &object]).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The commit at the tip of a branch of the repository itself.
    ///
    /// # Errors
    /// Why that is not possible, as git says it.
    pub(crate) async fn remote_tip(&self, branch: &str) -> Result<Option<String>, String> {
        let line = self.git.line(["ls-remote", "--", &self.address, &format!("refs/heads/{branch}")]).await?;
        Ok(line.split_whitespace().next().map(str::to_owned))
    }

    /// The same mirror, with what is written kept in a folder of its own: what a fixer leaves is never among the objects
    /// that a later one is shown.
    pub(crate) fn writing_to(&self, objects: PathBuf) -> Self {
        Self { git: self.git.writing_to(objects), address: self.address.clone() }
    }

    /// Pushes a commit as a new branch. One that is there already is never changed.
    ///
    /// # Errors
    /// Why that is not possible, as git says it.
    pub(crate) async fn push(&self, commit: &str, branch: &str) -> Result<Pushed, String> {
        let created = format!("--force-with-lease=refs/heads/{branch}:");
        let refspec = format!("{commit}:refs/heads/{branch}");
        let args =
            ["push", "--quiet", "--no-verify", "--no-recurse-submodules", &created, "--", &self.address];
        let Err(said) = self.git.run(args.into_iter().chain([refspec.as_str()])).await else {
            return Ok(Pushed::Done);
        };
        match self.remote_tip(branch).await? {
            Some(tip) if tip == commit => Ok(Pushed::Done),
            Some(_) => Ok(Pushed::Taken),
            None => Err(said),
        }
    }
}
