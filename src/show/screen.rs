//! What a terminal can do that a file cannot: colours, and lines that end where the window does.

use console::{Style, Term};

/// Columns of the terminal that answers go to; `None` when they go elsewhere, and lines are left whole.
pub fn columns() -> Option<usize> {
    let term = Term::stdout();
    if !term.is_term() {
        return None;
    }
    term.size_checked().map(|(_, columns)| usize::from(columns))
}

/// What a mark is about, hence its colour. Without a terminal, or with `NO_COLOR`, there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Fine.
    Good,
    /// Said in passing.
    Quiet,
    /// Look at it.
    Look,
    /// Wrong.
    Bad,
}

/// A text in the colour of its tone.
pub fn toned(tone: Tone, text: &str) -> String {
    let style = match tone {
        Tone::Good => Style::new().green(),
        Tone::Quiet => Style::new().dim(),
        Tone::Look => Style::new().yellow(),
        Tone::Bad => Style::new().red().bold(),
    };
    style.apply_to(text).to_string()
}

/// Lines of at most `columns`, the second and later ones after `indent` blanks; whole when `columns` is `None` or leaves
/// too little room. `taken` columns of the first line are in use already.
pub fn wrapped(text: &str, taken: usize, indent: usize, columns: Option<usize>) -> String {
    let Some(columns) = columns.filter(|columns| columns.saturating_sub(indent) >= 24) else {
        return text.to_owned();
    };
    let mut out = String::new();
    let mut at = taken;
    for word in text.split(' ') {
        let width = console::measure_text_width(word);
        if at > indent && at + 1 + width > columns {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            at = indent;
        } else if !out.is_empty() {
            out.push(' ');
            at += 1;
        }
        out.push_str(word);
        at += width;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_the_window_does_and_hang_under_their_first_word() {
        let text = "take it away in Manage Permission Roles, then run it again";
        assert_eq!(wrapped(text, 4, 4, None), text);
        let lines = wrapped(text, 4, 4, Some(32));
        assert_eq!(lines, "take it away in Manage\n    Permission Roles, then run\n    it again");
        assert!(lines.lines().all(|line| line.len() <= 32), "{lines}");
        assert_eq!(wrapped(text, 60, 60, Some(70)), text, "too narrow to be read");
        let long = "a-word-that-is-longer-than-the-window-is-wide";
        assert_eq!(wrapped(long, 0, 0, Some(30)), long);
    }
}
