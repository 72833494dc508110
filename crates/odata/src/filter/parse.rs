//! Reading a filter.

use std::str::FromStr;

use super::ast::Level;
use super::print::may_be_listed;
use super::{BinaryOp, Expr, Field, Function};
use crate::Literal;
use crate::scan::{Scanner, SyntaxError};

/// How deep an expression may nest: parentheses, `not`, signs, functions, and operators chained to the left.
/// The lists of `and`, `or` and `in` may be of any length.
pub const MAX_DEPTH: usize = 64;

impl Expr {
    /// Reads a whole filter (percent-decoded).
    ///
    /// # Errors
    /// Where the text stops being a filter; nesting beyond [`MAX_DEPTH`]; a function that does not exist or is given
    /// too many or too few arguments.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        Parser::whole(text, Dialect::V2)
    }

    /// Reads a whole filter of OData v4 (percent-decoded): dates, instants and GUIDs stand bare, `in` takes a list in
    /// parentheses, `contains` takes the place of `substringof`, and `nav/any(x:…)` asks for a row behind a navigation.
    ///
    /// The body of `any` is one comparison, or several joined by `or`: that is what [`Expr`] can say of one row.
    ///
    /// # Errors
    /// As [`Expr::parse`]; what v4 has and this tree has not (`all`, `has`, several conditions on one row of `any`).
    pub fn parse_v4(text: &str) -> Result<Self, SyntaxError> {
        Parser::whole(text, Dialect::V4)
    }
}

impl FromStr for Expr {
    type Err = SyntaxError;
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        Self::parse(text)
    }
}

/// An expression and how high its tree is: a long chain of operators is built without recursion, but whoever walks or
/// drops the tree recurses.
struct Tree {
    expr: Expr,
    height: usize,
}

/// Which OData a filter is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    V2,
    V4,
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    depth: usize,
    dialect: Dialect,
    /// The variables of the lambdas around this place, each with the path that it stands for.
    variables: Vec<(String, String)>,
}

