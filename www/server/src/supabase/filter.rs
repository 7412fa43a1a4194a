//! Filters on columns: `owner=eq.me`, `n=in.(1,2)`, `done=not.is.null`.

use crate::supabase::expression::{Expression, Operand};
use crate::supabase::list::split;
use crate::tables::ColumnType;

/// A condition on one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter {
    pub(crate) column: String,
    negated: bool,
    expression: Expression,
}

/// The error of a filter that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilterFault(pub(crate) String);

impl Filter {
    /// Parses conditions separated by commas, all of which have to be met.
    pub(crate) fn parse_all(text: &str) -> Result<Vec<Self>, FilterFault> {
        split(text).into_iter().map(Self::parse).collect()
    }

    /// Parses `column=op.value`.
    fn parse(text: &str) -> Result<Self, FilterFault> {
        let (column, condition) = text
            .split_once('=')
            .ok_or_else(|| FilterFault(format!("Error parsing `filter` params: {text}")))?;
        Self::of(column.trim(), condition)
    }

    /// Parses `op.value`, for a column.
    pub(crate) fn of(column: &str, condition: &str) -> Result<Self, FilterFault> {
        let (negated, condition) = match condition.strip_prefix("not.") {
            Some(rest) => (true, rest),
            None => (false, condition),
        };
        let expression = Expression::parse(condition)
            .ok_or_else(|| FilterFault(format!("Error parsing `filter` params: {condition}")))?;
        Ok(Self { column: column.to_owned(), negated, expression })
    }

    /// Whether a value meets the condition. If that is unknown, it meets neither the condition nor
    /// its negation.
    pub(crate) fn holds(&self, kind: ColumnType, value: &Operand) -> bool {
        self.expression.holds(kind, value).is_some_and(|holds| holds != self.negated)
    }

    /// The filter in the form of the server's error messages.
    pub(crate) fn describe(&self) -> String {
        let (operator, value) = self.expression.describe();
        format!("{{{:?}, {operator:?}, {value:?}, {}}}", self.column, self.negated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negated_condition_is_inverted_except_for_null() {
        let filter = Filter::of("n", "not.eq.7").expect("a filter");
        assert!(filter.holds(ColumnType::Int8, &Operand::text("8")));
        assert!(!filter.holds(ColumnType::Int8, &Operand::text("7.0")));
        assert!(!filter.holds(ColumnType::Int8, &Operand::Null));
    }

    #[test]
    fn filter_description_matches_the_real_server() {
        let filter = Filter::of("nope", "eq.1").expect("a filter");
        assert_eq!(filter.describe(), r#"{"nope", "eq", "1", false}"#);
        assert!(Filter::of("n", "almost.1").is_err());
        assert!(Filter::parse_all("nothing").is_err());
    }
}
