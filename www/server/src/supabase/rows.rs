//! The query of a REST request: which rows, which columns, in which order.

use std::cmp::Ordering;

use tidewire_server_core::frame::Fields;

use crate::supabase::expression::Operand;
use crate::supabase::filter::Filter;
use crate::supabase::record::Columns;
use crate::tables::ColumnType;

/// A parsed query.
#[derive(Debug, Default)]
pub(crate) struct RowQuery {
    /// `None`: all columns.
    select: Option<Vec<String>>,
    filters: Vec<Filter>,
    order: Vec<Order>,
    limit: Option<usize>,
    offset: usize,
}

#[derive(Debug, PartialEq, Eq)]
struct Order {
    column: String,
    descending: bool,
    nulls_first: bool,
}

impl RowQuery {
    /// Parses the pairs of a query string.
    pub(crate) fn parse(pairs: &[(String, String)]) -> Result<Self, String> {
        let mut query = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "select" => query.select = selected(value)?,
                "order" => query.order = value.split(',').map(Order::parse).collect(),
                "limit" => query.limit = Some(number(value)?),
                "offset" => query.offset = number(value)?,
                "columns" | "on_conflict" | "apikey" => {}
                column => query.filters.push(filter(column, value)?),
            }
        }
        Ok(query)
    }

    /// Whether a row matches.
    pub(crate) fn meets(&self, columns: &Columns, row: &Fields<'_>) -> bool {
        columns.meets(row, &self.filters)
    }

    /// The first named column that does not exist.
    pub(crate) fn unknown<'a>(&'a self, columns: &Columns) -> Option<&'a str> {
        let filtered = self.filters.iter().map(|filter| filter.column.as_str());
        let ordered = self.order.iter().map(|order| order.column.as_str());
        let selected = self.select.iter().flatten().map(String::as_str);
        filtered.chain(ordered).chain(selected).find(|name| columns.kind(name).is_none())
    }

    /// Sorts rows, and applies the offset and the limit.
    pub(crate) fn arrange<'a>(
        &self,
        mut rows: Vec<(Columns, Fields<'a>)>,
    ) -> Vec<(Columns, Fields<'a>)> {
        rows.sort_by(|(columns, one), (_, other)| {
            self.order.iter().fold(Ordering::Equal, |so_far, order| {
                so_far.then_with(|| order.compare(columns, one, other))
            })
        });
        rows.into_iter().skip(self.offset).take(self.limit.unwrap_or(usize::MAX)).collect()
    }

    /// The selected columns of a row, as a JSON object.
    pub(crate) fn show(&self, columns: &Columns, row: &Fields<'_>) -> String {
        let chosen: Option<Vec<&str>> =
            self.select.as_ref().map(|names| names.iter().map(String::as_str).collect());
        columns.only(chosen.as_deref()).record(row)
    }
}

impl Order {
    /// Parses `column.desc.nullslast` and its shorter forms.
    fn parse(text: &str) -> Self {
        let mut parts = text.split('.');
        let column = parts.next().unwrap_or_default().to_owned();
        let mut order = Self { column, descending: false, nulls_first: false };
        let mut nulls = None;
        for part in parts {
            match part {
                "desc" => order.descending = true,
                "nullsfirst" => nulls = Some(true),
                "nullslast" => nulls = Some(false),
                _ => {}
            }
        }
        // As in SQL, null sorts as the largest value, unless the order of nulls is given.
        order.nulls_first = nulls.unwrap_or(order.descending);
        order
    }

    fn compare(&self, columns: &Columns, one: &Fields<'_>, other: &Fields<'_>) -> Ordering {
        let operand = |row: &Fields<'_>| Operand::of(row.get(&self.column));
        let kind = columns.kind(&self.column).unwrap_or(ColumnType::Text);
        let ordering = match (operand(one), operand(other)) {
            (Operand::Null, Operand::Null) => return Ordering::Equal,
            (Operand::Null, _) if self.nulls_first => return Ordering::Less,
            (Operand::Null, _) => return Ordering::Greater,
            (_, Operand::Null) if self.nulls_first => return Ordering::Greater,
            (_, Operand::Null) => return Ordering::Less,
            (Operand::Text(one), Operand::Text(other)) => {
                crate::supabase::expression::compare(kind, &one, &other).unwrap_or(Ordering::Equal)
            }
        };
        if self.descending { ordering.reverse() } else { ordering }
    }
}

/// Parses `*`, or column names without relations, functions and casts.
fn selected(text: &str) -> Result<Option<Vec<String>>, String> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    if names.iter().any(|name| name == "*") {
        return Ok(None);
    }
    match names.iter().find(|name| name.contains(['(', ':', '-', '.'])) {
        Some(name) => Err(format!("this server selects plain columns only, not {name}")),
        None => Ok(Some(names)),
    }
}

/// Parses a filter of a query. In patterns `*` means `%`, which a URL would have to escape.
fn filter(column: &str, condition: &str) -> Result<Filter, String> {
    let is_pattern = condition.contains("like.");
    let condition = if is_pattern { condition.replace('*', "%") } else { condition.to_owned() };
    Filter::of(column, &condition)
        .map_err(|_| format!("\"failed to parse filter ({condition})\" (line 1, column 1)"))
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{text} is not a whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Result<RowQuery, String> {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').expect("a pair");
            (name.to_owned(), value.to_owned())
        };
        RowQuery::parse(&text.split('&').map(pair).collect::<Vec<_>>())
    }

    fn answer(text: &str, rows: &[&str]) -> String {
        let query = query(text).expect("a query");
        let rows = rows.iter().map(|row| {
            let row = Fields::parse(row).expect("a row");
            (Columns::inferred(&row), row)
        });
        let rows = rows.filter(|(columns, row)| query.meets(columns, row)).collect();
        let rows = query.arrange(rows);
        rows.iter().map(|(columns, row)| query.show(columns, row)).collect::<Vec<_>>().join("")
    }

    const ROWS: &[&str] = &[r#"{"id":1,"t":"b"}"#, r#"{"id":10,"t":null}"#, r#"{"id":9,"t":"a"}"#];

    #[test]
    fn rest_query_filters_orders_limits_and_selects() {
        assert_eq!(answer("select=id&order=id.desc&limit=2", ROWS), r#"{"id":10}{"id":9}"#);
        assert_eq!(answer("select=id&order=t", ROWS), r#"{"id":9}{"id":1}{"id":10}"#);
        assert_eq!(
            answer("select=id&order=t.desc.nullslast", ROWS),
            r#"{"id":1}{"id":9}{"id":10}"#
        );
        assert_eq!(answer("select=id&order=id&offset=2", ROWS), r#"{"id":10}"#);
        assert_eq!(answer("id=gte.9&t=not.is.null", ROWS), r#"{"id":9,"t":"a"}"#);
        assert_eq!(answer("select=*&t=like.*a*", ROWS), r#"{"id":9,"t":"a"}"#);
    }

    #[test]
    fn invalid_rest_query_is_rejected() {
        for text in ["id=almost.1", "limit=x", "select=a(b)"] {
            assert!(query(text).is_err(), "{text}");
        }
    }
}
