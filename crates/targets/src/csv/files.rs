//! Writing files so that a reader sees the old one or the new one and never a part.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use joinery_model::{Failure, RunId, Tally};
use rusqlite::Connection;
use serde::Serialize;

use super::layout::{Cells, Column, columns, shown};
use super::state::{NEWER, State, beside, parse};
use super::{Files, Settings};
use crate::sql::sqlite::failure;

/// What is told about a file once it is whole.
#[derive(Debug, Serialize)]
struct Manifest<'a> {
    name: &'a str,
    rows: u64,
    sha256: String,
    run: i64,
    kind: &'a str,
    /// Every released change of the run is in the file.
    complete: bool,
    /// The run walked everybody.
    full: bool,
}

impl State {
    /// Writes the files of a run that ends. Doing it again writes the same files.
    pub(super) fn close(&mut self, run: RunId, tally: &Tally) -> Result<(), Failure> {
        let settings = self.settings.clone();
        let Some(connection) = self.ready(true)? else { return Ok(()) };
        let sql = |cause| failure("closing", cause);
        if settings.files == Files::Full {
            let select = "SELECT key, '', active, cells FROM row ORDER BY key";
            return write(connection, &settings, &settings.path, select, run, tally);
        }
        let transaction = connection.transaction().map_err(sql)?;
        let moved = format!(
            "INSERT INTO change (file, key, action, active, cells) \
             SELECT {0}, key, action, active, cells FROM change WHERE file = 0 ORDER BY key {NEWER}",
            run.0
        );
        // WHERE and ORDER BY stand between SELECT and ON CONFLICT, so the two cannot be taken for a join.
        transaction.execute_batch(&moved).map_err(sql)?;
        transaction.execute("DELETE FROM change WHERE file = 0", []).map_err(sql)?;
        let again = "INSERT OR IGNORE INTO unwritten SELECT ?1 WHERE EXISTS (SELECT 1 FROM change WHERE file = ?1)";
        transaction.execute(again, [run.0]).map_err(sql)?;
        transaction.commit().map_err(sql)?;
        let unwritten: Vec<i64> = {
            let mut statement = connection.prepare("SELECT file FROM unwritten ORDER BY file").map_err(sql)?;
            let files = statement.query_map([], |row| row.get(0)).and_then(Iterator::collect);
            files.map_err(sql)?
        };
        for file in unwritten {
            let select = format!("SELECT key, action, active, cells FROM change WHERE file = {file} ORDER BY key");
            write(connection, &settings, &numbered(&settings.path, file), &select, RunId(file), tally)?;
            connection.execute("DELETE FROM unwritten WHERE file = ?1", [file]).map_err(sql)?;
        }
        // The run's own changes stay, so that closing it again finds them.
        connection.execute("DELETE FROM change WHERE file <> 0 AND file < ?1", [run.0]).map_err(sql)?;
        Ok(())
    }
}

/// `people.csv` of run 42 is `people-42.csv`.
pub(super) fn numbered(path: &Path, run: i64) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match path.extension() {
        Some(extension) => path.with_file_name(format!("{stem}-{run}.{}", extension.to_string_lossy())),
        None => path.with_file_name(format!("{stem}-{run}")),
    }
}

fn write(
    connection: &Connection,
    settings: &Settings,
    path: &Path,
    select: &str,
    run: RunId,
    tally: &Tally,
) -> Result<(), Failure> {
    let mut digest = Context::new(&SHA256);
    let mut rows = 0;
    swap_in(path, |file| {
        let mut out = Hashing { into: BufWriter::new(file), digest: &mut digest };
        rows = fill(connection, settings, select, &mut out)?;
        out.flush().map_err(|cause| io_failure(path, cause))
    })?;
    if !settings.manifest {
        return Ok(());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let sha256 = hex(digest.finish().as_ref());
    let kind = if settings.files == Files::Full { "full" } else { "delta" };
    let manifest = Manifest { name: &name, rows, sha256, run: run.0, kind, complete: tally.complete, full: tally.full };
    let text = serde_json::to_vec_pretty(&manifest)
        .map_err(|cause| Failure::refused("the manifest cannot be written as JSON").because(cause))?;
    let path = beside(path, ".manifest.json");
    swap_in(&path, |file| file.write_all(&text).map_err(|cause| io_failure(&path, cause)))
}

/// Bytes as lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
        text
    })
}

