//! What the binary said.

use std::process::ExitStatus;

/// How a command ended.
pub struct Answer {
    pub arguments: String,
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

impl Answer {
    pub fn new(arguments: &[&str], status: ExitStatus, out: &[u8], err: &[u8]) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { arguments: arguments.join(" "), status, out: text(out), err: text(err) }
    }

    /// The exit code; a signal has none.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Asserts the exit code, showing all that was said when it is another.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code(), Some(code), "{self}");
        self
    }

    /// Asserts that each text was said, on either stream.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.out.contains(text) || self.err.contains(text), "{text:?} was not said\n{self}");
        }
        self
    }

    /// How many changes a run that was asked for `--json` says it delivered.
    #[track_caller]
    pub fn delivered(&self) -> u64 {
        let json = self.json();
        let targets = json["balance"]["targets"].as_object().unwrap_or_else(|| panic!("no balance\n{self}"));
        targets.values().map(|target| target["delivered"].as_u64().expect("a count")).sum()
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|wrong| panic!("no JSON: {wrong}\n{self}"))
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "joinery {}: {}\n--- out\n{}\n--- err\n{}", self.arguments, self.status, self.out, self.err)
    }
}
