//! What makes a word the verb of a statement: what follows it. `drop` is a word of every language, `DROP TABLE` is SQL.
//!
//! A shape looks at a bounded number of tokens. It must never say no to what a database would run; where prose and SQL cannot be told
//! apart it says yes. The Python twin is `pyplugins/sql_sanitizer/_shapes.py`. Tests: `tests.rs`, the vectors.

use crate::data::*;
use crate::lex::{Kind, Lexer, Token};

/// Tokens that a shape reads at most.
const FAR: usize = 64;
/// Words that mean nothing to SQL and follow each other: a table and its alias. Three are prose.
const MOST_PLAIN: usize = 2;

/// Whether `verb`, a word of class [`HEAD`], begins a statement. `lexer` stands behind it. `first`: nothing of the statement stands before it.
pub fn holds(verb: &Token, lexer: Lexer, first: bool) -> bool {
    let shape = Shape { lexer, bare: if first { lexer.dialect().bare_delete } else { 0 } };
    match verb.class & HEAD {
        class if class & SELECT != 0 => shape.select(),
        class if class & DELETE != 0 => shape.delete(),
        class if class & UPDATE != 0 => shape.update(),
        _ if verb.is(ALTER) => shape.next().is_some_and(|next| next.is(OBJECT)),
        class if class & CHANGE != 0 => shape.drop(),
        class if class & TRUNCATE != 0 => shape.truncate(),
        class if class & GRANT != 0 => shape.grant(),
        class if class & INSERT != 0 => shape.insert(false),
        class if class & REPLACE != 0 => shape.insert(true),
        class if class & MERGE != 0 => shape.merge(),
        class if class & EXEC != 0 => shape.exec(),
        class if class & WITH != 0 => shape.with(),
        class if class & VALUES != 0 => shape.next().is_some_and(|next| next.kind == Kind::Open),
        _ => shape.follow(verb),
    }
}

#[derive(Clone, Copy)]
struct Shape<'a> {
    lexer: Lexer<'a>,
    bare: usize,
}

