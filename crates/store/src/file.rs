//! The journal's file: personal data, so nobody but its owner may read it.

use std::fs;
use std::path::Path;

use crate::fault::Fault;

/// Makes sure that the directory is there and that the file is its owner's alone, making the file if there is none.
/// SQLite gives its `-wal` and `-shm` files the same mode.
pub(crate) fn prepare(path: &Path) -> Result<(), Fault> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let about = fs::metadata(directory).map_err(|cause| Fault::File {
        message: format!(
            "store.path: the directory {} of the journal is not there or not readable: make it, with mode 0700",
            directory.display()
        ),
        cause,
    })?;
    if !about.is_dir() {
        return Err(Fault::refused(format!("store.path: {} is no directory", directory.display())));
    }
    if path.is_dir() {
        return Err(Fault::refused(format!(
            "store.path: {} is a directory: name a file in it, for example joinery.db",
            path.display()
        )));
    }
    warn_of_open_directory(directory, &about);
    create(path)?;
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        close_to_others(Path::new(&name))?;
    }
    Ok(())
}

#[cfg(unix)]
fn warn_of_open_directory(directory: &Path, about: &fs::Metadata) {
    use std::os::unix::fs::PermissionsExt;
    let mode = about.permissions().mode();
    if mode & 0o002 != 0 && mode & 0o1000 == 0 {
        tracing::warn!(
            store.directory = %directory.display(),
            "everybody may write into the journal's directory and so replace the journal: chmod 0700"
        );
    }
}

#[cfg(not(unix))]
fn warn_of_open_directory(_: &Path, _: &fs::Metadata) {}

fn create(path: &Path) -> Result<(), Fault> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(cause) => Err(Fault::File {
            message: format!(
                "store.path: the journal {} cannot be made: give the user who runs Joinery write access to its directory",
                path.display()
            ),
            cause,
        }),
    }
}

#[cfg(unix)]
fn close_to_others(path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::PermissionsExt;
    let Ok(about) = fs::metadata(path) else { return Ok(()) };
    if about.permissions().mode() & 0o777 == 0o600 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(|cause| Fault::File {
        message: format!(
            "{} may be read by others and holds personal data: make it the property of the user who runs Joinery, with mode 0600",
            path.display()
        ),
        cause,
    })
}

#[cfg(not(unix))]
fn close_to_others(_: &Path) -> Result<(), Fault> {
    Ok(())
}
