//! The functions of expressions: names and behaviour as in Microsoft Entra's list, the deterministic ones, plus the
//! standard ones of CEL. Every function is pure; `today` is the only time.

use std::borrow::Cow;

use joinery_model::Value;

use super::{dates, eval, text};

pub(super) type Args<'x, 'a> = &'x [Cow<'a, Value>];
type Made = Result<Value, String>;

/// A function: what it is called, how many arguments it takes, what it does.
#[derive(Clone, Copy)]
pub(super) struct Function {
    pub(super) name: &'static str,
    least: usize,
    most: usize,
    pub(super) run: fn(Args<'_, '_>) -> Made,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Function {
    pub(super) fn takes(&self, count: usize) -> bool {
        (self.least..=self.most).contains(&count)
    }

    pub(super) fn arity(&self) -> String {
        match (self.least, self.most) {
            (least, most) if least == most => format!("{least} arguments"),
            (least, usize::MAX) => format!("{least} arguments or more"),
            (least, most) => format!("{least} to {most} arguments"),
        }
    }
}

pub(super) fn named(name: &str) -> Option<Function> {
    TABLE.iter().find(|function| function.name == name).copied()
}

pub(super) fn names() -> String {
    TABLE.iter().map(|function| function.name).collect::<Vec<_>>().join(", ")
}

const MANY: usize = usize::MAX;

/// Name, least and most arguments, what it does. A method call passes what it is called on as the first argument.
const TABLE: &[Function] = &[
    f("Append", 2, 2, |args| text::on(args, |source, args| Ok(Value::text(format!("{source}{}", text::of(args, 1)?))))),
    f("CBool", 1, 1, |args| match &*args[0] {
        Value::Null => Ok(Value::Null),
        value => match value.to_plain().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "y" => Ok(Value::Bool(true)),
            "false" | "0" | "no" | "n" => Ok(Value::Bool(false)),
            _ => Err("this is neither true nor false".to_owned()),
        },
    }),
    f("CStr", 1, 1, string),
    f("Coalesce", 1, MANY, |args| {
        Ok(args.iter().find(|arg| !arg.is_null()).map_or(Value::Null, |arg| arg.clone().into_owned()))
    }),
    f("Count", 1, 1, |args| match &*args[0] {
        Value::List(items) => number(items.len()),
        Value::Null => Ok(Value::Int(0)),
        _ => Ok(Value::Int(1)),
    }),
    f("DateAdd", 3, 3, dates::add),
    f("DateDiff", 3, 3, dates::difference),
    f("FormatDateTime", 2, 4, dates::format),
    f("InStr", 2, 3, text::position),
    f("IsNull", 1, 1, |args| Ok(Value::Bool(args[0].is_null()))),
    f("IsNullOrEmpty", 1, 1, |args| Ok(Value::Bool(empty(&args[0])))),
    f("IsPresent", 1, 1, |args| Ok(Value::Bool(!empty(&args[0])))),
    f("IsString", 1, 1, |args| Ok(Value::Bool(matches!(&*args[0], Value::Text(_))))),
    f("Item", 2, 2, |args| {
        let at = integer(&args[1])?;
        let at = usize::try_from(at - 1).map_err(|_| "the index counts from 1".to_owned())?;
        Ok(args[0].items().get(at).cloned().unwrap_or_default())
    }),
    f("Join", 2, MANY, text::join),
    f("Left", 2, 2, |args| {
        text::on(args, |source, args| Ok(Value::text(text::slice(source, 0, Some(count(args, 1)?)))))
    }),
    f("Len", 1, 1, |args| text::on(args, |source, _| number(source.chars().count()))),
    f("Mid", 3, 3, |args| {
        text::on(args, |source, args| {
            let from = count(args, 1)?.checked_sub(1).ok_or("the start counts from 1")?;
            Ok(Value::text(text::slice(source, from, Some(count(args, 2)?))))
        })
    }),
    f("NormalizeDiacritics", 1, 1, |args| {
        text::on(args, |source, _| Ok(Value::text(text::without_diacritics(source))))
    }),
    f("Not", 1, 1, |args| match &*args[0] {
        Value::Bool(value) => Ok(Value::Bool(!value)),
        Value::Null => Ok(Value::Bool(true)),
        other => Err(format!("needs true or false, not {}", eval::kind(other))),
    }),
    f("PCase", 1, 2, text::proper_case),
    f("Replace", 3, 3, text::replace),
    f("Right", 2, 2, |args| {
        text::on(args, |source, args| {
            let skip = source.chars().count().saturating_sub(count(args, 1)?);
            Ok(Value::text(text::slice(source, skip, None)))
        })
    }),
    f("Split", 2, 2, text::split),
    f("StripSpaces", 1, 1, |args| {
        text::on(args, |source, _| Ok(Value::text(source.chars().filter(|c| *c != ' ').collect::<String>())))
    }),
    f("Switch", 2, MANY, switch),
    f("ToLower", 1, 2, |args| text::on(args, |source, _| Ok(Value::text(source.to_lowercase())))),
    f("ToUpper", 1, 2, |args| text::on(args, |source, _| Ok(Value::text(source.to_uppercase())))),
    f("Trim", 1, 1, |args| text::on(args, |source, _| Ok(Value::text(source.trim())))),
    f("Word", 3, 3, text::word),
    f("contains", 2, 2, |args| text::test(args, |source, wanted| source.contains(wanted))),
    f("double", 1, 1, |args| match &*args[0] {
        Value::Null => Ok(Value::Null),
        Value::Int(value) => Ok(Value::Decimal(value.to_string().into())),
        Value::Decimal(text) => Ok(Value::Decimal(text.clone())),
        Value::Text(text) if text.trim().parse::<f64>().is_ok_and(f64::is_finite) => {
            Ok(Value::Decimal(text.trim().into()))
        }
        other => Err(format!("{} is not a number", eval::kind(other))),
    }),
    f("endsWith", 2, 2, |args| text::test(args, |source, wanted| source.ends_with(wanted))),
    f("int", 1, 1, |args| match &*args[0] {
        Value::Null => Ok(Value::Null),
        other => integer(other).map(Value::Int),
    }),
    f("lowerAscii", 1, 1, |args| text::on(args, |source, _| Ok(Value::text(source.to_ascii_lowercase())))),
    f("size", 1, 1, |args| match &*args[0] {
        Value::Text(text) => number(text.chars().count()),
        Value::List(items) => number(items.len()),
        Value::Object(members) => number(members.len()),
        Value::Null => Ok(Value::Int(0)),
        other => Err(format!("{} has no size", eval::kind(other))),
    }),
    f("startsWith", 2, 2, |args| text::test(args, |source, wanted| source.starts_with(wanted))),
    f("string", 1, 1, string),
    f("upperAscii", 1, 1, |args| text::on(args, |source, _| Ok(Value::text(source.to_ascii_uppercase())))),
];