impl Parser<'_> {
    fn whole(text: &str, dialect: Dialect) -> Result<Expr, SyntaxError> {
        let mut parser = Parser { scanner: Scanner::new(text), depth: 0, dialect, variables: Vec::new() };
        let tree = parser.or()?;
        parser.scanner.skip_spaces();
        if !parser.scanner.at_end() {
            return Err(parser.scanner.error("expected an operator or the end of the filter"));
        }
        Ok(tree.expr)
    }

    fn literal(&mut self) -> Result<Option<Literal>, SyntaxError> {
        match self.dialect {
            Dialect::V2 => Literal::scan(&mut self.scanner),
            Dialect::V4 => Literal::scan_v4(&mut self.scanner),
        }
    }

    fn or(&mut self) -> Result<Tree, SyntaxError> {
        self.list("or", Self::and, Expr::Or)
    }

    fn and(&mut self) -> Result<Tree, SyntaxError> {
        self.list("and", |parser| parser.chain(Level::Equality), Expr::And)
    }

    fn list(
        &mut self,
        word: &str,
        operand: fn(&mut Self) -> Result<Tree, SyntaxError>,
        join: fn(Vec<Expr>) -> Expr,
    ) -> Result<Tree, SyntaxError> {
        let first = operand(self)?;
        if !self.eat_operator(word) {
            return Ok(first);
        }
        let (mut operands, mut height) = (vec![first.expr], first.height);
        loop {
            let next = operand(self)?;
            operands.push(next.expr);
            height = height.max(next.height);
            if !self.eat_operator(word) {
                return self.tree(join(operands), height);
            }
        }
    }

    /// Operators of one level, grouped to the left.
    fn chain(&mut self, level: Level) -> Result<Tree, SyntaxError> {
        let next = match level {
            Level::Equality => Level::Relation,
            Level::Relation => Level::Sum,
            Level::Sum => Level::Product,
            Level::Product => Level::Unary,
            _ => return self.unary(),
        };
        let mut left = self.chain(next)?;
        loop {
            if level == Level::Relation && self.eat_operator("in") {
                let values = self.values()?;
                left = self.tree(Expr::In { operand: Box::new(left.expr), values }, left.height)?;
                continue;
            }
            let mut operators = BinaryOp::ALL.into_iter().filter(|op| op.level() == level);
            let Some(op) = operators.find(|op| self.eat_operator(op.word())) else { return Ok(left) };
            let right = self.chain(next)?;
            let height = left.height.max(right.height);
            left = self.tree(left.expr.binary(op, right.expr), height)?;
        }
    }

    fn unary(&mut self) -> Result<Tree, SyntaxError> {
        self.scanner.skip_spaces();
        if self.scanner.eat_word("not") {
            let inner = self.nested(Self::unary)?;
            return self.tree(!inner.expr, inner.height);
        }
        if let Some(literal) = self.literal()? {
            return Ok(Tree { expr: literal.into(), height: 1 });
        }
        if self.scanner.eat("-") {
            let inner = self.nested(Self::unary)?;
            return self.tree(Expr::Negate(Box::new(inner.expr)), inner.height);
        }
        if self.scanner.eat("(") {
            let inner = self.nested(Self::or)?;
            self.scanner.skip_spaces();
            self.scanner.expect(")", "expected an operator or a closing parenthesis")?;
            return Ok(inner);
        }
        self.name()
    }

    /// A property path or a call.
    fn name(&mut self) -> Result<Tree, SyntaxError> {
        let start = self.scanner.position();
        let mut path = self.word()?;
        if self.scanner.eat("(") {
            return self.call(start, &path);
        }
        if let Some((_, meant)) = self.variables.iter().rev().find(|(variable, _)| *variable == path) {
            path.clone_from(meant);
        }
        while self.scanner.eat("/") {
            let at = self.scanner.position();
            let word = self.word()?;
            if self.dialect == Dialect::V4 && self.scanner.eat("(") {
                return self.lambda(at, &word, &path);
            }
            path.push('/');
            path.push_str(&word);
        }
        let field = Field::parse(&path).map_err(|error| SyntaxError::new(start + error.position, error.reason))?;
        Ok(Tree { expr: field.into(), height: 1 })
    }

    fn word(&mut self) -> Result<String, SyntaxError> {
        let word = self
            .scanner
            .peek_word()
            .ok_or_else(|| self.scanner.error("expected a property, a value, a function or a parenthesis"))?;
        self.scanner.advance(word.len());
        Ok(word.to_owned())
    }

    fn call(&mut self, start: usize, name: &str) -> Result<Tree, SyntaxError> {
        let is_known = |function: &Function| match (self.dialect, function) {
            (Dialect::V4, Function::SubstringOf) => name == "contains",
            (Dialect::V4, Function::Replace) => false,
            _ => function.word() == name,
        };
        let function = Function::ALL.into_iter().find(is_known).ok_or_else(|| {
            SyntaxError::new(start, format!("no function is called {}", name.chars().take(40).collect::<String>()))
        })?;
        let (mut arguments, mut height) = (Vec::new(), 0);
        loop {
            let argument = self.nested(Self::or)?;
            height = height.max(argument.height);
            arguments.push(argument.expr);
            self.scanner.skip_spaces();
            if self.scanner.eat(")") {
                break;
            }
            self.scanner.expect(",", "expected a comma or a closing parenthesis")?;
        }
        let (least, most) = function.arity();
        if !(least..=most).contains(&arguments.len()) {
            let takes = if least == most { format!("{least}") } else { format!("{least} or {most}") };
            return Err(SyntaxError::new(start, format!("{name} takes {takes} arguments")));
        }
        if self.dialect == Dialect::V4 && function == Function::SubstringOf {
            arguments.reverse();
        }
        self.tree(Expr::Call { function, arguments }, height)
    }

    /// `any(x:x/isPrimary eq true)` behind a navigation; the parenthesis is already open.
    fn lambda(&mut self, start: usize, word: &str, path: &str) -> Result<Tree, SyntaxError> {
        if word != "any" {
            return Err(SyntaxError::new(start, "of the lambdas only any is known"));
        }
        self.scanner.skip_spaces();
        let variable = self.word()?;
        self.scanner.skip_spaces();
        self.scanner.expect(":", "expected a colon after the variable of any")?;
        self.variables.push((variable, path.to_owned()));
        let inner = self.nested(Self::or)?;
        self.variables.pop();
        self.scanner.skip_spaces();
        self.scanner.expect(")", "expected a closing parenthesis")?;
        if !is_alternative(&inner.expr) {
            return Err(SyntaxError::new(start, "any takes one comparison, or several joined by or"));
        }
        Ok(inner)
    }

    /// The bare comma list of `in`.
    fn values(&mut self) -> Result<Vec<Literal>, SyntaxError> {
        let mut values = Vec::new();
        let listed = self.dialect == Dialect::V4;
        if listed {
            self.scanner.skip_spaces();
            self.scanner.expect("(", "in takes a list in parentheses, status in ('t','f')")?;
        }
        loop {
            self.scanner.skip_spaces();
            let before = self.scanner.position();
            match self.literal()? {
                Some(literal) if may_be_listed(&literal) => values.push(literal),
                _ if listed => return Err(SyntaxError::new(before, "expected a value")),
                _ => return Err(SyntaxError::new(before, "expected a value: in takes a bare list, status in 't','f'")),
            }
            let mut ahead = self.scanner.clone();
            ahead.skip_spaces();
            if !ahead.eat(",") {
                if listed {
                    self.scanner.skip_spaces();
                    self.scanner.expect(")", "expected a comma or a closing parenthesis")?;
                }
                return Ok(values);
            }
            self.scanner = ahead;
        }
    }

    fn eat_operator(&mut self, word: &str) -> bool {
        if self.dialect == Dialect::V4 && word == BinaryOp::Like.word() {
            return false;
        }
        let mut ahead = self.scanner.clone();
        ahead.skip_spaces();
        let found = ahead.eat_word(word);
        if found {
            self.scanner = ahead;
        }
        found
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Result<Tree, SyntaxError>) -> Result<Tree, SyntaxError> {
        if self.depth == MAX_DEPTH {
            return Err(self.scanner.error(too_deep()));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn tree(&self, expr: Expr, below: usize) -> Result<Tree, SyntaxError> {
        // The lists of `and` and `or` add one level each, which parentheses had to open: allow both.
        if below >= 2 * MAX_DEPTH {
            return Err(self.scanner.error(too_deep()));
        }
        Ok(Tree { expr, height: below + 1 })
    }
}

/// True for one condition, or several of which one is enough: those mean the same behind `any` and without it.
fn is_alternative(expr: &Expr) -> bool {
    match expr {
        Expr::Or(any) => any.iter().all(is_alternative),
        Expr::And(_) | Expr::Not(_) => false,
        _ => true,
    }
}

fn too_deep() -> String {
    format!("the filter nests deeper than {MAX_DEPTH}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text that is printed as it was read.
    fn same(text: &str) {
        assert_eq!(Expr::parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn v4_is_read_into_the_same_tree() {
        for (v4, v2) in [
            ("contains(lastName,'x')", "substringof('x',lastName)"),
            ("status in ('t', 'f') and userId ne null", "status in 't','f' and userId ne null"),
            ("startDate ge 2026-01-31", "startDate ge datetime'2026-01-31T00:00:00'"),
            (
                "lastModifiedDateTime gt 2026-01-31T10:00:00Z",
                "lastModifiedDateTime gt datetimeoffset'2026-01-31T10:00:00Z'",
            ),
            ("x eq 2026-01-31T10:00:00.5+01:00", "x eq datetimeoffset'2026-01-31T09:00:00.5Z'"),
            ("x eq f674ba41-05e2-4e24-9485-fd660935f2df", "x eq guid'f674ba41-05e2-4e24-9485-fd660935f2df'"),
            ("x eq 5 or x eq -1.5", "x eq 5 or x eq -1.5"),
            ("emailNav/any(e:e/isPrimary eq true)", "emailNav/isPrimary eq true"),
            ("a/b/any(x:x/c/any(y:y/d eq 1 or x/e eq 2))", "a/b/c/d eq 1 or a/b/e eq 2"),
        ] {
            assert_eq!(Expr::parse_v4(v4), Expr::parse(v2), "{v4}");
        }
        for text in [
            "substringof('x',a)",
            "a in 't','f'",
            "a like 'x'",
            "a/all(x:x/b eq 1)",
            "a/any()",
            "a/any(x:x/b eq 1 and x/c eq 2)",
            "a eq datetime'2026-01-01T00:00:00'",
            "a eq 2026-02-30",
            "a eq 5L",
        ] {
            assert!(Expr::parse_v4(text).is_err(), "{text}");
        }
    }

    fn prints(text: &str, printed: &str) {
        let read = Expr::parse(text).unwrap();
        assert_eq!(read.to_string(), printed);
        assert_eq!(Expr::parse(printed).unwrap(), read);
    }

    #[test]
    fn operators_group_by_precedence() {
        same("a eq 1 or b eq 2 and not c eq true");
        prints("(a eq 1) and ((b eq 2) or (c eq 3))", "a eq 1 and (b eq 2 or c eq 3)");
        prints("((a))", "a");
        prints("not(a eq 1)", "not (a eq 1)");
        same("a sub (b sub c) sub d mul e mod 2 gt -1.5");
        prints("(a eq b) eq ((c lt d) eq true)", "a eq b eq (c lt d eq true)");
        same("-(5) add --a lt -3");
        assert_eq!(
            Expr::parse("a eq 1 and b eq 2 and c eq 3"),
            Ok(Field::new("a")
                .eq(Literal::Int(1))
                .and(Field::new("b").eq(Literal::Int(2)))
                .and(Field::new("c").eq(Literal::Int(3))))
        );
    }

    #[test]
    fn the_additions_of_successfactors_are_read() {
        prints("status in 't','f'", "status in 't','f'");
        prints("(userId in 'a' , 'b') and username like '%x%'", "userId in 'a','b' and username like '%x%'");
        prints("employmentNav/userNav/status in 't', 'f','e'", "employmentNav/userNav/status in 't','f','e'");
        prints("id in 1,2L or a eq null", "id in 1,2L or a eq null");
        // The list ends where something else than a literal follows.
        assert!(Expr::parse("a in ('x','y')").is_err());
        assert!(Expr::parse("a in").is_err());
        assert!(Expr::parse("a in 'x',").is_err());
        same("concat((a in 'x'),'y') eq b in 'z'");
    }

    #[test]
    fn functions_take_what_they_take() {
        same("substringof('x',tolower(name)) and substring(name,1,2) eq 'ab' and length(trim(a)) gt 3");
        same("year(hireDate) eq 2026 and round(1.5) eq 2 and startswith(username,'a')");
        prints("startswith( username , 'a' )", "startswith(username,'a')");
        for (text, told) in [
            ("tolower()", "expected a property, a value, a function or a parenthesis"),
            ("tolower(a,b)", "tolower takes 1 arguments"),
            ("substring(a)", "substring takes 2 or 3 arguments"),
            ("any(a)", "no function is called any"),
        ] {
            assert_eq!(Expr::parse(text).unwrap_err().reason, told, "{text}");
        }
    }

    #[test]
    fn words_of_the_grammar_may_be_properties() {
        same("length gt 3 and eq eq 'x' and in in 'a' and time eq time'PT1H'");
        assert!(Expr::parse("not eq 1").is_err());
    }

    #[test]
    fn an_error_says_where_and_repeats_nothing() {
        for (text, position) in [
            ("", 0),
            ("a eq", 4),
            ("a eq 'x", 5),
            ("a eq 1 b", 7),
            ("a eq 1)", 6),
            ("(a eq 1", 7),
            ("a/ eq 1", 2),
            ("a eq 12x", 7),
            ("a eq datetime'2026'", 5),
            ("a ge datetimeoffset'2026-11-21T00:00:00'", 5),
        ] {
            assert_eq!(Expr::parse(text).unwrap_err().position, position, "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded_and_width_is_not() {
        for (open, close) in [("(", ")"), ("not ", ""), ("tolower(", ")"), ("-", "")] {
            let nested = |depth: usize| format!("{}a{}", open.repeat(depth), close.repeat(depth));
            assert!(Expr::parse(&nested(MAX_DEPTH)).is_ok(), "{open}");
            let error = Expr::parse(&nested(MAX_DEPTH + 1)).unwrap_err();
            assert_eq!(error.reason, "the filter nests deeper than 64");
            assert!(Expr::parse(&nested(100_000)).is_err());
        }
        assert!(Expr::parse(&vec!["1"; 100_000].join(" add ")).is_err());
        assert!(Expr::parse(&format!("a{}", " in 1".repeat(100_000))).is_err());
        assert!(Expr::parse(&vec!["a eq 1"; 10_000].join(" and ")).is_ok());
    }

    #[test]
    fn filters_of_other_clients_are_read() {
        // Query templates of Microsoft Entra's documentation ("SAP SuccessFactors integration reference"), shortened.
        for text in [
            "(personEmpTerminationInfoNav/activeEmploymentsCount ne null) and \
             (lastModifiedDateTime le datetimeoffset'2026-11-21T10:00:00Z')",
            "(personIdExternal in '1234' and employmentNav/userNav/status in 't','f','e')",
            "((personalInfoNav/lastModifiedDateTime ge datetimeoffset'2026-11-20T10:00:00Z') and \
             (personalInfoNav/endDate ge datetimeoffset'2026-11-21T10:00:00Z' or personalInfoNav/endDate eq null))",
        ] {
            let read = Expr::parse(text).unwrap();
            assert_eq!(Expr::parse(&read.to_string()), Ok(read));
        }
    }
}
