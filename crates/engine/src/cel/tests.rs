//! Bounds first, with the examples that hurt the crate's own evaluator; then meaning, against the crate where nothing
//! is null; then the functions.

use jiff::civil::{Date, date};
use joinery_model::Value;
use proptest::prelude::*;

use super::Expr;

fn object(members: &[(&str, Value)]) -> Value {
    Value::Object(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
}

fn row() -> Value {
    let email = |kind: &str, address: &str| object(&[("emailType", kind.into()), ("emailAddress", address.into())]);
    object(&[
        ("name", object(&[("first", "Zoë Ångström".into()), ("last", "O'Hara".into()), ("middle", Value::Null)])),
        ("start", Value::Date(date(2026, 1, 31))),
        ("changed", Value::Instant("2026-11-20T10:00:00Z".parse().unwrap())),
        ("level", Value::Int(7)),
        ("rate", Value::Decimal("12.50".into())),
        ("emails", Value::List(vec![email("B", "b@x"), email("P", "p@x")])),
        ("sixty", Value::List((0..60).map(Value::Int).collect())),
        ("many", Value::List((0..201).map(Value::Int).collect())),
    ])
}

const TODAY: Date = date(2026, 11, 21);

fn eval(source: &str) -> Result<Value, String> {
    Expr::compile(source)?.eval(&row(), TODAY).map_err(|error| error.to_string())
}

fn text(source: &str) -> String {
    eval(source).unwrap().to_plain()
}

#[test]
fn a_nested_map_is_refused_or_runs_out_of_fuel() {
    let nested = |depth: usize| {
        let vars = ["a", "b", "c", "d"];
        let body = "1".to_owned();
        vars[..depth].iter().rev().fold(body, |inner, var| format!("p.sixty.map({var}, {inner})"))
    };
    assert!(Expr::compile(&nested(4)).unwrap_err().contains("nested more than 2 deep"));
    assert!(Expr::compile(&nested(3)).is_err());
    // Two deep is allowed: 3,600 steps.
    assert!(eval(&nested(2)).is_ok());
    let heavy = "p.sixty.map(a, p.sixty.map(b, Join('-', p.sixty, p.sixty, p.sixty, p.sixty, p.sixty)))";
    assert!(eval(heavy).unwrap_err().contains("too many steps"));
}

#[test]
fn long_chains_and_deep_nests_are_refused_without_harm() {
    let chain = |terms: usize| vec!["1"; terms].join("+");
    assert!(Expr::compile(&chain(2000)).unwrap_err().contains("more than 200 terms"));
    assert!(Expr::compile(&chain(4999)).is_err());
    assert_eq!(eval(&chain(200)).unwrap(), Value::Int(200));
    let deep = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Expr::compile(&deep(4900)).is_err());
    let nots = format!("{}true", "!(".repeat(70)) + &")".repeat(70);
    assert!(Expr::compile(&nots).is_err());
    let ternaries = format!("{}1", "p.level == 1 ? 1 : ".repeat(400));
    assert!(Expr::compile(&ternaries).is_err());
    assert!(Expr::compile(&format!("'{}'", "x".repeat(9_999))).unwrap_err().contains("10001 characters"));
    let list = format!("[{}]", vec!["1"; 501].join(","));
    assert!(Expr::compile(&list).is_err());
    let ands = vec!["true"; 201].join(" && ");
    assert!(Expr::compile(&ands).is_err());
}

#[test]
fn the_largest_allowed_tree_runs_on_the_stack_of_a_worker() {
    // Sixty levels of nested calls, each with a chain: as deep as the bounds allow.
    let source = (0..60).fold("1".to_owned(), |inner, _| format!("(1 + Len(string({inner} + 1)))"));
    let smaller = (0..15).fold("1".to_owned(), |inner, _| format!("IIF(true, 1 + (2 * ({inner} + 1)), 0)"));
    let run = move || (Expr::compile(&source).is_err(), eval(&smaller).is_ok());
    let ran = std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
    assert_eq!(ran, (true, true));
}