/// Writes beside, syncs, renames, syncs the folder.
fn swap_in(path: &Path, fill: impl FnOnce(&mut File) -> Result<(), Failure>) -> Result<(), Failure> {
    let part = beside(path, ".part");
    let failed = |cause| io_failure(path, cause);
    // A part that an earlier crash left may have any mode; a new file has ours.
    match std::fs::remove_file(&part) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(failed(cause)),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(failed)?;
    if let Err(failure) = fill(&mut file).and_then(|()| file.sync_all().map_err(failed)) {
        drop(file);
        // The half-written part is of no use, and on a full disk its room is.
        drop(std::fs::remove_file(&part));
        return Err(failure);
    }
    std::fs::rename(&part, path).map_err(failed)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Writes header and rows; the number of rows comes back.
pub(super) fn fill(
    connection: &Connection,
    settings: &Settings,
    select: &str,
    out: &mut impl Write,
) -> Result<u64, Failure> {
    let columns = columns(settings)?;
    let failed = |cause: csv::Error| match cause.into_kind() {
        csv::ErrorKind::Io(cause) => io_failure(&settings.path, cause),
        _ => Failure::refused("the CSV file cannot be written: rows of unequal length"),
    };
    if settings.bom {
        out.write_all("\u{feff}".as_bytes()).map_err(|cause| io_failure(&settings.path, cause))?;
    }
    let terminator = if settings.crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut lines = csv::WriterBuilder::new().delimiter(settings.delimiter).terminator(terminator).from_writer(out);
    lines.write_record(columns.iter().map(|(header, _)| shown(header, settings.formulas))).map_err(failed)?;
    let sql = |cause| failure("reading", cause);
    let mut statement = connection.prepare(select).map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    let mut count = 0;
    while let Some(row) = rows.next().map_err(sql)? {
        let (key, action): (String, String) = (row.get(0).map_err(sql)?, row.get(1).map_err(sql)?);
        let active: bool = row.get(2).map_err(sql)?;
        let cells: Cells = parse(3, row.get_ref(3).and_then(|cell| Ok(cell.as_str()?)).map_err(sql)?).map_err(sql)?;
        let line = columns.iter().map(|(_, column)| {
            let text = match column {
                Column::Action => &action,
                Column::Key => &key,
                Column::Attribute(name) if *name == settings.key => &key,
                Column::Attribute(name) => cells.get(&**name).and_then(Option::as_deref).unwrap_or_default(),
                Column::Active if active => &settings.active_values.0,
                Column::Active => &settings.active_values.1,
            };
            shown(text, settings.formulas)
        });
        lines.write_record(line).map_err(failed)?;
        count += 1;
    }
    lines.flush().map_err(|cause| io_failure(&settings.path, cause))?;
    Ok(count)
}

/// What the file system said, classified.
pub(super) fn io_failure(path: &Path, cause: std::io::Error) -> Failure {
    let path = path.display();
    let failure = match cause.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Failure::later(
            format!("the disk is full while writing {path}; make room: the old file stands and nothing is lost"),
            None,
        ),
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            Failure::refused(format!("no permission to write {path}; look at the owner of its folder"))
        }
        std::io::ErrorKind::NotFound => Failure::refused(format!("the folder of {path} is not there; make it")),
        kind => Failure::later(format!("{path} cannot be written: {kind}"), None),
    };
    failure.because(cause)
}

struct Hashing<'a, W> {
    into: W,
    digest: &'a mut Context,
}

impl<W: Write> Write for Hashing<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.into.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.into.flush()
    }
}
