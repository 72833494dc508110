//! The law, held against a small evaluator of filters.
#![cfg(test)]

use joinery_model::{Case, Filter, Op, Path, Value};
use joinery_odata::{BinaryOp, Expr, Field, Function, Literal};
use proptest::prelude::*;

use super::{Target, push_down};
use crate::row::Kind;

/// What the tenant would see in the row at a property: lists are walked through, any row counts.
fn cells(field: &Field, row: &Value) -> Vec<Value> {
    let path = Path::parse(&field.as_str().replace('/', ".")).unwrap();
    path.find(row).into_iter().cloned().collect()
}

fn text(expr: &Expr, cell: &dyn Fn(&Field) -> Value) -> Value {
    match expr {
        Expr::Field(field) => cell(field),
        Expr::Literal(Literal::Text(text)) => Value::text(&**text),
        Expr::Literal(Literal::Int(number)) => Value::Int(*number),
        Expr::Literal(Literal::Bool(truth)) => Value::Bool(*truth),
        Expr::Literal(Literal::Null) => Value::Null,
        Expr::Literal(Literal::DateTime(civil)) => Value::Date(civil.date()),
        Expr::Call { function: Function::ToLower, arguments } => match text(&arguments[0], cell) {
            Value::Text(text) => Value::text(text.to_lowercase()),
            other => other,
        },
        other => panic!("the evaluator does not know {other:?}"),
    }
}

/// Three-valued logic would only widen less: a comparison with null is false, except `eq null` and `ne null`.
fn holds_for(expr: &Expr, cell: &dyn Fn(&Field) -> Value) -> bool {
    let value = |expr: &Expr| text(expr, cell);
    match expr {
        Expr::Binary { op, left, right } => {
            let (left, right) = (value(left), value(right));
            match op {
                BinaryOp::Eq => left == right,
                BinaryOp::Ne => !left.is_null() && left != right,
                BinaryOp::Lt => left.compare(&right).is_some_and(std::cmp::Ordering::is_lt),
                BinaryOp::Le => left.compare(&right).is_some_and(std::cmp::Ordering::is_le),
                BinaryOp::Gt => left.compare(&right).is_some_and(std::cmp::Ordering::is_gt),
                BinaryOp::Ge => left.compare(&right).is_some_and(std::cmp::Ordering::is_ge),
                other => panic!("the evaluator does not know {other:?}"),
            }
        }
        Expr::In { operand, values } => {
            let left = value(operand);
            values.iter().any(|right| value(&Expr::Literal(right.clone())) == left)
        }
        Expr::Call { function, arguments } => match (value(&arguments[0]), value(&arguments[1])) {
            (Value::Text(first), Value::Text(second)) => match function {
                Function::StartsWith => first.starts_with(&*second),
                Function::EndsWith => first.ends_with(&*second),
                Function::SubstringOf => second.contains(&*first),
                other => panic!("the evaluator does not know {other:?}"),
            },
            _ => false,
        },
        other => panic!("the evaluator does not know {other:?}"),
    }
}

fn accepts(expr: &Expr, row: &Value) -> bool {
    match expr {
        Expr::And(all) => all.iter().all(|one| accepts(one, row)),
        Expr::Or(any) => any.iter().any(|one| accepts(one, row)),
        clause => match clause.fields().first() {
            None => true,
            Some(field) => {
                let mut cells = cells(field, row);
                if cells.is_empty() && field.navigation().is_empty() {
                    cells.push(Value::Null);
                }
                cells.iter().any(|cell| holds_for(clause, &|_| cell.clone()))
            }
        },
    }
}

fn targets(path: &Path) -> Option<Target> {
    let text = path.to_string();
    let kind = match text.as_str() {
        "username" | "lastName" | "emailNav.emailAddress" | "emailNav.emailType" => Kind::Text,
        "count" => Kind::Int,
        "started" => Kind::Date,
        "flag" => Kind::Bool,
        _ => return None,
    };
    let field = Field::parse(&text.replace('.', "/")).unwrap();
    Some(Target { behind_navigation: !field.navigation().is_empty(), field, kind, zone: jiff::tz::TimeZone::UTC })
}

