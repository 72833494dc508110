//! Grammars and nouns are text in, text out: what `odata`, `scim` and `model` depend on and what they name do no input
//! or output. Held by reading: the compiler does not know the rule.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::imports::packages;

/// The rooms without input and output.
const PURE: [&str; 3] = ["model", "odata", "scim"];

/// What they may depend on (normal and build dependencies): crates that read and write no file, socket or clock.
const MAY_USE: &[&str] =
    &["base64", "jiff", "joinery-model", "percent-encoding", "roxmltree", "serde", "serde_json", "sha2", "thiserror"];

/// Modules of the standard library that reach outside, and those of them that only hold traits.
const OUTSIDE: [&str; 7] = ["env", "fs", "net", "os", "process", "thread", "time"];
const STREAMS: [&str; 4] = ["stdin", "stdout", "stderr", "copy"];
/// Crates and macros that do.
const OTHERS: [&str; 10] =
    ["tokio", "reqwest", "hyper", "axum", "rusqlite", "socket2", "libc", "rustix", "async_std", "getrandom"];
const PRINTING: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

/// A piece of source text that matters here.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Mark(char),
}

/// Words and marks, without comments, texts and characters.
fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let end = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else if let Some(hashes) = raw(rest) {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = hashes + 2;
            rest[open..].find(&close).map_or(rest.len(), |at| open + at + close.len())
        } else if first == '"' {
            quoted(rest)
        } else if first == '\'' {
            // A character, or a lifetime, of which only the mark goes.
            let mut inside = rest.chars().skip(1);
            match (inside.next(), inside.next()) {
                (Some('\\'), Some(escaped)) => {
                    let from = 2 + escaped.len_utf8();
                    rest[from..].find('\'').map_or(rest.len(), |at| from + at + 1)
                }
                (Some(one), Some('\'')) => 2 + one.len_utf8(),
                _ => 1,
            }
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            end
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Mark(first));
            }
            first.len_utf8()
        };
        rest = &rest[end..];
    }
    tokens
}

