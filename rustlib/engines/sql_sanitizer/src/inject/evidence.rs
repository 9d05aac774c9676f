//! Kinds of evidence, in the order of `rules/injection.json`, and sets of them. Tests: below.

macro_rules! evidence {
    ($($name:ident),* $(,)?) => {
        /// A kind of evidence.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Evidence { $($name),* }

        impl Evidence {
            /// All, in order.
            pub const ALL: &[Evidence] = &[$(Evidence::$name),*];
        }
    };
}

evidence!(
    Union,
    Stacked,
    Delay,
    System,
    Error,
    Tautology,
    Time,
    Schema,
    Subquery,
    Probe,
    Blind,
    Branch,
    Literal,
    Inform,
    Truth,
    Constant,
    Operators,
    Condition,
    Comment,
    Remark,
    Breakout,
    Numeric,
    Parenthesis,
    Balanced,
    Led,
    Split,
    Conditional,
    Decoded,
    DecodedTwice,
    Broken,
);

/// A set of kinds.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Set(u32);

impl Set {
    /// Adds a kind.
    pub fn add(&mut self, evidence: Evidence) {
        self.0 |= 1 << evidence as u32;
    }

    /// Whether the kind is in it.
    pub fn has(self, evidence: Evidence) -> bool {
        self.0 >> evidence as u32 & 1 == 1
    }

    /// Whether nothing is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds in order.
    pub fn iter(self) -> impl Iterator<Item = Evidence> {
        Evidence::ALL.iter().copied().filter(move |&evidence| self.has(evidence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::data;

    #[test]
    fn kinds_are_those_of_the_file() {
        let names = Evidence::ALL.iter().map(|kind| format!("{kind:?}").to_lowercase());
        let file = data().injection.evidence.iter().map(|(name, _)| name.replace('_', ""));
        assert!(names.eq(file));
    }
}
