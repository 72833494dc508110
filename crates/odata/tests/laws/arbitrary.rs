//! Values of every kind.

use jiff::Timestamp;
use joinery_odata::{BinaryOp, EntityAddress, Expr, Field, Function, KeyPredicate, Literal, Query, date};
use joinery_odata::{Format, InlineCount, OrderBy, Paging};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

/// Text with everything that could confuse a grammar.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,12}", r#"['"%+&?#/()=,;\\ é李]{0,8}"#, any::<String>()]
}

pub fn day() -> impl Strategy<Value = jiff::civil::Date> {
    (0_i64..2_932_896).prop_map(|days| date::civil_from_ms(days * 86_400_000).unwrap().date())
}

pub fn literal() -> impl Strategy<Value = Literal> {
    let finite32 = any::<f32>().prop_filter("finite", |number| number.is_finite());
    let finite64 = any::<f64>().prop_filter("comparable", |number| !number.is_nan());
    let ms = -62_135_596_800_000_i64..253_402_300_799_999;
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(Literal::Int),
        any::<i64>().prop_map(Literal::Int64),
        "-?[0-9]{1,20}(\\.[0-9]{1,9})?".prop_map(|digits| Literal::decimal(&digits).unwrap()),
        finite32.prop_map(Literal::Single),
        finite64.prop_map(Literal::Double),
        text().prop_map(Literal::text),
        (ms, 0_i32..1_000_000).prop_map(|(ms, nanos)| {
            let civil = date::civil_from_ms(ms).unwrap();
            let nanos = civil.subsec_nanosecond() + nanos;
            Literal::DateTime(civil.with().subsec_nanosecond(nanos).build().unwrap())
        }),
        (-62_135_596_800_i64..253_402_200_000, 0_i32..1_000_000_000)
            .prop_map(|(second, nanos)| Literal::DateTimeOffset(Timestamp::new(second, nanos).unwrap())),
        (0_i8..24, 0_i8..60, 0_i8..60, 0_i32..1_000_000_000)
            .prop_map(|(h, m, s, n)| Literal::Time(jiff::civil::time(h, m, s, n))),
        any::<u128>().prop_map(Literal::Guid),
        vec(any::<u8>(), 0..6).prop_map(|bytes| Literal::Binary(bytes.into())),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z_][a-zA-Z0-9_]{0,8}",
        // Words of the grammar may be properties.
        prop::sample::select(vec![
            "and", "or", "eq", "in", "like", "length", "time", "datetime", "X", "guid", "L", "INF_"
        ])
        .prop_map(str::to_owned),
    ]
}

pub fn path() -> impl Strategy<Value = String> {
    vec(name(), 1..4).prop_map(|names| names.join("/")).prop_filter("a path", |path| Field::parse(path).is_ok())
}

pub fn field() -> impl Strategy<Value = Field> {
    path().prop_map(|path| Field::parse(&path).unwrap())
}

pub fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![literal().prop_map(Expr::from), field().prop_map(Expr::from)];
    leaf.prop_recursive(6, 40, 4, |inner| {
        let listed = vec(literal().prop_filter("not null", |literal| *literal != Literal::Null), 1..4);
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Expr::And),
            vec(inner.clone(), 2..4).prop_map(Expr::Or),
            inner.clone().prop_map(|inner| !inner),
            inner.clone().prop_map(|inner| Expr::Negate(Box::new(inner))),
            (inner.clone(), listed).prop_map(|(operand, values)| Expr::In { operand: Box::new(operand), values }),
            (prop::sample::select(BinaryOp::ALL.to_vec()), inner.clone(), inner.clone())
                .prop_map(|(op, left, right)| left.binary(op, right)),
            (prop::sample::select(Function::ALL.to_vec()), vec(inner, 3), any::<bool>()).prop_map(
                |(function, mut arguments, most)| {
                    let (least, at_most) = function.arity();
                    arguments.truncate(if most { at_most } else { least });
                    Expr::Call { function, arguments }
                }
            ),
        ]
    })
}

pub fn key() -> impl Strategy<Value = KeyPredicate> {
    let names = proptest::collection::btree_map(name(), literal(), 2..4);
    prop_oneof![literal().prop_map(KeyPredicate::Single), names.prop_map(|parts| KeyPredicate::new(parts).unwrap())]
}

pub fn address() -> impl Strategy<Value = EntityAddress> {
    let rest = vec(prop_oneof![name(), Just("$count".to_owned())], 0..3);
    (name(), of(key()), rest).prop_map(|(set, key, rest)| EntityAddress { set, key, rest })
}

pub fn query() -> impl Strategy<Value = Query> {
    let format = prop_oneof![
        Just(Format::Json),
        Just(Format::Atom),
        Just(Format::Xml),
        "[a-z/+]{4,8}".prop_map(Format::Other).prop_filter("another word", |format| {
            !["json", "atom", "xml"].iter().any(|word| *format == Format::Other((*word).to_owned()))
        }),
    ];
    let order = (field(), any::<bool>()).prop_map(|(field, descending)| OrderBy { field, descending });
    let other = ("[a-z]{1,3}[a-zA-Z &=%+é]{0,4}", text());
    (
        (of(format), of(expr()), vec(path(), 0..3), vec(path(), 0..3), vec(order, 0..3)),
        (of(any::<u64>()), of(any::<u64>()), of(prop_oneof![Just(InlineCount::AllPages), Just(InlineCount::None)])),
        (of(text()), of(any::<u32>()), of(prop_oneof![Just(Paging::Snapshot), Just(Paging::Cursor)])),
        (of(day()), of(day()), of(day()), vec(other, 0..3)),
    )
        .prop_map(|(first, second, third, last)| Query {
            format: first.0,
            filter: first.1,
            select: first.2,
            expand: first.3,
            order_by: first.4,
            top: second.0,
            skip: second.1,
            inline_count: second.2,
            skip_token: third.0,
            page_size: third.1,
            paging: third.2,
            as_of: last.0,
            from: last.1,
            to: last.2,
            other: last.3,
        })
}
