//! The files of an attempt, as trees of the mirror: checked out, read back, compared, committed.

use super::mirror::Mirror;
use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The folder of one attempt.
#[derive(Debug)]
pub(crate) struct Workspace {
    mirror: Mirror,
    folder: PathBuf,
    /// The commit that the attempt begins from.
    pub(crate) base: String,
}

/// A path that two trees have differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) path: String,
    /// git's modes before and after, as `100644`; `000000` where there is none.
    pub(crate) modes: [String; 2],
    /// The object before.
    before: String,
    /// Lines added and removed; `None` if it is not a text.
    pub(crate) lines: Option<(usize, usize)>,
}

impl Changed {
    #[cfg(test)]
    pub(crate) fn of(path: &str, modes: [&str; 2], lines: Option<(usize, usize)>) -> Self {
        Self { path: path.into(), modes: modes.map(Into::into), before: String::new(), lines }
    }

    pub(crate) fn is_new(&self) -> bool {
        self.modes[0] == "000000"
    }

    pub(crate) fn is_deleted(&self) -> bool {
        self.modes[1] == "000000"
    }
}

/// Makes an empty folder.
fn emptied(folder: &Path) -> Result<(), String> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("{} cannot be created: {error}", folder.display()))
}

impl Workspace {
    /// Makes the folder of an attempt.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(crate) fn new(mirror: &Mirror, folder: PathBuf, base: String) -> Result<Self, String> {
        emptied(&folder)?;
        let objects = folder.join("objects");
        emptied(&objects)?;
        Ok(Self { mirror: mirror.writing_to(objects), folder, base })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    /// An empty folder of this name.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(crate) fn empty(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.folder.join(name);
        emptied(&folder)?;
        Ok(folder)
    }

    /// The tree of a commit, or the tree itself.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn tree_id(&self, name: &str) -> Result<String, String> {
        self.mirror.git.line(["rev-parse", "--verify", "--quiet", &format!("{name}^{{tree}}")]).await
    }

    /// A file's text in a tree.
    ///
    /// # Errors
    /// There is none, or it is too large.
    pub(crate) async fn text(&self, tree: &str, path: &str) -> Result<String, String> {
        self.mirror.text(tree, path).await
    }

    fn index(&self) -> PathBuf {
        self.folder.join("index")
    }

    /// Writes the files of a tree into an empty folder of this name.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(crate) async fn checkout(&self, tree: &str, name: &str) -> Result<PathBuf, String> {
        let folder = self.empty(name)?;
        let index = self.index();
        self.mirror.git.run_in(&folder, &index, None, ["read-tree", tree]).await?;
        self.mirror
            .git
            .run_in(&folder, &index, None, ["checkout-index", "--all", "--force", "--quiet"])
            .await?;
        self.repository(&index)?;
        Ok(folder)
    }

    /// A throw-away repository for the sandbox, so that `git log` and `git diff` work there. The objects are the
    /// mirror's, which the sandbox shows at `/objects`.
    fn repository(&self, index: &Path) -> Result<(), String> {
        let git = self.folder.join("git");
        let written = || {
            for folder in ["objects/info", "refs/heads"] {
                std::fs::create_dir_all(git.join(folder))?;
            }
            std::fs::write(git.join("HEAD"), format!("{}\n", self.base))?;
            std::fs::write(git.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n")?;
            std::fs::write(git.join("objects/info/alternates"), "/objects\n")?;
            std::fs::copy(index, git.join("index")).map(drop)
        };
        written().map_err(|error: std::io::Error| format!("{}: {error}", git.display()))
    }

    /// The throw-away repository, and the objects that it refers to.
    pub(crate) fn history(&self) -> (PathBuf, PathBuf) {
        (self.folder.join("git"), self.mirror.git.git_dir().join("objects"))
    }

    /// A tree with the files of a folder added, and without those that are gone.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(crate) async fn changed(
        &self,
        tree: &str,
        folder: &Path,
        gone: &[PathBuf],
    ) -> Result<String, String> {
        let index = self.index();
        let git = &self.mirror.git;
        git.run_in(folder, &index, None, ["read-tree", tree]).await?;
        let gone: Vec<u8> =
            gone.iter().flat_map(|path| [path.as_os_str().as_bytes(), b"\0"].concat()).collect();
        git.run_in(folder, &index, Some(&gone), ["update-index", "-z", "--force-remove", "--stdin"]).await?;
        git.run_in(folder, &index, None, ["add", "--ignore-removal", "--", "."]).await?;
        Ok(trimmed(&git.run_in(folder, &index, None, ["write-tree"]).await?))
    }

    /// What a tree has otherwise than the base.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(crate) async fn changes(&self, tree: &str) -> Result<Vec<Changed>, String> {
        let git = &self.mirror.git;
        let args = ["diff-tree", "-r", "-z", "--no-renames", "--no-ext-diff", "--no-textconv"];
        let raw = git.run(args.into_iter().chain(["--raw", &self.base, tree])).await?;
        let counts = git.run(args.into_iter().chain(["--numstat", &self.base, tree])).await?;
        let counts = String::from_utf8_lossy(&counts).into_owned();
        let row = |row: &'_ str| -> Option<(String, Option<(usize, usize)>)> {
            let mut cells = row.splitn(3, '\t');
            let (added, removed, path) = (cells.next()?, cells.next()?, cells.next()?);
            Some((path.to_owned(), added.parse().ok().zip(removed.parse().ok())))
        };
        let mut lines: HashMap<_, _> = counts.split('\0').filter_map(row).collect();
        let text = String::from_utf8_lossy(&raw).into_owned();
        let mut fields = text.split('\0').filter(|field| !field.is_empty());
        let mut changes = Vec::new();
        // `:100644 100644 abc def M`, then the path.
        while let (Some(about), Some(path)) = (fields.next(), fields.next()) {
            let mut words = about.trim_start_matches(':').split(' ').map(str::to_owned);
            let (Some(before), Some(after), Some(object)) = (words.next(), words.next(), words.next()) else {
                return Err(format!("git diff-tree printed {about:?}"));
            };
            let lines = lines.remove(path).flatten();
            changes.push(Changed { path: path.into(), modes: [before, after], before: object, lines });
        }
        Ok(changes)
    }

    /// A tree with these paths as the base has them.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(crate) async fn restored(&self, tree: &str, paths: &[&Changed]) -> Result<String, String> {
        let rows = paths.iter().map(|changed| (&*changed.modes[0], &*changed.before, &*changed.path));
        self.edited(tree, rows.collect()).await
    }

    /// A tree with this file added.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(crate) async fn with_file(&self, tree: &str, path: &str, text: &[u8]) -> Result<String, String> {
        let object = ["hash-object", "-w", "--stdin", "--no-filters"];
        let object = trimmed(&self.mirror.git.run_in(&self.folder, &self.index(), Some(text), object).await?);
        self.edited(tree, vec![("100644", &object, path)]).await
    }

    async fn edited(&self, tree: &str, rows: Vec<(&str, &str, &str)>) -> Result<String, String> {
        let (git, index) = (&self.mirror.git, self.index());
        git.run_in(&self.folder, &index, None, ["read-tree", tree]).await?;
        let text: String =
            rows.iter().map(|(mode, object, path)| format!("{mode} {object}\t{path}\0")).collect();
        let args = ["update-index", "-z", "--index-info"];
        git.run_in(&self.folder, &index, Some(text.as_bytes()), args).await?;
        Ok(trimmed(&git.run_in(&self.folder, &index, None, ["write-tree"]).await?))
    }

    /// The base's tree with a patch applied.
    ///
    /// # Errors
    /// It does not apply.
    pub(crate) async fn patched(&self, patch: &str) -> Result<String, String> {
        let (git, index) = (&self.mirror.git, self.index());
        git.run_in(&self.folder, &index, None, ["read-tree", &self.base]).await?;
        let args = ["apply", "--cached", "--whitespace=nowarn", "-"];
        git.run_in(&self.folder, &index, Some(patch.as_bytes()), args).await?;
        Ok(trimmed(&git.run_in(&self.folder, &index, None, ["write-tree"]).await?))
    }

    /// The difference between the base and a tree; and whether it can be shown as it is, because all of it is UTF-8.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(crate) async fn diff(&self, tree: &str) -> Result<(String, bool), String> {
        let args = ["diff", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-color", &self.base, tree];
        let bytes = self.mirror.git.run(args).await?;
        Ok(match String::from_utf8(bytes) {
            Ok(text) => (text, true),
            Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), false),
        })
    }

    /// A commit of a tree, on top of the base.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(crate) async fn commit(&self, tree: &str, author: &str, message: &str) -> Result<String, String> {
        let mut command = self.mirror.git.command();
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), author);
            command.env(format!("GIT_{role}_EMAIL"), "repair@logcenter.invalid");
        }
        command.args(["commit-tree", tree, "-p", &self.base, "-F", "-"]);
        let ended =
            crate::process::finished(command, Some(message.as_bytes()), std::time::Duration::from_secs(60))
                .await?;
        if ended.status.success() {
            Ok(trimmed(&ended.stdout))
        } else {
            Err(String::from_utf8_lossy(&ended.stderr).trim().to_owned())
        }
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // What stays behind is removed before the next attempt.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn trimmed(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}
