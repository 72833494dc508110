//! Answers on standard output. A reader that has seen enough (`joinery run 1 | head`) ends the command quietly.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

/// Writes an answer. When nobody reads any more the process ends, as other tools do.
pub fn write(text: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_fmt(text).and_then(|()| out.flush()) {
        std::process::exit(i32::from(error.kind() != ErrorKind::BrokenPipe));
    }
}

/// Writes beside the answer, on standard error. That nobody reads it stops nothing: a log whose reader has gone must not
/// keep a signal from being heard.
pub fn aside(text: Arguments<'_>) {
    let _ = std::io::stderr().lock().write_fmt(text);
}

/// Like `eprintln!`, for what is told beside the answer.
#[macro_export]
macro_rules! tell {
    ($($text:tt)*) => { $crate::answer::aside(format_args!("{}\n", format_args!($($text)*))) };
}

/// Like `print!`, for answers.
#[macro_export]
macro_rules! put {
    ($($text:tt)*) => { $crate::answer::write(format_args!($($text)*)) };
}

/// Like `println!`, for answers.
#[macro_export]
macro_rules! say {
    () => { $crate::answer::write(format_args!("\n")) };
    ($($text:tt)*) => { $crate::answer::write(format_args!("{}\n", format_args!($($text)*))) };
}
