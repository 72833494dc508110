//! Source text → counted tree.

use std::collections::BTreeSet;
use std::sync::Arc;

use cel::common::ast::{CallExpr, EntryExpr, Expr as Parsed, IdedExpr, LiteralValue, operators};
use joinery_model::{Path, Value};
use regex::RegexBuilder;

use super::bounds;
use super::functions::{self, Function};
use super::node::{Each, Node, Operator};

/// Parses and lowers on a thread with a deep stack of its own: the parser recurses, and so does dropping its tree.
pub(super) fn compile(source: &str) -> Result<(Node, BTreeSet<Path>), String> {
    let length = source.chars().count();
    if length > bounds::SOURCE {
        return Err(format!("the expression has {length} characters; at most {} are allowed", bounds::SOURCE));
    }
    std::thread::scope(|scope| {
        let work = || {
            // Without macros `list.map(x, …)` stays a call, which is easier to bound than its expansion.
            let parsed = cel::Env::default()
                .with_optional_support(false)
                .parser()
                .parse(source)
                .map_err(|errors| format!("this is not CEL: {}", first_line(&errors.to_string())))?;
            let mut lowering = Lowering::default();
            let node = lowering.node(&parsed, 0)?;
            Ok((node, lowering.paths))
        };
        std::thread::Builder::new()
            .stack_size(bounds::PARSER_STACK)
            .spawn_scoped(scope, work)
            .map_err(|error| format!("no thread to compile the expression: {error}"))?
            .join()
            .unwrap_or_else(|_| Err("the parser gave up on this expression; make it simpler".to_owned()))
    })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}

#[derive(Default)]
struct Lowering {
    paths: BTreeSet<Path>,
    locals: Vec<String>,
    nodes: usize,
}

impl Lowering {
    fn node(&mut self, parsed: &IdedExpr, depth: usize) -> Result<Node, String> {
        self.nodes += 1;
        if self.nodes > bounds::NODES {
            return Err(format!("the expression has more than {} parts; split it over two attributes", bounds::NODES));
        }
        if depth > bounds::DEPTH {
            return Err(format!(
                "the expression is nested more than {} deep; use Switch or a value map",
                bounds::DEPTH
            ));
        }
        match &parsed.expr {
            Parsed::Literal(literal) => constant(literal).map(Node::Constant),
            Parsed::Ident(name) => self.name(name),
            Parsed::Select(_) => self.select(parsed, depth),
            Parsed::List(list) => {
                if list.elements.len() > bounds::ITEMS {
                    return Err(format!("a list has more than {} items", bounds::ITEMS));
                }
                Ok(Node::List(self.several(&list.elements, depth)?))
            }
            Parsed::Map(map) => {
                let mut members = Vec::new();
                for entry in &map.entries {
                    let EntryExpr::MapEntry(entry) = &entry.expr else {
                        return Err("a message literal is not allowed here".to_owned());
                    };
                    let Parsed::Literal(LiteralValue::String(key)) = &entry.key.expr else {
                        return Err("the keys of a map literal must be texts in quotes".to_owned());
                    };
                    members.push((Arc::from(key.inner()), self.node(&entry.value, depth + 1)?));
                }
                Ok(Node::Object(members))
            }
            Parsed::Call(call) => self.call(call, depth),
            Parsed::Struct(_) => Err("a message literal is not allowed here".to_owned()),
            Parsed::Comprehension(_) | Parsed::Unspecified => Err("this form is not supported".to_owned()),
        }
    }

    fn several(&mut self, parsed: &[IdedExpr], depth: usize) -> Result<Vec<Node>, String> {
        parsed.iter().map(|one| self.node(one, depth + 1)).collect()
    }

    fn name(&self, name: &str) -> Result<Node, String> {
        if let Some(at) = self.locals.iter().rposition(|local| local == name) {
            return Ok(Node::Local(at));
        }
        match name {
            "today" => Ok(Node::Today),
            "p" => Err("`p` alone would need everything of a person; name a path, such as p.personalInfoNav.lastName"
                .to_owned()),
            _ => Err(format!("`{name}` is not known here; the person is `p`, the day of the run is `today`")),
        }
    }

