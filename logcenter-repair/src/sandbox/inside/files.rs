//! Copies files into the sandbox, and hands them back.

use super::super::spec::Spec;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tar::{Builder, EntryType, Header};

/// Copies a folder with its links.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, to) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &to)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

/// Writes what the tree has otherwise than the base, and what else the command was asked for, as a tar stream: `tree/` for
/// what is new or changed, `gone/` for what is no longer there, `out/`.
pub(super) fn hand_back(spec: &Spec, out: &mut impl Write) -> io::Result<()> {
    let mut archive = Builder::new(out);
    append_changed(&mut archive, &spec.tree, &spec.base, Path::new("tree"))?;
    append_gone(&mut archive, &spec.tree, &spec.base, Path::new("gone"))?;
    if let Some(out) = spec.out.as_ref().filter(|out| out.exists()) {
        append_changed(&mut archive, out, Path::new("/nonexistent"), Path::new("out"))?;
    }
    archive.finish()
}

fn append_changed(
    archive: &mut Builder<impl Write>,
    path: &Path,
    base: &Path,
    name: &Path,
) -> io::Result<()> {
    // One that its owner made unreadable, who can change that, too.
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(path)? {
        let (entry, is_top) = (entry?, name == Path::new("tree"));
        if is_top && entry.file_name() == ".git" {
            continue;
        }
        let (path, base, name) = (entry.path(), base.join(entry.file_name()), name.join(entry.file_name()));
        let about = fs::symlink_metadata(&path)?;
        let kind = about.file_type();
        if kind.is_dir() {
            // Not through a link: what lies there is not of the base.
            let is_folder = fs::symlink_metadata(&base).is_ok_and(|base| base.is_dir());
            append_changed(archive, &path, if is_folder { &base } else { Path::new("/nonexistent") }, &name)?;
            continue;
        }
        let mode = about.permissions().mode() & 0o777;
        // One that its owner made unreadable. Not all: with another name for the same file, its mode would be lost for that.
        if kind.is_file() && File::open(&path).is_err() {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        }
        // git is told which files to leave out by those that lie beside them.
        if is_same(&path, mode, &base)? && entry.file_name() != ".gitignore" {
            continue;
        }
        let mut header = Header::new_gnu();
        header.set_mode(mode);
        header.set_size(0);
        if kind.is_symlink() {
            header.set_entry_type(EntryType::Symlink);
            archive.append_link(&mut header, name, fs::read_link(path)?)?;
        } else if kind.is_file() {
            header.set_size(about.len());
            archive.append_data(&mut header, name, File::open(path)?)?;
        } else {
            // A pipe, a socket: told of, so that it is refused by name.
            header.set_entry_type(EntryType::Fifo);
            archive.append_data(&mut header, name, io::empty())?;
        }
    }
    Ok(())
}

/// Whether a file or link is as the base has it, for git.
fn is_same(path: &Path, mode: u32, base: &Path) -> io::Result<bool> {
    let about = fs::symlink_metadata(path)?;
    let Ok(before) = fs::symlink_metadata(base) else { return Ok(false) };
    if about.is_symlink() && before.is_symlink() {
        return Ok(fs::read_link(path)? == fs::read_link(base)?);
    }
    let is_program = |mode: u32| mode & 0o100 != 0;
    let may_be = about.is_file()
        && before.is_file()
        && about.len() == before.len()
        && is_program(mode) == is_program(before.permissions().mode());
    if !may_be {
        return Ok(false);
    }
    let (mut left, mut right) = (BufReader::new(File::open(path)?), BufReader::new(File::open(base)?));
    loop {
        let (a, b) = (left.fill_buf()?, right.fill_buf()?);
        let length = a.len().min(b.len());
        if length == 0 {
            return Ok(a.len() == b.len());
        }
        if a[..length] != b[..length] {
            return Ok(false);
        }
        left.consume(length);
        right.consume(length);
    }
}

fn append_gone(archive: &mut Builder<impl Write>, path: &Path, base: &Path, name: &Path) -> io::Result<()> {
    for entry in fs::read_dir(base)? {
        let entry = entry?;
        let (path, name) = (path.join(entry.file_name()), name.join(entry.file_name()));
        let now = fs::symlink_metadata(&path).ok();
        if entry.file_type()?.is_dir() {
            // Not through a link: what lies there is not of the tree.
            let path = if now.is_some_and(|now| now.is_dir()) { &path } else { Path::new("/nonexistent") };
            append_gone(archive, path, &entry.path(), &name)?;
        } else if !now.is_some_and(|now| now.is_file() || now.is_symlink()) {
            let mut header = Header::new_gnu();
            header.set_mode(0o600);
            header.set_size(0);
            archive.append_data(&mut header, name, io::empty())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::taken;
    use super::*;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    #[test]
    fn only_what_differs_is_handed_back() {
        let folder = tempfile::tempdir().unwrap();
        let (base, tree) = (folder.path().join("base"), folder.path().join("tree"));
        fs::create_dir_all(base.join("src/old")).unwrap();
        for name in
            ["same", "changed", "program", "src/old/one", "becomes-a-folder", "links", "src/.gitignore"]
        {
            fs::write(base.join(name), format!("{name:60000}")).unwrap();
        }
        symlink("same", base.join("link")).unwrap();
        symlink("src/old", base.join("link-to-folder")).unwrap();
        copy(&base, &tree).unwrap();
        fs::write(tree.join("changed"), format!("{:60000}", "other")).unwrap();
        fs::set_permissions(tree.join("program"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::remove_dir_all(tree.join("src/old")).unwrap();
        symlink("/etc", tree.join("src/old")).unwrap();
        fs::remove_file(tree.join("becomes-a-folder")).unwrap();
        fs::create_dir(tree.join("becomes-a-folder")).unwrap();
        fs::write(tree.join("becomes-a-folder/new"), "").unwrap();
        fs::write(tree.join("src/same-length"), "").unwrap();
        fs::remove_file(tree.join("link-to-folder")).unwrap();
        fs::create_dir(tree.join("link-to-folder")).unwrap();
        fs::copy(base.join("src/old/one"), tree.join("link-to-folder/one")).unwrap();
        fs::hard_link(tree.join("program"), tree.join("src/program")).unwrap();
        let spec = Spec {
            command: Vec::new(),
            environment: Vec::new(),
            stdin: None,
            base,
            git: PathBuf::new(),
            tree,
            home: PathBuf::new(),
            out: None,
            memory: 0,
            confined: false,
            take: true,
            proxy: None,
        };
        let mut stream = Vec::new();
        hand_back(&spec, &mut stream).unwrap();
        let to = folder.path().join("taken");
        fs::create_dir(&to).unwrap();
        let mut taken = taken::take(&stream[..], &to).unwrap();
        taken.gone.sort();
        assert_eq!(taken.gone, ["becomes-a-folder", "link-to-folder", "src/old/one"].map(Path::new));
        for name in ["program", "src/program"] {
            let mode = fs::metadata(to.join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o100, 0o100, "{name}");
        }
        let mut names = Vec::new();
        let mut folders = vec![to.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() && !path.is_symlink() {
                    true => folders.push(path),
                    false => names.push(path.strip_prefix(&to).unwrap().to_owned()),
                }
            }
        }
        names.sort();
        let expected = [
            "becomes-a-folder/new",
            "changed",
            "link-to-folder/one",
            "program",
            "src/.gitignore",
            "src/old",
            "src/program",
            "src/same-length",
        ];
        assert_eq!(names, expected.map(PathBuf::from));
    }
}
