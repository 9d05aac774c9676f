//! What the lexer reads. `RULES.md` says what each kind is.

use crate::data::{ARTICLE, Class, TYPED};

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A name or keyword without quotes.
    Word,
    /// A number.
    Number,
    /// A string; `body` is what it holds.
    String,
    /// A string between `$tag$` and `$tag$`.
    Dollar,
    /// A quoted name.
    Quoted,
    /// A parameter or variable.
    Param,
    /// A comment.
    Comment,
    /// A comment that the database reads.
    Hint,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `;`, or a fence of a code block.
    Semi,
    /// Any other character.
    Op,
}

/// One token. Offsets are bytes of the text.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: Kind,
    /// Of a word: its classes.
    pub class: Class,
    pub start: usize,
    pub end: usize,
    /// Of a string: what stands between its quotes.
    pub body: (usize, usize),
    /// It begins something that does not end; of a string in a value, that the end of the value ends it.
    pub unclosed: bool,
}

impl Token {
    /// Whether it is a word of one of the classes.
    #[inline]
    pub fn is(&self, class: Class) -> bool {
        self.class & class != 0
    }

    /// A word that means nothing to SQL.
    #[inline]
    pub fn is_plain(&self) -> bool {
        self.kind == Kind::Word && self.class & !(ARTICLE | TYPED) == 0
    }

    /// A word or a quoted name.
    pub fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted)
    }
}