    /// `p.a.b` becomes one step; on anything else a member is looked up after it.
    fn select(&mut self, parsed: &IdedExpr, depth: usize) -> Result<Node, String> {
        let mut names = Vec::new();
        let mut at = parsed;
        while let Parsed::Select(select) = &at.expr {
            names.push(select.field.as_str());
            at = &select.operand;
            if names.len() > bounds::DEPTH {
                return Err(format!("a path has more than {} steps", bounds::DEPTH));
            }
        }
        names.reverse();
        let row =
            matches!(&at.expr, Parsed::Ident(name) if name == "p" && !self.locals.iter().any(|local| local == "p"));
        if row {
            self.paths.insert(Path::of(&names));
            return Ok(Node::Path(names.into_iter().map(Arc::from).collect()));
        }
        let mut node = self.node(at, depth + 1)?;
        for name in names {
            node = Node::Member(Box::new(node), name.into());
        }
        Ok(node)
    }

    fn call(&mut self, call: &CallExpr, depth: usize) -> Result<Node, String> {
        let name = call.func_name.as_str();
        let one = |this: &mut Self, at: usize| this.node(&call.args[at], depth + 1).map(Box::new);
        match (name, call.args.len(), &call.target) {
            (operators::CONDITIONAL, 3, None) => {
                let mut parts = self.several(&call.args, depth)?.into_iter();
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(condition), Some(yes), Some(no)) => Ok(Node::If(Box::new([condition, yes, no]))),
                    _ => Err("a conditional needs three parts".to_owned()),
                }
            }
            (operators::LOGICAL_AND | operators::LOGICAL_OR, 2, None) => {
                let mut terms = Vec::new();
                flatten(call, name, &mut terms)?;
                let terms = terms.into_iter().map(|term| self.node(term, depth + 1)).collect::<Result<_, _>>()?;
                Ok(if name == operators::LOGICAL_AND { Node::All(terms) } else { Node::Any(terms) })
            }
            (operators::LOGICAL_NOT, 1, None) => Ok(Node::Not(one(self, 0)?)),
            (operators::NEGATE, 1, None) => Ok(Node::Negate(one(self, 0)?)),
            (operators::INDEX, 2, None) => {
                let list = one(self, 0)?;
                Ok(Node::Index(list, one(self, 1)?))
            }
            (operators::HAS, 1, None) => {
                if !matches!(call.args[0].expr, Parsed::Select(_)) {
                    return Err("has() takes a path, such as has(p.personalInfoNav.middleName)".to_owned());
                }
                Ok(Node::Has(one(self, 0)?))
            }
            ("IIF", 3, None) => {
                let mut parts = self.several(&call.args, depth)?.into_iter();
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(condition), Some(yes), Some(no)) => Ok(Node::If(Box::new([condition, yes, no]))),
                    _ => Err("IIF needs three arguments".to_owned()),
                }
            }
            (_, 2, None) if operator(name).is_some() => self.chain(call, depth),
            (_, 2 | 3, Some(list)) if each(name).is_some() => self.comprehension(call, list, depth),
            ("matches", 1, Some(_)) | ("matches", 2, None) => self.matches(call, depth),
            _ => self.function(call, depth),
        }
    }

    /// `a + b - c`: a chain leans left as deep as it is long; it is walked in a loop and counts as one level.
    fn chain(&mut self, call: &CallExpr, depth: usize) -> Result<Node, String> {
        let mut links: Vec<(Operator, &IdedExpr)> = Vec::new();
        let mut at = call;
        let first = loop {
            let Some(operator) = operator(&at.func_name) else {
                return Err("an operator is missing".to_owned());
            };
            let [left, right] = at.args.as_slice() else {
                return Err("an operator needs two sides".to_owned());
            };
            links.push((operator, right));
            if links.len() >= bounds::CHAIN {
                return Err(format!("a chain of operators has more than {} terms; use Join", bounds::CHAIN));
            }
            match &left.expr {
                Parsed::Call(next)
                    if next.target.is_none() && next.args.len() == 2 && self::operator(&next.func_name).is_some() =>
                {
                    at = next;
                }
                _ => break left,
            }
        };
        let first = Box::new(self.node(first, depth + 1)?);
        let rest = links.into_iter().rev().map(|(operator, right)| Ok((operator, self.node(right, depth + 1)?)));
        Ok(Node::Chain(first, rest.collect::<Result<_, String>>()?))
    }

    fn comprehension(&mut self, call: &CallExpr, list: &IdedExpr, depth: usize) -> Result<Node, String> {
        let Some(each) = each(&call.func_name) else {
            return Err("this comprehension is not known".to_owned());
        };
        let Parsed::Ident(variable) = &call.args[0].expr else {
            return Err(format!("the first argument of {} must be a name, as in list.{0}(x, …)", call.func_name));
        };
        if self.locals.len() >= bounds::NESTING {
            return Err(format!("comprehensions are nested more than {} deep", bounds::NESTING));
        }
        let list = Box::new(self.node(list, depth + 1)?);
        self.locals.push(variable.clone());
        let inner = match call.args.as_slice() {
            [_, body] => self.node(body, depth + 1).map(|body| (None, body)),
            [_, filter, body] if each == Each::Map => self
                .node(filter, depth + 1)
                .and_then(|filter| Ok((Some(Box::new(filter)), self.node(body, depth + 1)?))),
            _ => Err(format!("{} takes a name and one expression", call.func_name)),
        };
        self.locals.pop();
        let (filter, body) = inner?;
        Ok(Node::Comprehension { each, list, filter, body: Box::new(body) })
    }

    fn matches(&mut self, call: &CallExpr, depth: usize) -> Result<Node, String> {
        let (text, pattern) = match (&call.target, call.args.as_slice()) {
            (Some(target), [pattern]) => (&**target, pattern),
            (None, [text, pattern]) => (text, pattern),
            _ => return Err("matches takes a text and a pattern".to_owned()),
        };
        let Parsed::Literal(LiteralValue::String(pattern)) = &pattern.expr else {
            return Err("the pattern of matches must be a text in quotes".to_owned());
        };
        let regex = RegexBuilder::new(pattern.inner())
            .size_limit(1 << 20)
            .build()
            .map_err(|error| format!("the pattern of matches is wrong: {}", last_line(&error.to_string())))?;
        Ok(Node::Matches(Box::new(self.node(text, depth + 1)?), Box::new(regex)))
    }

    fn function(&mut self, call: &CallExpr, depth: usize) -> Result<Node, String> {
        let function: Function = functions::named(&call.func_name).ok_or_else(|| {
            format!("the function {} is not known here; known are {}", call.func_name, functions::names())
        })?;
        let parsed: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        if !function.takes(parsed.len()) {
            return Err(format!("{} takes {}, not {}", function.name, function.arity(), parsed.len()));
        }
        let args = parsed.into_iter().map(|arg| self.node(arg, depth + 1)).collect::<Result<_, _>>()?;
        Ok(Node::Call(function, args))
    }
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default().trim()
}