#[test]
fn lists_and_texts_have_an_end() {
    assert!(eval("p.many.map(x, x)").unwrap_err().contains("more than 200 items"));
    assert!(eval("p.many.exists(x, x == 200)").is_err());
    let grow = (0..8).fold("Replace('aaaaaaaaaaaaaaaa', 'a', 'aaaaaaaaaaaaaaaa')".to_owned(), |inner, _| {
        format!("Replace({inner}, 'a', 'aaaaaaaaaaaaaaaa')")
    });
    assert!(eval(&grow).unwrap_err().contains("longer than 64 KB"));
    assert!(eval("'a'.matches('(a+)+$')").is_ok());
    assert!(Expr::compile("'a'.matches('(a{1000}){1000}')").is_err());
    assert!(Expr::compile("'a'.matches(p.name.first)").unwrap_err().contains("in quotes"));
}

#[test]
fn missing_and_null_read_as_null_however_deep() {
    for nothing in
        ["p.no", "p.no.thing.here", "p.name.middle", "p.name.middle.more", "p.emails[7].emailAddress", "p.emails[0].no"]
    {
        assert_eq!(eval(nothing).unwrap(), Value::Null, "{nothing}");
    }
    assert_eq!(eval("p.no == null && !has(p.name.middle) && has(p.name.last)").unwrap(), Value::Bool(true));
    assert_eq!(eval("p.no.x + 'a'").unwrap(), Value::Null);
    assert_eq!(eval("p.no < 3 || p.no.exists(x, true)").unwrap(), Value::Bool(false));
    assert_eq!(text("Coalesce(p.no, p.name.middle, p.name.last)"), "O'Hara");
}

#[test]
fn what_is_read_is_known_before() {
    let paths = |source: &str| -> Vec<String> {
        Expr::compile(source).unwrap().paths().iter().map(ToString::to_string).collect()
    };
    assert_eq!(paths("p.name.last + p.name.first"), ["name.first", "name.last"]);
    assert_eq!(paths("p.emails.filter(e, e.emailType == 'B')[0].emailAddress"), ["emails"]);
    assert_eq!(paths("p.emails[0].emailAddress"), ["emails"]);
    assert_eq!(paths("has(p.name.middle) ? 1 : 2"), ["name.middle"]);
    assert!(Expr::compile("size(p) > 1").unwrap_err().contains("name a path"));
    assert!(Expr::compile("q.name").unwrap_err().contains("not known here"));
    assert!(Expr::compile("Nope(1)").unwrap_err().contains("Nope is not known"));
    assert!(Expr::compile("Left('a')").unwrap_err().contains("2 arguments"));
    assert!(Expr::compile("p.name +").unwrap_err().contains("not CEL"));
}

#[test]
fn errors_never_tell_a_value() {
    for source in [
        "p.name.first - 1",
        "p.name.first < p.level",
        "int(p.name.last)",
        "p.name.last ? 1 : 2",
        "DateAdd('d', 1, p.name.last)",
    ] {
        let error = eval(source).unwrap_err();
        assert!(!error.contains("Zo") && !error.contains("Hara"), "{source}: {error}");
    }
}

