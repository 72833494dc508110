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