/// The terms of `a && b && c` in order, whichever way the parser leaned it.
fn flatten<'a>(call: &'a CallExpr, name: &str, terms: &mut Vec<&'a IdedExpr>) -> Result<(), String> {
    let mut open: Vec<&IdedExpr> = call.args.iter().rev().collect();
    while let Some(next) = open.pop() {
        match &next.expr {
            Parsed::Call(inner) if inner.func_name == name && inner.target.is_none() => {
                open.extend(inner.args.iter().rev());
            }
            _ => terms.push(next),
        }
        if terms.len() + open.len() > bounds::CHAIN {
            return Err(format!("a chain of && or || has more than {} terms; use `in` with a list", bounds::CHAIN));
        }
    }
    Ok(())
}

fn constant(literal: &LiteralValue) -> Result<Value, String> {
    Ok(match literal {
        LiteralValue::Boolean(value) => Value::Bool(*value.inner()),
        LiteralValue::Int(value) => Value::Int(*value.inner()),
        LiteralValue::UInt(value) => {
            Value::Int(i64::try_from(*value.inner()).map_err(|_| "a number is beyond 64 bits".to_owned())?)
        }
        LiteralValue::Double(value) => Value::Decimal(value.inner().to_string().into()),
        LiteralValue::String(text) => Value::text(text.inner()),
        LiteralValue::Null => Value::Null,
        LiteralValue::Bytes(_) => return Err("bytes are not supported; use a text".to_owned()),
    })
}

fn operator(name: &str) -> Option<Operator> {
    Some(match name {
        operators::ADD => Operator::Add,
        operators::SUBSTRACT => Operator::Subtract,
        operators::MULTIPLY => Operator::Multiply,
        operators::DIVIDE => Operator::Divide,
        operators::MODULO => Operator::Remainder,
        operators::EQUALS => Operator::Equal,
        operators::NOT_EQUALS => Operator::NotEqual,
        operators::LESS => Operator::Less,
        operators::LESS_EQUALS => Operator::LessOrEqual,
        operators::GREATER => Operator::Greater,
        operators::GREATER_EQUALS => Operator::GreaterOrEqual,
        operators::IN => Operator::In,
        _ => return None,
    })
}

fn each(name: &str) -> Option<Each> {
    Some(match name {
        "all" => Each::All,
        "exists" => Each::Exists,
        "exists_one" | "existsOne" => Each::ExistsOne,
        "filter" => Each::Filter,
        "map" => Each::Map,
        _ => return None,
    })
}
