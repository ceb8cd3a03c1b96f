//! Copies files into the sandbox, and hands them back.

use super::super::spec::Spec;
use std::fs::{self, File};
use std::io::{self, Write};
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

/// Writes the tree and what else the command was asked for as a tar stream.
pub(super) fn hand_back(spec: &Spec, out: &mut impl Write) -> io::Result<()> {
    let mut archive = Builder::new(out);
    for entry in fs::read_dir(&spec.tree)? {
        let entry = entry?;
        if entry.file_name() != ".git" {
            append(&mut archive, &entry.path(), &Path::new("tree").join(entry.file_name()))?;
        }
    }
    if let Some(out) = spec.out.as_ref().filter(|out| out.exists()) {
        append(&mut archive, out, Path::new("out"))?;
    }
    archive.finish()
}

fn append(archive: &mut Builder<impl Write>, path: &Path, name: &Path) -> io::Result<()> {
    let about = fs::symlink_metadata(path)?;
    let kind = about.file_type();
    let mut header = Header::new_gnu();
    header.set_mode(about.permissions().mode() & 0o777);
    header.set_size(0);
    if kind.is_dir() {
        header.set_entry_type(EntryType::Directory);
        archive.append_data(&mut header, name, io::empty())?;
        // One that cannot be read even by its owner, who can change that: made readable first.
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            append(archive, &entry.path(), &name.join(entry.file_name()))?;
        }
    } else if kind.is_symlink() {
        header.set_entry_type(EntryType::Symlink);
        archive.append_link(&mut header, name, fs::read_link(path)?)?;
    } else if kind.is_file() {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        header.set_size(about.len());
        archive.append_data(&mut header, name, File::open(path)?)?;
    } else {
        // A pipe, a socket: told of, so that it is refused by name.
        header.set_entry_type(EntryType::Fifo);
        archive.append_data(&mut header, name, io::empty())?;
    }
    Ok(())
}
