//! What was measured, and how it stands to its goal; printed as the table that docs/reference/benchmarks.md holds.

/// The figures of one run, in the order in which they came.
#[derive(Default)]
pub struct Figures {
    lines: Vec<Line>,
}

struct Line {
    what: String,
    measured: String,
    /// The goal in words, and whether it is met.
    goal: Option<(String, bool)>,
}

impl Figures {
    /// A figure without a goal.
    pub fn tell(&mut self, what: &str, measured: impl Into<String>) {
        self.add(what, measured.into(), None);
    }

    /// A figure with a goal.
    pub fn judge(&mut self, what: &str, measured: impl Into<String>, goal: &str, met: bool) {
        self.add(what, measured.into(), Some((goal.to_owned(), met)));
    }

    /// Said at once as well: a run over 100,000 people takes minutes, and may be interrupted.
    fn add(&mut self, what: &str, measured: String, goal: Option<(String, bool)>) {
        println!("  {what}: {measured}");
        self.lines.push(Line { what: what.to_owned(), measured, goal });
    }

    /// What falls short of its goal, those excepted that are known to.
    pub fn missed(&self, known: &[&str]) -> Vec<&str> {
        let missed = self.lines.iter().filter(|line| line.goal.as_ref().is_some_and(|(_, met)| !met));
        missed.map(|line| line.what.as_str()).filter(|what| !known.contains(what)).collect()
    }

    /// The whole table.
    pub fn print(&self) {
        println!("\n| | measured | goal | |\n|---|---|---|---|");
        for Line { what, measured, goal } in &self.lines {
            let (goal, met) =
                goal.as_ref().map_or(("", ""), |(goal, met)| (goal, if *met { "met" } else { "not met" }));
            println!("| {what} | {measured} | {goal} | {met} |");
        }
    }
}