const fn f(name: &'static str, least: usize, most: usize, run: fn(Args<'_, '_>) -> Made) -> Function {
    Function { name, least, most, run }
}

#[expect(clippy::unnecessary_wraps, reason = "every function of the table may fail")]
fn string(args: Args<'_, '_>) -> Made {
    Ok(match &*args[0] {
        Value::Null => Value::Null,
        value => Value::text(value.to_plain()),
    })
}

/// `Switch(source, default, key1, value1, …)`: keys are compared as text.
fn switch(args: Args<'_, '_>) -> Made {
    if args.len() % 2 == 1 {
        return Err("needs a value for every key: Switch(source, default, key, value, …)".to_owned());
    }
    let source = args[0].to_plain();
    let hit = args[2..].chunks_exact(2).find(|pair| !args[0].is_null() && pair[0].to_plain() == source);
    Ok(hit.map_or(&args[1], |pair| &pair[1]).clone().into_owned())
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        _ => false,
    }
}

fn number(count: usize) -> Made {
    i64::try_from(count).map(Value::Int).map_err(|_| "too many".to_owned())
}

/// A whole number, from a number or from text that writes one; a fraction is cut off.
pub(super) fn integer(value: &Value) -> Result<i64, String> {
    let wrong = || format!("needs a whole number, not {}", eval::kind(value));
    match value {
        Value::Int(number) => Ok(*number),
        Value::Text(text) => text.trim().parse().map_err(|_| wrong()),
        Value::Decimal(text) => {
            let number: f64 = text.parse().map_err(|_| wrong())?;
            if number.abs() < 9.0e18 { Ok(number.trunc() as i64) } else { Err(wrong()) }
        }
        _ => Err(wrong()),
    }
}

pub(super) fn count(args: Args<'_, '_>, at: usize) -> Result<usize, String> {
    usize::try_from(integer(&args[at])?).map_err(|_| "a count cannot be negative".to_owned())
}
