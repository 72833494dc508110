//! Text functions. Positions count characters from 1; a null source gives null.

use std::borrow::Cow;

use joinery_model::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::bounds;
use super::eval::kind;
use super::functions::{Args, count};

type Made = Result<Value, String>;

/// The first argument as text; numbers and dates count as they are written. Null gives null without calling `run`.
pub(super) fn on(args: Args<'_, '_>, run: impl FnOnce(&str, Args<'_, '_>) -> Made) -> Made {
    match &*args[0] {
        Value::Null => Ok(Value::Null),
        _ => run(&of(args, 0)?, args),
    }
}

/// An argument as text; null is empty.
pub(super) fn of<'x>(args: Args<'x, '_>, at: usize) -> Result<Cow<'x, str>, String> {
    plain(&args[at])
}

fn plain(value: &Value) -> Result<Cow<'_, str>, String> {
    match value {
        Value::Text(text) | Value::Decimal(text) => Ok(Cow::Borrowed(text)),
        Value::List(_) | Value::Object(_) => Err(format!("needs a text, not {}", kind(value))),
        other => Ok(Cow::Owned(other.to_plain())),
    }
}

pub(super) fn test(args: Args<'_, '_>, holds: fn(&str, &str) -> bool) -> Made {
    if args[0].is_null() || args[1].is_null() {
        return Ok(Value::Bool(false));
    }
    Ok(Value::Bool(holds(&of(args, 0)?, &of(args, 1)?)))
}

/// `length` characters from the `from`-th, or all that follow.
pub(super) fn slice(text: &str, from: usize, length: Option<usize>) -> &str {
    let at = |skip: usize, text: &str| text.char_indices().nth(skip).map_or(text.len(), |(at, _)| at);
    let rest = &text[at(from, text)..];
    length.map_or(rest, |length| &rest[..at(length, rest)])
}

/// `InStr(text, wanted, start)`: where it stands, or 0.
pub(super) fn position(args: Args<'_, '_>) -> Made {
    on(args, |source, args| {
        let from = if args.len() > 2 { count(args, 2)?.max(1) - 1 } else { 0 };
        let rest = slice(source, from, None);
        let wanted = of(args, 1)?;
        let found = rest.find(&*wanted).map_or(0, |at| rest[..at].chars().count() + from + 1);
        Ok(Value::Int(i64::try_from(found).unwrap_or(0)))
    })
}

/// `Join(separator, source, …)`: what is null or empty is left out; lists are joined item by item.
pub(super) fn join(args: Args<'_, '_>) -> Made {
    let separator = of(args, 0)?;
    let mut made = String::new();
    let mut first = true;
    let sources = args[1..].iter().flat_map(|arg| match &**arg {
        Value::List(items) => items.iter().collect::<Vec<_>>(),
        one => vec![one],
    });
    for source in sources {
        let text = plain(source)?;
        if text.is_empty() {
            continue;
        }
        if !first {
            made.push_str(&separator);
        }
        first = false;
        made.push_str(&text);
        bounded(made.len())?;
    }
    Ok(Value::text(made))
}

pub(super) fn split(args: Args<'_, '_>) -> Made {
    on(args, |source, args| {
        let separator = of(args, 1)?;
        if separator.is_empty() {
            return Err("the delimiter is empty".to_owned());
        }
        if source.is_empty() {
            return Ok(Value::List(Vec::new()));
        }
        let items: Vec<Value> = source.split(&*separator).take(bounds::ITEMS + 1).map(Value::text).collect();
        Ok(Value::List(items))
    })
}

/// `Replace(source, old, new)`: every occurrence.
pub(super) fn replace(args: Args<'_, '_>) -> Made {
    on(args, |source, args| {
        let (old, new) = (of(args, 1)?, of(args, 2)?);
        if old.is_empty() {
            return Ok(Value::text(source));
        }
        let hits = source.matches(&*old).count();
        bounded(source.len() - hits * old.len() + hits * new.len())?;
        Ok(Value::text(source.replace(&*old, &new)))
    })
}

fn bounded(bytes: usize) -> Result<(), String> {
    if bytes > bounds::TEXT { Err(format!("the text would be longer than {} KB", bounds::TEXT / 1024)) } else { Ok(()) }
}

/// `Word(source, number, delimiters)`: the n-th word between any of these characters; null when there are fewer.
pub(super) fn word(args: Args<'_, '_>) -> Made {
    on(args, |source, args| {
        let wanted = count(args, 1)?;
        let delimiters = of(args, 2)?;
        let mut words = source.split(|c| delimiters.contains(c)).filter(|word| !word.is_empty());
        Ok(wanted.checked_sub(1).and_then(|skip| words.nth(skip)).map_or(Value::Null, Value::text))
    })
}

/// `PCase(source, delimiters)`: each word with a capital first letter, the rest small; delimiters are kept.
pub(super) fn proper_case(args: Args<'_, '_>) -> Made {
    on(args, |source, args| {
        let delimiters = if args.len() > 1 { of(args, 1)? } else { Cow::Borrowed(" -'.,") };
        let mut made = String::with_capacity(source.len());
        let mut begins = true;
        for c in source.chars() {
            if begins {
                made.extend(c.to_uppercase());
            } else {
                made.extend(c.to_lowercase());
            }
            begins = delimiters.contains(c) || c.is_whitespace();
        }
        Ok(Value::text(made))
    })
}

/// Letters without their marks, and the letters of European alphabets that do not decompose as they are written
/// without them.
pub(super) fn without_diacritics(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut made = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => made.push_str("ss"),
            'Æ' => made.push_str("AE"),
            'æ' => made.push_str("ae"),
            'Œ' => made.push_str("OE"),
            'œ' => made.push_str("oe"),
            'Þ' => made.push_str("Th"),
            'þ' => made.push_str("th"),
            'Ø' => made.push('O'),
            'ø' => made.push('o'),
            'Đ' | 'Ð' => made.push('D'),
            'đ' | 'ð' => made.push('d'),
            'Ł' => made.push('L'),
            'ł' => made.push('l'),
            'ı' => made.push('i'),
            'ħ' => made.push('h'),
            other => made.push(other),
        }
    }
    // What was decomposed without being a Latin mark (Hangul, for one) is put together again.
    made.nfc().collect()
}
