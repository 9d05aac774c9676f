//! Brackets, calls and conditions: how frames of [`super::Parse`] open, close and are judged. Tests: those of the engine.
//! The Python twin is `pyplugins/sql_sanitizer/_conditions.py`.

use super::*;

impl Parse<'_> {
    pub(super) fn push(&mut self, frame: Frame) -> bool {
        self.deeper.push(frame);
        self.state = if self.union { State::Union } else { State::Operand };
        self.deeper.len() < DEEPEST
    }

    /// The arguments of a function.
    pub(super) fn call(&mut self) -> bool {
        let name = self.lexer.text(&self.last.token);
        let literal = data().injection.named(name).is_some_and(|name| name.kind == Evidence::Literal);
        self.push(Frame::new(false, false, Some(literal)))
    }

    pub(super) fn close(&mut self, token: &Token) -> bool {
        if !self.deeper.is_empty() {
            return !self.frame().case && self.pop(token);
        }
        let last = self.last.token;
        self.boundary(&last);
        self.add(Evidence::Parenthesis, token);
        self.unknown();
        self.state = State::After;
        true
    }

    pub(super) fn pop(&mut self, token: &Token) -> bool {
        self.judge(token, false);
        let Some(frame) = self.deeper.pop() else { return false };
        let outer = self.frame();
        outer.computed = true;
        let side = outer.side();
        match frame.literal {
            None => outer.operand(frame.constant && !frame.case, None),
            Some(literal) => {
                if literal && frame.constant {
                    // The name before it was taken for a column.
                    outer.constants[side] |= outer.count[side] == 1;
                }
                outer.span[side] = None;
            }
        }
        self.state = State::After;
        true
    }

    /// The end of a condition: what was it?
    pub(super) fn boundary(&mut self, token: &Token) {
        self.judge(token, true);
    }

    /// `lone`: a value alone is a condition.
    pub(super) fn judge(&mut self, token: &Token, lone: bool) {
        let frame = self.frame();
        let (led, compared, called, computed) = (frame.led, frame.compared, frame.called, frame.computed);
        let ([left, right], constants, span, at) = (frame.count, frame.constants, frame.span, frame.at);
        let found = if compared && left > 0 && right > 0 {
            match (constants, led) {
                ([true, true], true) => Evidence::Tautology,
                ([true, true], false) => Evidence::Constant,
                (_, true) if self.same(span) => Evidence::Tautology,
                (_, true) => Evidence::Condition,
                _ => return,
            }
        } else if lone && left > 0 && led && constants[0] && self.is_true() {
            let truth = computed || left == 1 && self.last.token.is(CONSTANT);
            if truth { Evidence::Truth } else { Evidence::Constant }
        } else if lone && left == 1 && led && called && !compared {
            Evidence::Condition
        } else {
            return;
        };
        self.add_span(found, at.unwrap_or(token.start).min(token.start), token.end);
    }

    /// A string without a number is no condition.
    pub(super) fn is_true(&self) -> bool {
        let last = &self.last.token;
        !matches!(last.kind, Kind::String | Kind::Quoted) || self.lexer.body(last).first().is_some_and(u8::is_ascii_digit)
    }

    pub(super) fn same(&self, span: [Option<(usize, usize)>; 2]) -> bool {
        let [Some(left), Some(right)] = span else { return false };
        let (one, other) = (self.lexer.slice(left.0, left.1), self.lexer.slice(right.0, right.1));
        one.is_ascii() && one.eq_ignore_ascii_case(other)
    }

    pub(super) fn follows(&self, kind: Kind) -> bool {
        self.lexer.follows(kind)
    }

    /// Something is selected that is no word of prose.
    pub(super) fn plausible(&mut self) {
        self.selected = true;
        if let Some((token, evidence)) = self.subquery.take() {
            self.led(&token);
            self.add(evidence, &token);
        }
    }

    pub(super) fn led(&mut self, token: &Token) {
        if self.steps > 0 || self.quote != 0 {
            self.add(Evidence::Led, token);
        }
    }

    /// Evidence by name. True when there is some.
    pub(super) fn named(&mut self, token: &Token, names: Names) -> bool {
        let Some(name) = data().injection.named(self.lexer.text(token)) else { return false };
        let Name { kind, product, anywhere } = name;
        let wanted = match names {
            Names::All => true,
            Names::Anywhere => anywhere,
            Names::Free => matches!(kind, Evidence::Delay | Evidence::Time | Evidence::Error | Evidence::System | Evidence::Schema),
        };
        let called = || self.lexer.follows(Kind::Open);
        if !wanted || (!anywhere && token.kind == Kind::Word && !called()) {
            return false;
        }
        let without = match kind {
            Evidence::Branch => token.is(IF) && self.lexer.byte(token.end) != b'(',
            Evidence::System => token.is(TYPED) && !self.last.token.is(INTO),
            Evidence::Schema => data().injection.product(product) == "mysql" && !self.follows(Kind::Dot),
            _ => false,
        };
        if without {
            return false;
        }
        self.led(token);
        self.add(kind, token);
        if self.product == 0 {
            self.product = product;
        }
        true
    }
}
