//! A case as its file says it. The format is told in `tests/transcripts/README.md`.

/// One file.
#[derive(Debug, Default)]
pub struct Case {
    /// `! name value`
    pub settings: Vec<(String, String)>,
    pub steps: Vec<Step>,
}

/// One request and what must come.
#[derive(Debug, Default)]
pub struct Step {
    /// Of the request's line, from 1.
    pub line: usize,
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<String>,
    pub status: u16,
    pub wanted_headers: Vec<(String, String)>,
    pub wanted: Vec<String>,
}

enum Part {
    Head,
    Request,
    RequestBody,
    Answer,
    AnswerBody,
}

impl Case {
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut case = Self::default();
        let mut part = Part::Head;
        let header = |text: &str, line: usize| {
            let (name, value) = text.split_once(':').ok_or(format!("line {line}: expected `Name: value`"))?;
            Ok::<_, String>((name.trim().to_owned(), value.trim().to_owned()))
        };
        for (at, raw) in text.lines().enumerate() {
            let line = at + 1;
            if let Some(request) = raw.strip_prefix("> ") {
                if matches!(part, Part::Request) {
                    let step = case.steps.last_mut().ok_or("no step")?;
                    step.headers.push(header(request, line)?);
                    continue;
                }
                let (method, path) = request.split_once(' ').ok_or(format!("line {line}: expected `> METHOD path`"))?;
                let (method, path) = (method.to_owned(), path.trim().to_owned());
                case.steps.push(Step { line, method, path, ..Step::default() });
                part = Part::Request;
            } else if let Some(answer) = raw.strip_prefix("< ") {
                let step = case.steps.last_mut().ok_or(format!("line {line}: an answer without a request"))?;
                if matches!(part, Part::Answer) {
                    step.wanted_headers.push(header(answer, line)?);
                } else {
                    step.status = answer.trim().parse().map_err(|_| format!("line {line}: expected a status"))?;
                    part = Part::Answer;
                }
            } else {
                let text = raw.strip_prefix('\\').filter(|rest| rest.starts_with(['>', '<'])).unwrap_or(raw).to_owned();
                match part {
                    Part::Head => match raw.strip_prefix("! ") {
                        Some(setting) => {
                            let split =
                                setting.split_once(' ').ok_or(format!("line {line}: expected `! name value`"))?;
                            case.settings.push((split.0.to_owned(), split.1.trim().to_owned()));
                        }
                        None if raw.starts_with('#') || raw.trim().is_empty() => {}
                        None => return Err(format!("line {line}: nothing can stand here")),
                    },
                    Part::Request | Part::RequestBody => {
                        case.steps.last_mut().ok_or("no step")?.body.push(text);
                        part = Part::RequestBody;
                    }
                    Part::Answer | Part::AnswerBody => {
                        case.steps.last_mut().ok_or("no step")?.wanted.push(text);
                        part = Part::AnswerBody;
                    }
                }
            }
        }
        for step in &mut case.steps {
            trim(&mut step.body);
            trim(&mut step.wanted);
            if step.status == 0 {
                return Err(format!("line {}: no answer is told", step.line));
            }
        }
        if case.steps.is_empty() { Err("no request".to_owned()) } else { Ok(case) }
    }
}

/// Blank lines at the end stand between steps.
fn trim(lines: &mut Vec<String>) {
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
}
