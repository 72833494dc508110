//! From names to indices, with everything that a tenant refuses.

use joinery_odata::{BinaryOp, Expr, Field, Function, Literal};

use super::value::{Beside, Val, constant};
use crate::schema::{Edm, Property, Set};
use crate::serve::refusal::Refusal;
use crate::serve::view::View;
use crate::world::Clock;

/// What names are looked up in.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) root: Set,
    pub(crate) view: &'a View,
    pub(crate) clock: &'a Clock,
    pub(crate) email_filterable: bool,
}

/// A condition on a row.
#[derive(Debug)]
pub(crate) enum Test {
    Constant(bool),
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Compare(BinaryOp, Operand, Operand),
    In(Operand, Vec<Val<'static>>),
    /// An operand that is true or false by itself.
    Holds(Operand),
}

/// A value of a row.
#[derive(Debug)]
pub(crate) enum Operand {
    Constant(Val<'static>),
    Path {
        /// Navigations on the way, each with whether it leads to many.
        navigations: Vec<usize>,
        property: usize,
        /// Looks at every slice, not at the one in force (KBA 2920680).
        every_slice: bool,
    },
    /// A navigation itself: null or not.
    Link {
        navigations: Vec<usize>,
    },
    Negate(Box<Operand>),
    Arithmetic(BinaryOp, Box<Operand>, Box<Operand>),
    Call(Function, Vec<Operand>),
}

impl Operand {
    /// A property of the row itself, as it is.
    pub(crate) fn own(property: usize) -> Self {
        Self::Path { navigations: Vec::new(), property, every_slice: false }
    }
}

/// Looks up the names of a filter.
///
/// # Errors
/// COE0021 for a name that is not there, COE0003 for a property that cannot be filtered and for what is no condition.
pub(crate) fn compile(expr: &Expr, names: Names<'_>) -> Result<Test, Refusal> {
    match expr {
        Expr::Literal(Literal::Bool(truth)) => Ok(Test::Constant(*truth)),
        Expr::And(all) => Ok(Test::All(all.iter().map(|one| compile(one, names)).collect::<Result<_, _>>()?)),
        Expr::Or(any) => Ok(Test::Any(any.iter().map(|one| compile(one, names)).collect::<Result<_, _>>()?)),
        Expr::Not(inner) => Ok(Test::Not(Box::new(compile(inner, names)?))),
        Expr::Binary { op, left, right } if op.is_comparison() => {
            if mentions_all_records(left) || mentions_all_records(right) {
                // What the switch lifts is not known: it is taken, and changes nothing.
                return Ok(Test::Constant(true));
            }
            let (first, second) = (beside(left, names)?, beside(right, names)?);
            let side = if first == Beside::Other { second } else { first };
            let left_status = is_status(left, names.root);
            let right_status = is_status(right, names.root);
            let left = operand(left, side, right_status, names)?;
            let right = operand(right, side, left_status, names)?;
            Ok(Test::Compare(*op, left, right))
        }
        Expr::In { operand: inner, values } => {
            let side = beside(inner, names)?;
            let status = is_status(inner, names.root);
            let values = values.iter().map(|value| status_letter(constant(value, side, names.clock), status)).collect();
            Ok(Test::In(operand(inner, side, false, names)?, values))
        }
        Expr::Call { function, .. } if function.is_predicate() => {
            Ok(Test::Holds(operand(expr, Beside::Other, false, names)?))
        }
        Expr::Field(_) => Ok(Test::Holds(operand(expr, Beside::Other, false, names)?)),
        Expr::Literal(_) | Expr::Negate(_) | Expr::Binary { .. } | Expr::Call { .. } => {
            Err(Refusal::bad_expression(&expr.to_string(), "a condition is expected"))
        }
    }
}

/// Looks up a field of `$orderby`.
pub(crate) fn order_operand(field: &Field, names: Names<'_>) -> Result<Operand, Refusal> {
    let found = look_up(field, names)?;
    let Found::Property { navigations, property, index } = found else {
        return Err(Refusal::bad_expression(field.as_str(), &format!("{} is not sortable", field.as_str())));
    };
    if !property.flags.sortable() {
        return Err(Refusal::bad_expression(field.as_str(), &format!("{} is not sortable", field.as_str())));
    }
    Ok(Operand::Path { navigations, property: index, every_slice: false })
}

fn mentions_all_records(expr: &Expr) -> bool {
    matches!(expr, Expr::Field(field) if field.property() == "includeAllRecords")
}

fn is_status(expr: &Expr, root: Set) -> bool {
    root == Set::User && matches!(expr, Expr::Field(field) if field.as_str() == "status")
}

/// User's status may be written as a letter or as a word; rows have letters.
fn status_letter(value: Val<'static>, status: bool) -> Val<'static> {
    let letter = match (status, value.text()) {
        (true, Some("active")) => "t",
        (true, Some("inactive")) => "f",
        (true, Some("active_external")) => "T",
        (true, Some("inactive_external")) => "F",
        (true, Some("active_external_suite")) => "e",
        (true, Some("inactive_external_suite")) => "d",
        _ => return value,
    };
    Val::Text(letter.into())
}

/// What the times in an expression mean, when a property in it says so.
fn beside(expr: &Expr, names: Names<'_>) -> Result<Beside, Refusal> {
    Ok(match expr {
        Expr::Field(field) => match look_up(field, names)? {
            Found::Property { property, .. } => meaning(property),
            Found::Link { .. } => Beside::Other,
        },
        _ => Beside::Other,
    })
}

fn meaning(property: &Property) -> Beside {
    match property.edm {
        Edm::DateTime if property.wall_clock => Beside::WallClock,
        Edm::DateTime => Beside::Date,
        Edm::DateTimeOffset => Beside::Instant,
        _ => Beside::Other,
    }
}

fn operand(expr: &Expr, side: Beside, status: bool, names: Names<'_>) -> Result<Operand, Refusal> {
    let inner = |expr: &Expr| operand(expr, side, false, names).map(Box::new);
    Ok(match expr {
        Expr::Literal(literal) => Operand::Constant(status_letter(constant(literal, side, names.clock), status)),
        Expr::Field(field) => match look_up(field, names)? {
            Found::Link { navigations } => Operand::Link { navigations },
            Found::Property { navigations, property, index } => {
                let listed = names.email_filterable && names.root == Set::User && field.as_str() == "email";
                if !property.flags.filterable() && !listed {
                    let name = field.as_str();
                    return Err(Refusal::bad_expression(name, &format!("{name} is not filterable")));
                }
                let set = last_set(names.root, &navigations);
                let every_slice = set.effective_dated() && property.name.starts_with("lastModified");
                Operand::Path { navigations, property: index, every_slice }
            }
        },
        Expr::Negate(number) => Operand::Negate(inner(number)?),
        Expr::Binary { op, left, right } if !op.is_comparison() => {
            Operand::Arithmetic(*op, inner(left)?, inner(right)?)
        }
        Expr::Call { function, arguments } => {
            let (least, most) = function.arity();
            if !(least..=most).contains(&arguments.len()) {
                return Err(Refusal::bad_expression(function.word(), "wrong number of arguments"));
            }
            let arguments = arguments.iter().map(|one| operand(one, Beside::Other, false, names));
            Operand::Call(*function, arguments.collect::<Result<_, _>>()?)
        }
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::In { .. } | Expr::Binary { .. } => {
            return Err(Refusal::bad_expression(&expr.to_string(), "a value is expected"));
        }
    })
}

enum Found {
    Property { navigations: Vec<usize>, property: &'static Property, index: usize },
    Link { navigations: Vec<usize> },
}

fn look_up(field: &Field, names: Names<'_>) -> Result<Found, Refusal> {
    let mut set = names.root;
    let mut navigations = Vec::new();
    let mut segments = field.segments().peekable();
    while let Some(name) = segments.next() {
        let table = set.table();
        let unknown = || Refusal::unknown_properties(&[format!("{}/{name}", table.name)]);
        if !names.view.has_field(set, name) {
            return Err(unknown());
        }
        let last = segments.peek().is_none();
        if let (true, Some(index)) = (last, table.property(name)) {
            return Ok(Found::Property { navigations, property: &table.properties[index], index });
        }
        let index = table.navigation(name).ok_or_else(unknown)?;
        let target = table.navigations[index].target;
        if !names.view.has_set(target) {
            return Err(unknown());
        }
        navigations.push(index);
        set = target;
    }
    Ok(Found::Link { navigations })
}

fn last_set(root: Set, navigations: &[usize]) -> Set {
    navigations.iter().fold(root, |set, &index| set.table().navigations[index].target)
}