/// How many `#` a raw text that begins here has.
fn raw(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// Where a text that begins here ends.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// What in a source text reaches outside.
fn reaching_out(source: &str) -> BTreeSet<String> {
    let tokens = tokens(source);
    let word = |at: usize| match tokens.get(at) {
        Some(Token::Word(word)) => Some(word.as_str()),
        _ => None,
    };
    let mark = |at: usize, c: char| tokens.get(at) == Some(&Token::Mark(c));
    let mut found = BTreeSet::new();
    for at in 0..tokens.len() {
        let Some(name) = word(at) else { continue };
        let path = mark(at + 1, ':') && mark(at + 2, ':');
        let first = !(at >= 2 && mark(at - 1, ':') && word(at.saturating_sub(3)).is_some());
        match name {
            "std" if first && path => {
                for (module, next) in behind(&tokens, at + 3) {
                    if OUTSIDE.contains(&module.as_str()) {
                        // A span of time is a number.
                        let span = module == "time" && next.as_deref() == Some("Duration");
                        if !span {
                            found.insert(format!("std::{module}"));
                        }
                    }
                    if module == "io" && next.is_some_and(|next| STREAMS.contains(&next.as_str())) {
                        found.insert("std::io".to_owned());
                    }
                }
            }
            "std" if first && word(at + 1) == Some("as") => {
                found.insert("std under another name".to_owned());
            }
            _ if OTHERS.contains(&name) && first && path => {
                found.insert(name.to_owned());
            }
            "use" | "crate" if word(at + 1).is_some_and(|next| OTHERS.contains(&next)) => {
                found.extend(word(at + 1).map(str::to_owned));
            }
            _ if PRINTING.contains(&name) && mark(at + 1, '!') => {
                found.insert(format!("{name}!"));
            }
            _ => {}
        }
    }
    found
}

/// The modules that stand behind `std::`, one or a group of them, each with the word that follows it.
fn behind(tokens: &[Token], at: usize) -> Vec<(String, Option<String>)> {
    let word = |at: usize| match tokens.get(at) {
        Some(Token::Word(word)) => Some(word.clone()),
        _ => None,
    };
    if let Some(module) = word(at) {
        return vec![(module, word(at + 3))];
    }
    let (mut modules, mut depth, mut fresh) = (Vec::new(), 0, false);
    for (number, token) in tokens.iter().enumerate().skip(at) {
        match token {
            Token::Mark('{') => {
                depth += 1;
                fresh = depth == 1;
            }
            Token::Mark('}') => depth -= 1,
            Token::Mark(',') => fresh = depth == 1,
            Token::Word(module) if fresh => {
                modules.push((module.clone(), word(number + 3)));
                fresh = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    modules
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            found.extend(sources(&entry));
        } else if entry.extension().is_some_and(|ending| ending == "rs") {
            found.push(entry);
        }
    }
    found
}

#[test]
fn grammars_name_nothing_that_does_input_or_output() {
    let mut wrong = Vec::new();
    for room in PURE {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates").join(room).join("src");
        let files = sources(&folder);
        assert!(files.len() > 3, "{room} has only {} files", files.len());
        for file in files {
            let text = std::fs::read_to_string(&file).expect("source text");
            let found = reaching_out(&text);
            if !found.is_empty() {
                wrong.push(format!("{}: {found:?}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "grammars do no input or output:\n{}", wrong.join("\n"));
}

#[test]
fn grammars_depend_on_nothing_that_does_input_or_output() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        let Some(room) = name.strip_prefix("joinery-").filter(|room| PURE.contains(room)) else { continue };
        seen += 1;
        wrong.extend(unknown(&package).map(|other| format!("{room} uses {other}")));
    }
    assert_eq!(seen, PURE.len(), "a room of the rule is not there");
    assert!(wrong.is_empty(), "{wrong:?}: if it does no input or output, it goes into MAY_USE");
}

/// What a package depends on beyond what is known to do no input or output.
fn unknown(package: &serde_json::Value) -> impl Iterator<Item = &str> {
    let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
    let used = dependencies.filter(|dependency| dependency["kind"].as_str() != Some("dev"));
    used.filter_map(|dependency| dependency["name"].as_str()).filter(|name| !MAY_USE.contains(name))
}

#[test]
fn a_breach_of_the_rule_is_found() {
    for (source, what) in [
        ("use std::fs;", "std::fs"),
        ("fn f() { let _ = std::fs::read(\"x\"); }", "std::fs"),
        ("fn f() { let _ = ::std::net::TcpStream::connect(x); }", "std::net"),
        ("use std::{\n    collections::{BTreeMap, BTreeSet},\n    net::TcpStream,\n};", "std::net"),
        ("use std::{fmt, process};", "std::process"),
        ("use std::time::Instant;", "std::time"),
        ("use std::io::stdin;", "std::io"),
        ("use std as s;", "std under another name"),
        ("use tokio::net::TcpStream;", "tokio"),
        ("use reqwest;", "reqwest"),
        ("extern crate libc;", "libc"),
        ("fn f() { hyper::Client::new(); }", "hyper"),
        ("fn f() { println!(\"{}\", 'a'); }", "println!"),
        ("const A: char = '\\''; use std::env;", "std::env"),
        ("const A: &str = r#\"a\"b\"#; use std::env;", "std::env"),
        ("/// `std::fmt`\nuse std::thread;", "std::thread"),
    ] {
        assert_eq!(reaching_out(source), BTreeSet::from([what.to_owned()]), "{source}");
    }
    for source in [
        "// use std::fs;",
        "/* tokio::spawn */",
        "const A: &str = \"std::fs::read, \\\" tokio::x\";",
        "const A: &str = r##\"std::fs\"##;",
        "use std::{fmt, sync::Arc, time::Duration};",
        "use std::io::Write;",
        "use crate::std::fs;",
        "fn f<'a>(time: &'a str) -> &'a str { time }",
        "let net = 1; let fs = model::fs::x;",
    ] {
        assert_eq!(reaching_out(source), BTreeSet::new(), "{source}");
    }
    let package = serde_json::json!({"dependencies": [
        {"name": "jiff", "kind": null}, {"name": "tokio", "kind": null}, {"name": "reqwest", "kind": "build"},
        {"name": "tempfile", "kind": "dev"},
    ]});
    assert_eq!(unknown(&package).collect::<Vec<_>>(), ["tokio", "reqwest"]);
}