fn word() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec!["O'Hara", "o'hara", "bj", "BJensen", "É", "é", "", "a b"]).prop_map(Value::from),
        Just(Value::Null),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let day = prop::sample::select(vec![jiff::civil::date(2026, 1, 1), jiff::civil::date(2026, 1, 2)]);
    prop_oneof![4 => word(), 1 => (-2i64..3).prop_map(Value::Int), 1 => any::<bool>().prop_map(Value::Bool), 1 => day.prop_map(Value::Date)]
}

fn any_row() -> impl Strategy<Value = Value> {
    let email =
        (word(), word()).prop_map(|(a, b)| Value::Object(vec![("emailAddress".into(), a), ("emailType".into(), b)]));
    let day = prop_oneof![Just(Value::Null), Just(Value::Date(jiff::civil::date(2026, 1, 1)))];
    let flag = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::Bool)];
    (word(), word(), word(), -2i64..3, day, flag, prop::collection::vec(email, 0..3)).prop_map(
        |(user, last, hidden, count, day, flag, emails)| {
            Value::Object(vec![
                ("username".into(), user),
                ("lastName".into(), last),
                ("hidden".into(), hidden),
                ("count".into(), Value::Int(count)),
                ("started".into(), day),
                ("flag".into(), flag),
                ("emailNav".into(), Value::List(emails)),
            ])
        },
    )
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let paths = vec!["username", "lastName", "hidden", "count", "started", "flag", "emailNav.emailAddress"];
    let path = prop::sample::select(paths).prop_map(|text| text.parse::<Path>().unwrap());
    let op = prop::sample::select(vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Sw, Op::Ew, Op::Co]);
    let case = prop::sample::select(vec![Case::Fold, Case::Exact]);
    let element = (word(), word(), case.clone()).prop_map(|(kind, address, case)| Filter::Any {
        path: "emailNav".parse().unwrap(),
        filter: Box::new(Filter::And(vec![
            Filter::Compare { path: "emailType".parse().unwrap(), op: Op::Eq, value: kind, case },
            Filter::Compare { path: "emailAddress".parse().unwrap(), op: Op::Ne, value: address, case },
        ])),
    });
    let leaf = prop_oneof![
        6 => (path.clone(), op, any_value(), case.clone()).prop_map(|(path, op, value, case)| Filter::Compare { path, op, value, case }),
        2 => (path.clone(), prop::collection::vec(any_value(), 0..3), case).prop_map(|(path, values, case)| Filter::In { path, values, case }),
        1 => path.prop_map(Filter::Present),
        1 => element,
        1 => Just(Filter::All),
        1 => Just(Filter::None),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::Or),
            inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whoever the filter accepts, the tenant gives out; also when the filter was cut to a length.
    #[test]
    fn pushing_down_never_loses_a_row(filter in any_filter(), row in any_row(), limit in 20usize..400) {
        if let Some(pushed) = push_down(&filter, &targets, limit) {
            prop_assert!(pushed.to_string().len() <= limit);
            if filter.accepts(&row) {
                prop_assert!(accepts(&pushed, &row), "{pushed}");
            }
        }
    }
}

#[test]
fn what_can_be_said_is_said() {
    let compare = |path: &str, op, value: &str| Filter::Compare {
        path: path.parse().unwrap(),
        op,
        value: value.into(),
        case: Case::Fold,
    };
    let filter = Filter::And(vec![
        Filter::Or(vec![compare("username", Op::Eq, "O'Hara"), compare("username", Op::Sw, "bj")]),
        compare("hidden", Op::Eq, "x"),
        compare("lastName", Op::Gt, "m"),
        Filter::In { path: "lastName".parse().unwrap(), values: vec!["A".into(), "B".into()], case: Case::Exact },
    ]);
    assert_eq!(
        push_down(&filter, &targets, 6000).unwrap().to_string(),
        "(tolower(username) eq 'o''hara' or startswith(tolower(username),'bj')) and lastName in 'A','B'"
    );
    assert_eq!(push_down(&filter, &targets, 60).unwrap().to_string(), "lastName in 'A','B'");
    assert_eq!(push_down(&filter, &targets, 5), None);
}
