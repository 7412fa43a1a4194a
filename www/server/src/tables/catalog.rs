//! Which channels have a table behind them.

use std::collections::BTreeMap;

use crate::config::Limits;
use crate::pattern::covers;
use crate::tables::config::TableConfig;
use crate::tables::table::Table;

/// The patterns that tables are declared for, the closest first.
#[derive(Debug, Default)]
pub(crate) struct Catalog(Vec<(String, Table)>);

impl Catalog {
    pub(crate) fn new(
        declared: BTreeMap<String, TableConfig>,
        limits: &Limits,
    ) -> Result<Self, String> {
        let mut entries = Vec::new();
        for (pattern, config) in declared {
            let table = Table::new(config, limits)
                .map_err(|refusal| format!("the table {pattern}: {}", refusal.message))?;
            entries.push((pattern, table));
        }
        // A name comes before the patterns that cover it too, a longer prefix before a shorter.
        entries.sort_by_key(|(p, _)| (p.ends_with('*'), std::cmp::Reverse(p.len())));
        Ok(Self(entries))
    }

    /// A new table for this channel, if it is to have one.
    pub(crate) fn table(&self, channel: &str) -> Option<&Table> {
        self.0.iter().find(|(pattern, _)| covers(pattern, channel)).map(|(_, table)| table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn beginning_with(title: &str) -> TableConfig {
        TableConfig { rows: vec![json!({ "id": "1", "title": title })], ..TableConfig::default() }
    }

    #[test]
    fn the_closest_declaration_counts() {
        let declared = ["*", "board:*", "board:1", "board:1:*"];
        let declared = declared.map(|pattern| (pattern.to_owned(), beginning_with(pattern)));
        let catalog = Catalog::new(declared.into(), &Limits::default()).expect("rows");
        for (channel, pattern) in
            [("board:1", "board:1"), ("board:2", "board:*"), ("board:1:x", "board:1:*"), ("c", "*")]
        {
            let table = catalog.table(channel).expect("covered");
            let (_, row) = table.rows().next().expect("a row");
            assert!(row.text.contains(&format!("\"{pattern}\"")), "{channel} {}", row.text);
        }
    }

    #[test]
    fn a_row_to_begin_with_that_is_none_is_told_with_its_table() {
        let config = TableConfig { rows: vec![json!(7)], ..TableConfig::default() };
        let wrong = Catalog::new([("notes".to_owned(), config)].into(), &Limits::default());
        assert!(wrong.expect_err("refused").contains("notes"));
    }
}
