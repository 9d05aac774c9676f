//! What words and operators do to an expression: the steps of [`super::Parse`] that read one token. Tests: those of the engine.

use super::*;

impl Parse<'_> {
    pub(super) fn operand_word(&mut self, token: &Token) -> bool {
        self.state = State::Operand;
        self.probing = false;
        if token.is(SELECT) {
            if self.last.token.kind != Kind::Open && !self.union && self.steps > 0 {
                return false;
            }
            self.select(token);
            return true;
        }
        if token.is(CASE) {
            return self.push(Frame::new(false, true, None));
        }
        if token.is(NOT) {
            self.frame().computed = true;
            return true;
        }
        if token.is(HAVING) && self.last.token.is(CASE) {
            self.when(token);
            self.frame().begin(true);
            return true;
        }
        let called = self.follows(Kind::Open);
        if !called {
            if token.is(UNARY) {
                return true;
            }
            if token.is(FROM) && self.last.token.is(UNION_TAIL) && self.frame().compared {
                // IS DISTINCT FROM
                return true;
            }
            if token.is(FROM) && self.is_star() {
                return self.after_word(token);
            }
            if token.is(COMPARES | TO) && self.last.token.is(BINARY_WORD) {
                self.frame().compared = true;
                return true;
            }
            if token.is(RESERVED) && !token.is(OPERAND) {
                return self.is_star() && self.after_word(token);
            }
        }
        let named = self.named(token, Names::All);
        self.frame().called |= called;
        let constant = token.is(CONSTANT);
        self.column |= !constant;
        if constant || called || named {
            self.plausible();
        }
        self.frame().operand(constant, (!constant).then_some((token.start, token.end)));
        self.state = State::After;
        true
    }

    /// Behind an operand.
    pub(super) fn after(&mut self, token: &Token) -> bool {
        let last = self.last.token;
        match token.kind {
            Kind::Word => self.after_word(token),
            Kind::Op => self.operator(token),
            Kind::Close => self.close(token),
            Kind::Open => last.is_name() && self.call(),
            Kind::Comma => {
                self.boundary(&last);
                self.plausible();
                let frame = self.frame();
                frame.begin(false);
                frame.aliased = false;
                self.state = State::Operand;
                true
            }
            Kind::Dot => {
                self.state = State::Member;
                let frame = self.frame();
                frame.span[usize::from(frame.compared)] = None;
                last.is_name() || last.kind == Kind::Param
            }
            Kind::Semi => {
                self.boundary(&last);
                self.state = State::Statement;
                true
            }
            // 1.2.3
            Kind::Number => last.kind == Kind::Number && last.end == token.start,
            Kind::String => last.kind == Kind::String || last.is(TYPED),
            Kind::Quoted => self.alias(),
            _ => false,
        }
    }

    pub(super) fn operator(&mut self, token: &Token) -> bool {
        self.state = State::Operand;
        match self.lexer.text(token) {
            // A type follows.
            b"::" => {
                self.state = State::Alias;
                true
            }
            b"=" | b"<" | b">" | b"!" => {
                self.frame().compared = true;
                true
            }
            b"~" => {
                // A number of words, in a search.
                self.frame().compared = !self.next_is(Kind::Number);
                true
            }
            b"[" => (self.last.token.kind == Kind::Close || self.last.token.is_name()) && self.call(),
            b"]" => !self.deeper.is_empty() && self.pop(token),
            op => {
                self.frame().computed = true;
                matches!(op, b"+" | b"-" | b"*" | b"/" | b"%" | b"^" | b"|" | b"&") || op == b":" && self.lexer.byte(token.end) == b'='
            }
        }
    }

    pub(super) fn after_word(&mut self, token: &Token) -> bool {
        let last = self.last.token;
        let (between, case) = (self.frame().between, self.frame().case);
        if token.is(LOGIC) && between {
            self.frame().between = false;
            self.state = State::Operand;
        } else if token.is(LOGIC | HAVING) {
            self.boundary(&last);
            if case && token.is(HAVING) {
                self.when(token);
            }
            let frame = self.frame();
            frame.begin(true);
            frame.at = Some(token.start);
            frame.between = false;
            self.state = State::Operand;
        } else if token.is(COMPARES | BETWEEN) {
            let frame = self.frame();
            frame.compared = true;
            frame.between = token.is(BETWEEN);
            self.state = State::Operand;
        } else if token.is(IS) {
            self.frame().compared = true;
            self.state = State::Is;
        } else if token.is(NOT) {
            self.state = State::Negated;
        } else if token.is(BINARY_WORD) {
            self.state = State::Operand;
        } else if token.is(UNION) {
            self.boundary(&last);
            self.state = State::Union;
        } else if token.is(END) && case {
            return self.pop(token);
        } else if token.is(IF) && self.follows(Kind::Open) {
            self.state = State::Free;
        } else if token.is(SELECT) && (matches!(last.kind, Kind::Number | Kind::String | Kind::Close) || self.closes_word()) {
            self.boundary(&last);
            self.restart();
            self.select(token);
            self.subquery = Some((*token, Evidence::Stacked));
        } else if token.is(HEAD) && self.may_begin(token) && shape::holds(token, self.lexer, true) {
            self.boundary(&last);
            return self.begins(token);
        } else if token.is(CLAUSE | BY_CLAUSE | JOIN) {
            self.clause(token);
        } else if !token.is(TRAILING) {
            return !token.is(RESERVED) && self.alias();
        }
        true
    }

    /// CASE ... WHEN
    pub(super) fn when(&mut self, token: &Token) {
        self.led(token);
        self.add(Evidence::Branch, token);
    }

    pub(super) fn clause(&mut self, token: &Token) {
        if token.is(AS) {
            self.state = State::Alias;
            return;
        }
        let last = self.last.token;
        self.boundary(&last);
        let frame = self.frame();
        frame.begin(token.is(THEN) && !frame.case);
        frame.aliased = false;
        self.state = State::Operand;
        if token.is(BY_CLAUSE) {
            self.state = State::By;
        } else if token.is(JOIN) {
            self.state = State::Join;
        } else if token.is(FROM) {
            self.frame().select = true;
            self.plausible();
        } else if self.lexer.text(token).eq_ignore_ascii_case(b"procedure") {
            self.add(Evidence::Probe, token);
        }
    }

    /// A name behind a name.
    pub(super) fn alias(&mut self) -> bool {
        let frame = self.frame();
        let allowed = frame.select && !frame.aliased;
        frame.aliased = true;
        allowed
    }

    pub(super) fn member(&mut self, token: &Token) -> bool {
        if token.kind == Kind::Dot {
            return self.last.token.kind == Kind::Dot;
        }
        self.state = State::After;
        if token.kind == Kind::Word {
            self.named(token, Names::Anywhere);
            return true;
        }
        token.kind == Kind::Quoted || (token.kind == Kind::Op && self.lexer.text(token) == b"*")
    }

    pub(super) fn behind_union(&mut self, token: &Token) -> bool {
        if token.is(UNION_TAIL) {
            return true;
        }
        self.union = true;
        if token.is(SELECT) {
            self.select(token);
            return true;
        }
        if token.kind == Kind::Open {
            return self.push(Frame::new(false, false, None));
        }
        self.union = false;
        self.state = match token.class {
            class if class & WITH != 0 && shape::holds(token, self.lexer, true) => State::Free,
            class if class & TABLE != 0 || class & VALUES != 0 && self.follows(Kind::Open) => State::Operand,
            _ => return false,
        };
        self.add(Evidence::Union, token);
        self.selected = true;
        true
    }

    pub(super) fn select(&mut self, token: &Token) {
        if self.union {
            self.add(Evidence::Union, token);
            self.selected = false;
        } else if self.steps > 0 {
            self.subquery = Some((*token, Evidence::Subquery));
        }
        self.union = false;
        let frame = self.frame();
        frame.select = true;
        frame.constant = false;
        self.state = State::Operand;
    }

    /// Behind a semicolon.
    pub(super) fn stacked(&mut self, token: &Token) -> bool {
        if token.is(HEAD) && shape::holds(token, self.lexer, true) {
            return self.begins(token);
        }
        token.kind == Kind::Semi || token.is(EXPLAIN)
    }

    /// Forgets what the statement before was.
    pub(super) fn restart(&mut self) {
        self.deeper.clear();
        self.base = Frame::new(false, false, None);
    }

    /// The quote stands behind a word, as at the end of a text.
    pub(super) fn closes_word(&self) -> bool {
        let before = self.start.and_then(|start| start.checked_sub(1)).map_or(0, |at| self.lexer.byte(at));
        self.quote != 0 && self.steps == 0 && (is_word(before) || before == b')')
    }

    /// Without a semicolon, as T-SQL allows: WAITFOR, or another verb behind a literal or a parenthesis.
    pub(super) fn may_begin(&self, token: &Token) -> bool {
        if is_named(self.lexer.text(token)) {
            return true;
        }
        if !matches!(self.last.token.kind, Kind::Number | Kind::String | Kind::Close) || token.is(IF) {
            return false;
        }
        let following = if token.is(EXEC) { { self.lexer }.code() } else { None };
        following.is_none_or(|next| next.kind != Kind::Word || is_named(self.lexer.text(&next)))
    }

    /// Another statement.
    pub(super) fn begins(&mut self, token: &Token) -> bool {
        self.add(Evidence::Stacked, token);
        self.state = State::Free;
        self.named(token, Names::Free);
        if token.is(SELECT) {
            self.restart();
            self.select(token);
            self.subquery = None;
        }
        true
    }

    /// In a statement that is not parsed.
    pub(super) fn free(&mut self, token: &Token) -> bool {
        match token.kind {
            Kind::Semi => self.state = State::Statement,
            Kind::Word | Kind::Param => drop(self.named(token, Names::Free)),
            _ => {}
        }
        true
    }
}