impl Shape<'_> {
    fn next(mut self) -> Option<Token> {
        self.lexer.code()
    }

    fn select(mut self) -> bool {
        let Some(first) = self.lexer.code() else { return false };
        if first.is(EXPRESSION) || !matches!(first.kind, Kind::Word | Kind::Semi | Kind::Close | Kind::Comma | Kind::Dot | Kind::Op) {
            return true;
        }
        if first.kind == Kind::Op {
            return matches!(self.lexer.text(&first), b"*" | b"-" | b"+" | b"~" | b"{" | b"%" | b"$");
        }
        if first.kind != Kind::Word || first.is(FROM) {
            return false;
        }
        let Some(second) = self.lexer.code() else { return true };
        match second.kind {
            Kind::Open | Kind::Dot | Kind::Semi | Kind::Op => true,
            _ => second.is(FROM | AS) || self.reaches(FROM | INTO),
        }
    }

    /// Whether a word of `class` comes before the end of the statement, on this level.
    fn reaches(mut self, class: Class) -> bool {
        let mut depth = 0usize;
        for _ in 0..FAR {
            let Some(token) = self.lexer.code() else { return false };
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close if depth == 0 => return false,
                Kind::Close => depth -= 1,
                Kind::Semi => return false,
                _ if depth == 0 && token.is(class) => return true,
                _ => {}
            }
        }
        false
    }

    /// `DELETE FROM name [alias]`, `DELETE name, name FROM`, and `DELETE name` where the dialect knows it.
    fn delete(mut self) -> bool {
        let (mut behind_from, mut listed, mut named, mut article) = (false, false, 0, false);
        for _ in 0..FAR {
            let Some(token) = self.lexer.code() else { break };
            match token.kind {
                _ if token.is(FROM) && !behind_from && named == MOST_PLAIN => return false,
                _ if token.is(FROM) && !behind_from => (behind_from, named) = (true, 0),
                Kind::Word if token.is(MODIFIER) && named == 0 => {}
                Kind::Word if named > 0 && !token.is_plain() => {
                    return behind_from || token.is(AFTER_DELETE) && self.is_bare(named, listed, article);
                }
                Kind::Word if named == MOST_PLAIN || named == 1 && article => return false,
                Kind::Word | Kind::Quoted | Kind::Param => {
                    named += 1;
                    article |= token.is(ARTICLE);
                }
                Kind::Number if named == 0 => {}
                Kind::Open if named == 0 && !behind_from => {
                    if !self.lexer.skip_parens(FAR) {
                        return false;
                    }
                }
                Kind::Dot | Kind::Comma if named > 0 && !behind_from => (listed, named) = (listed | (token.kind == Kind::Comma), 0),
                Kind::Semi | Kind::Close => break,
                // `*` and what hides the rest may follow; a colon is prose.
                Kind::Op if !token.unclosed => return behind_from && matches!(self.lexer.text(&token), b"*" | b"@"),
                _ => return behind_from,
            }
        }
        behind_from && named > 0 || self.is_bare(named, listed, article)
    }

    fn is_bare(&self, named: usize, listed: bool, article: bool) -> bool {
        named > 0 && named <= self.bare && !listed && !article
    }

    fn update(mut self) -> bool {
        let (mut plain, mut depth, mut named) = (0, 0usize, false);
        for _ in 0..FAR {
            let Some(token) = self.lexer.code() else { return false };
            plain = if token.is_plain() { plain + 1 } else { 0 };
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close if depth == 0 => return false,
                Kind::Close => depth -= 1,
                Kind::Semi => return false,
                _ if depth > 0 => {}
                _ if plain > MOST_PLAIN => return false,
                Kind::Word if token.is(SET) => return named && self.assigns(),
                _ => named |= !token.is(MODIFIER),
            }
        }
        false
    }

    /// Behind SET: a name, and what is no word.
    fn assigns(mut self) -> bool {
        for _ in 0..FAR {
            let Some(name) = self.lexer.code() else { return false };
            if name.kind == Kind::Open {
                return true;
            }
            if !matches!(name.kind, Kind::Word | Kind::Quoted | Kind::Param) {
                return false;
            }
            match self.lexer.code().map(|next| next.kind) {
                Some(Kind::Dot) => {}
                Some(Kind::Op | Kind::Open) => return true,
                _ => return false,
            }
        }
        false
    }

    fn truncate(mut self) -> bool {
        let Some(first) = self.lexer.code() else { return false };
        if first.is(TABLE) {
            return true;
        }
        if !first.is_name() {
            return false;
        }
        if self.lexer.text(&first).eq_ignore_ascii_case(b"only") {
            return true;
        }
        let Some(next) = self.lexer.code() else { return true };
        match next.kind {
            _ if next.unclosed => true,
            Kind::Semi | Kind::Comma | Kind::Dot | Kind::Close => true,
            Kind::Op => matches!(self.lexer.text(&next), b"*" | b"@"),
            _ => next.is(AFTER_TRUNCATE),
        }
    }

    /// DROP or CREATE. `drop table tennis lessons` is prose.
    fn drop(mut self) -> bool {
        let Some(first) = self.lexer.code().filter(|first| first.is(OBJECT)) else { return false };
        if !first.is(TABLE) || self.lexer.code().is_none_or(|name| name.kind != Kind::Word) {
            return true;
        }
        self.lexer.code().is_none_or(|next| !next.is_plain())
    }

    /// Privileges and ON, TO or FROM, or names parted by commas and TO or FROM.
    fn grant(mut self) -> bool {
        let (mut privileges, mut plain, mut depth) = (true, 0, 0usize);
        for count in 0..FAR {
            let Some(token) = self.lexer.code() else { return false };
            match token.kind {
                Kind::Open if count > 0 => depth += 1,
                Kind::Close if depth > 0 => depth -= 1,
                _ if depth > 0 => {}
                Kind::Comma if count > 0 => plain = 0,
                _ if count > 0 && token.is(TO | FROM) => {
                    self.lexer.code();
                    // `grant access to the new colleague` is prose.
                    return privileges || self.lexer.code().is_none_or(|next| !next.is_plain());
                }
                _ if count > 0 && token.is(ON) => return privileges,
                Kind::Word | Kind::Quoted | Kind::Param => {
                    privileges &= token.is(PRIVILEGE);
                    plain += 1;
                    if !privileges && plain > 1 {
                        return false;
                    }
                }
                Kind::Dot | Kind::Op if !privileges => plain = 0,
                _ => return false,
            }
        }
        false
    }

    fn insert(mut self, replace: bool) -> bool {
        let Some(first) = self.lexer.code() else { return false };
        if first.is(INTO) || (!replace && first.is(MODIFIER)) {
            return true;
        }
        let mut name = first;
        for _ in 0..FAR {
            if !name.is_name() {
                return false;
            }
            let Some(token) = self.lexer.code() else { return false };
            if token.kind != Kind::Dot {
                return token.kind == Kind::Open || token.is(VALUES | SELECT | SET);
            }
            let Some(next) = self.lexer.code() else { return false };
            name = next;
        }
        false
    }

    fn merge(self) -> bool {
        self.next().is_some_and(|next| next.is(INTO)) || self.reaches(USING) && self.next().is_some_and(|next| next.is_name())
    }

    fn exec(mut self) -> bool {
        let mut plain = 0;
        for count in 0..FAR {
            let Some(token) = self.lexer.code() else { return count > 0 };
            match token.kind {
                Kind::Word if token.is_plain() || count == 0 => {
                    plain += 1;
                    if plain > 1 {
                        return false;
                    }
                }
                Kind::Word => return true,
                Kind::Dot => plain = 0,
                Kind::Comma | Kind::Close | Kind::Semi => return count > 0,
                _ => return true,
            }
        }
        false
    }

    /// `WITH name AS (`, `WITH name (..) AS`, `WITH RECURSIVE`.
    fn with(mut self) -> bool {
        let Some(first) = self.lexer.code() else { return false };
        if first.is(RECURSIVE) {
            return true;
        }
        let Some(next) = self.lexer.code() else { return false };
        match next.kind {
            _ if !first.is_name() => false,
            Kind::Open => self.lexer.skip_parens(FAR) && self.next().is_some_and(|last| last.is(AS)),
            _ => next.is(AS) && self.next().is_some_and(|last| last.kind == Kind::Open || last.is(NOT | OBJECT)),
        }
    }

    fn follow(mut self, verb: &Token) -> bool {
        let data = data();
        let mut follow = data.follow(self.lexer.text(verb));
        let holds = |mark: &str| follow.clone().any(|each| each == mark);
        let Some(next) = self.lexer.code().filter(|next| !next.unclosed) else { return holds(";") };
        if next.is_name() && holds("=") && self.ends() {
            return true;
        }
        if next.is_name() && holds("~") && self.action() {
            return true;
        }
        let text = self.lexer.text(&next);
        follow.any(|each| match (each, next.kind) {
            ("@", Kind::Param) => text.first() == Some(&b'@'),
            ("(", Kind::Open) | (";", Kind::Semi) | ("'", Kind::String) | ("0", Kind::Number) => true,
            ("$", Kind::Dollar | Kind::String) => true,
            (word, Kind::Word) => text.eq_ignore_ascii_case(word.as_bytes()),
            _ => false,
        })
    }

    /// Behind a name: the end, an assignment, or arguments.
    fn ends(self) -> bool {
        let Some(token) = self.next() else { return true };
        let assigns = token.kind == Kind::Op && self.lexer.text(&token) == b"=";
        token.unclosed || assigns || matches!(token.kind, Kind::Semi | Kind::Open | Kind::Dot)
    }

    /// Behind a name: OPEN, READ or CLOSE; TO or FROM and a string; AS and a verb.
    fn action(mut self) -> bool {
        let mut action = self.lexer.code();
        while action.is_some_and(|token| token.kind == Kind::Dot) {
            self.lexer.code();
            action = self.lexer.code();
        }
        if action.is_some_and(|token| token.kind == Kind::Open) && self.lexer.skip_parens(FAR) {
            action = self.lexer.code();
        }
        let is = |lexer: &Lexer, token: &Token, words: &[&[u8]]| words.iter().any(|word| lexer.text(token).eq_ignore_ascii_case(word));
        let Some(action) = action.filter(|token| token.kind == Kind::Word) else { return false };
        if action.is(AS) {
            return self.next().is_some_and(|next| next.is(HEAD));
        }
        if !action.is(TO | FROM) {
            return is(&self.lexer, &action, &[b"open", b"read", b"close"]);
        }
        let last = self.lexer.code();
        last.is_some_and(|last| last.kind == Kind::String || is(&self.lexer, &last, &[b"stdin", b"stdout", b"program"]))
    }
}