#[test]
fn functions_do_what_entra_documents() {
    for (source, made) in [
        ("Append(p.name.last, '@x')", "O'Hara@x"),
        ("Join(' ', p.name.first, p.name.middle, p.name.last)", "Zoë Ångström O'Hara"),
        ("NormalizeDiacritics('Straße Łódź Ærø İstanbul')", "Strasse Lodz AEro Istanbul"),
        ("ToLower(NormalizeDiacritics(Left(p.name.first, 1)) + Replace(p.name.last, \"'\", ''))", "zohara"),
        ("ToUpper('straße')", "STRASSE"),
        ("Mid('abcdef', 2, 3)", "bcd"),
        ("Right('abcdef', 2) + Left('ü', 5)", "efü"),
        ("Word('The quick brown fox', 3, ' ')", "brown"),
        ("Word('one', 3, ' ')", ""),
        ("PCase('o\\'hara-smith JONES')", "O'Hara-Smith Jones"),
        ("Switch(p.level, 'none', 6, 'six', '7', 'seven')", "seven"),
        ("Switch(p.no, 'none', '', 'x')", "none"),
        ("IIF(p.level > 5, 'high', 'low')", "high"),
        ("StripSpaces(' a b ')", "ab"),
        ("Item(Split('a,b,c', ','), 2)", "b"),
        ("string(Len(p.name.first))", "12"),
        ("string(InStr('abcabc', 'c', 4))", "6"),
        ("string(Count(p.emails))", "2"),
        ("string(DateAdd('m', 1, p.start))", "2026-02-28"),
        ("string(DateAdd('h', 1, p.changed))", "2026-11-20T11:00:00Z"),
        ("string(DateDiff('d', p.start, today))", "294"),
        ("FormatDateTime(p.start, 'dd.MM.yyyy')", "31.01.2026"),
        ("FormatDateTime(p.changed, \"ddd, d MMM yyyy 'at' hh:mm tt\")", "Fri, 20 Nov 2026 at 10:00 AM"),
        ("FormatDateTime('31/12/2026 11:05 PM', '', 'dd/MM/yyyy hh:mm tt', 'yyyy-MM-ddTHH:mm')", "2026-12-31T23:05"),
        ("p.emails.filter(e, e.emailType == 'B').map(e, e.emailAddress)[0]", "b@x"),
        ("string(p.rate * 2)", "25"),
        ("string(p.start < today && p.changed >= p.start && p.start < '2027-01-01')", "true"),
        ("string('b' in ['a', 'b'] && p.level in [1, 7])", "true"),
        ("string(p.emails.exists_one(e, e.emailType.startsWith('P')))", "true"),
        ("{'a': p.level}.a == 7 ? 'yes' : 'no'", "yes"),
    ] {
        assert_eq!(eval(source).map(|value| value.to_plain()), Ok(made.to_owned()), "{source}");
    }
}

/// Expressions over small numbers, truth values and texts, in which nothing is null.
fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![(-9i64..9).prop_map(|n| format!("({n})")), Just("size('abc')".to_owned())];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            (inner.clone(), prop_oneof![Just("+"), Just("-"), Just("*"), Just("/"), Just("%")], inner.clone())
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} < {b} ? {b} : {c})")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("[{a}, {b}].filter(x, x > 0).map(x, x * 2).size()")),
            inner.prop_map(|a| format!("-{a}")),
        ]
    })
}

fn truth() -> impl Strategy<Value = String> {
    let compare =
        (number(), prop_oneof![Just("<"), Just("<="), Just("=="), Just("!="), Just(">"), Just(">=")], number());
    let leaf = compare.prop_map(|(a, op, b)| format!("({a} {op} {b})"));
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.clone().prop_map(|a| format!("!{a}")),
            (number(), number()).prop_map(|(a, b)| format!("[{a}, {b}, 3].all(x, x / {a} < 2)")),
            (number(), number()).prop_map(|(a, b)| format!("({a} in [{b}, 1, 2]) || 'abc'.contains('b')")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Where nothing is null, ours says what the crate's own evaluator says; both fail on the same expressions.
    #[test]
    fn ours_agrees_with_the_crate(source in prop_oneof![truth(), number()]) {
        let theirs = cel::Program::compile(&source).unwrap().execute(&cel::Context::default());
        let Ok(ours) = Expr::compile(&source) else { return Ok(()) };
        let ours = ours.eval(&Value::Null, TODAY);
        match (theirs, ours) {
            (Ok(cel::Value::Bool(theirs)), Ok(ours)) => prop_assert_eq!(Value::Bool(theirs), ours),
            (Ok(cel::Value::Int(theirs)), Ok(ours)) => prop_assert_eq!(Value::Int(theirs), ours),
            (Err(_), Err(_)) => {}
            (theirs, ours) => prop_assert!(false, "{:?} against {:?}", theirs, ours),
        }
    }

    /// No text makes the compiler panic.
    #[test]
    fn any_text_is_an_expression_or_an_error(source in "[ -~]{0,40}") {
        let _ = Expr::compile(&source).map(|expr| expr.eval(&row(), TODAY));
    }
}
