//! Reads the tar stream that comes out of the sandbox. Every name in it may be an attack.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};
use tar::{Archive, EntryType};

/// Bytes and entries that are taken out at most.
const MOST_BYTES: u64 = 1 << 30;
const MOST_ENTRIES: usize = 200_000;

/// The files that are taken from `out`, and bytes of each.
const OUT: [&str; 2] = ["summary.json", "reproduce"];
const MOST_OUT: u64 = 256 * 1024;

/// Misfits that are told of.
const MOST_MISFITS: usize = 20;

/// What came out of the sandbox.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// The files in `out`.
    pub(crate) out: BTreeMap<String, String>,
    /// Files and links of the base that are no longer there.
    pub(crate) gone: Vec<PathBuf>,
    /// What no tree can hold, so that the tree is refused.
    pub(crate) misfits: Vec<String>,
}

/// Where an entry belongs; `None` if it is left out: git's own folder, in any spelling that some file system takes for it.
fn place(name: &Path) -> Result<Option<PathBuf>, String> {
    let mut path = PathBuf::new();
    for component in name.components() {
        match component {
            Component::Normal(part) => {
                if is_git(&part.to_string_lossy()) {
                    return Ok(None);
                }
                path.push(part);
            }
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(format!("{} leads out of the tree", name.display()));
            }
        }
    }
    Ok(Some(path))
}

/// Whether a name is `.git`, as Windows (`git~1`, trailing dots and blanks, streams) and macOS (ignored characters) read it.
fn is_git(name: &str) -> bool {
    let plain: String = name.chars().filter(|character| !crate::prompt::is_invisible(*character)).collect();
    let plain = plain.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']).to_lowercase();
    plain == ".git" || plain == "git~1"
}

/// Writes the files below `tree`, which are those that are new or changed, into an empty folder.
///
/// # Errors
/// The stream is broken, or holds more than any fix.
pub(super) fn take(stream: impl Read, folder: &Path) -> io::Result<Taken> {
    let mut taken = Taken::default();
    let mut links = Vec::new();
    let mut archive = Archive::new(stream.take(MOST_BYTES));
    for (count, entry) in archive.entries()?.enumerate() {
        let mut entry = entry?;
        if count >= MOST_ENTRIES {
            return Err(io::Error::other("there are too many files"));
        }
        let name = entry.path()?.into_owned();
        let place = match place(&name) {
            Ok(Some(place)) => place,
            Ok(None) => continue,
            Err(why) => {
                taken.misfits.push(why);
                continue;
            }
        };
        if let Ok(name) = place.strip_prefix("out") {
            let wanted = OUT.iter().any(|wanted| name == Path::new(wanted));
            if wanted && entry.header().entry_type() == EntryType::Regular {
                let mut bytes = Vec::new();
                entry.by_ref().take(MOST_OUT).read_to_end(&mut bytes)?;
                taken.out.insert(
                    name.to_string_lossy().into_owned(),
                    String::from_utf8_lossy(&bytes).into_owned(),
                );
            }
            continue;
        }
        if let Ok(name) = place.strip_prefix("gone") {
            taken.gone.push(name.into());
            continue;
        }
        let Ok(place) = place.strip_prefix("tree") else { continue };
        let to = folder.join(place);
        match entry.header().entry_type() {
            EntryType::Regular => {
                if let Some(parent) = to.parent() {
                    fs::create_dir_all(parent)?;
                }
                let mut file = File::options().write(true).create_new(true).open(&to)?;
                io::copy(&mut entry, &mut file)?;
                let is_program = entry.header().mode()? & 0o100 != 0;
                file.set_permissions(fs::Permissions::from_mode(if is_program { 0o755 } else { 0o644 }))?;
            }
            // Created last, so that nothing is ever written through one.
            EntryType::Symlink => links.push((entry.link_name()?.unwrap_or_default().into_owned(), to)),
            _ => taken.misfits.push(format!("{} is neither a file nor a folder", place.display())),
        }
    }
    taken.misfits.truncate(MOST_MISFITS);
    for (target, to) in links {
        symlink(target, to)?;
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tar::{Builder, Header};

    fn stream(entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
        let mut archive = Builder::new(Vec::new());
        for (name, kind, content) in entries {
            let mut header = Header::new_gnu();
            header.set_entry_type(*kind);
            header.set_mode(0o644);
            // Written as they are: the builder would refuse the hostile ones.
            header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
            if matches!(kind, EntryType::Symlink | EntryType::Link) {
                header.as_gnu_mut().unwrap().linkname[..content.len()].copy_from_slice(content.as_bytes());
            }
            let content = if *kind == EntryType::Regular { content.as_bytes() } else { b"" };
            header.set_size(content.len() as u64);
            header.set_cksum();
            archive.append(&header, content).unwrap();
        }
        archive.into_inner().unwrap()
    }

    #[test]
    fn nothing_is_written_outside_and_nothing_into_git() {
        use EntryType::{Fifo, Link, Regular, Symlink};
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("tree");
        fs::create_dir(&folder).unwrap();
        let taken = take(
            &stream(&[
                ("tree/src/a.rs", Regular, "a"),
                ("tree/.git/hooks/post-commit", Regular, "x"),
                ("tree/sub/.GIT/config", Regular, "x"),
                ("tree/git~1/config", Regular, "x"),
                ("tree/.git. ./config", Regular, "x"),
                ("tree/../../evil", Regular, "x"),
                ("/etc/evil", Regular, "x"),
                ("tree/link", Symlink, "/etc"),
                ("tree/hard", Link, "tree/src/a.rs"),
                ("tree/pipe", Fifo, ""),
                ("out/summary.json", Regular, "{}"),
                ("elsewhere/x", Regular, "x"),
                ("gone/old.rs", Regular, ""),
                ("gone/../x", Regular, ""),
            ])[..],
            &folder,
        )
        .unwrap();
        let mut names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["link", "src"]);
        assert_eq!(taken.misfits.len(), 5, "{:?}", taken.misfits);
        assert_eq!(taken.out["summary.json"], "{}");
        assert_eq!(taken.gone, [Path::new("old.rs")]);
        assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 1);
        // A file below a link, and a second file of the same name.
        for hostile in [
            [("tree/l", Symlink, "/tmp"), ("tree/l/x", Regular, "x")],
            [("tree/a", Regular, "1"), ("tree/a", Regular, "2")],
        ] {
            let folder = tempfile::tempdir().unwrap();
            assert!(take(&stream(&hostile)[..], folder.path()).is_err());
            assert!(!Path::new("/tmp/x").exists());
        }
    }
}
