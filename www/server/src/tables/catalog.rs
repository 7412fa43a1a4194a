//! The declarations of tables, by channel pattern.

use std::collections::{BTreeMap, BTreeSet};

use tidewire_server_core::covers;
use tidewire_server_core::limits::Limits;

use crate::tables::config::{Readers, TableConfig};
use crate::tables::table::Table;

/// The patterns of the declared tables, the most specific first.
#[derive(Debug, Default)]
pub(crate) struct Catalog(Vec<(String, Table)>);

impl Catalog {
    pub(crate) fn new(
        declared: BTreeMap<String, TableConfig>,
        limits: &Limits,
    ) -> Result<Self, String> {
        let mut entries = Vec::new();
        let names: BTreeSet<String> = declared.keys().cloned().collect();
        for (pattern, mut config) in declared {
            let seeds = std::mem::take(&mut config.seeds);
            // An exact declaration takes precedence over patterns.
            for (channel, rows) in seeds.into_iter().filter(|(name, _)| !names.contains(name)) {
                let rows = config.rows.iter().cloned().chain(rows).collect();
                entries.push(entry(channel, TableConfig { rows, ..config.clone() }, limits)?);
            }
            entries.push(entry(pattern, config, limits)?);
        }
        // Names before patterns, longer prefixes before shorter ones.
        entries.sort_by_key(|(p, _)| (p.ends_with('*'), std::cmp::Reverse(p.len())));
        Ok(Self(entries))
    }

    /// The initial table of a channel, if one is declared.
    pub(crate) fn table(&self, channel: &str) -> Option<&Table> {
        self.0.iter().find(|(pattern, _)| covers(pattern, channel)).map(|(_, table)| table)
    }

    /// The initial table of a channel, if one is declared that every user may read.
    pub(crate) fn open_table(&self, channel: &str) -> Option<&Table> {
        self.table(channel).filter(|table| table.readers() == Readers::Everybody)
    }

    /// Whether the channel is declared by name, not only by a pattern.
    pub(crate) fn is_declared(&self, channel: &str) -> bool {
        self.channels().any(|(name, _)| name == channel)
    }

    /// The channels that are declared by name, with their tables.
    pub(crate) fn channels(&self) -> impl Iterator<Item = (&str, &Table)> {
        let named = self.0.iter().filter(|(pattern, _)| !pattern.ends_with('*'));
        named.map(|(channel, table)| (channel.as_str(), table))
    }
}

fn entry(channel: String, config: TableConfig, limits: &Limits) -> Result<(String, Table), String> {
    let table = Table::new(&channel, config, limits)
        .map_err(|rejection| format!("the table {channel}: {}", rejection.message))?;
    Ok((channel, table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with_row(title: &str) -> TableConfig {
        TableConfig { rows: vec![json!({ "id": "1", "title": title })], ..TableConfig::default() }
    }

    #[test]
    fn most_specific_declaration_is_used() {
        let declared = ["*", "board:*", "board:1", "board:1:*"];
        let declared = declared.map(|pattern| (pattern.to_owned(), with_row(pattern)));
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
    fn seeds_belong_to_one_channel_of_a_pattern() {
        let seeds = [("board:1".to_owned(), vec![json!({ "id": "2", "title": "seed" })])];
        let board = TableConfig { seeds: seeds.into(), ..with_row("all") };
        let catalog =
            Catalog::new([("board:*".to_owned(), board)].into(), &Limits::default()).expect("rows");
        let count = |channel: &str| catalog.table(channel).map(|table| table.rows().count());
        assert_eq!((count("board:1"), count("board:2")), (Some(2), Some(1)));
        assert_eq!(catalog.channels().map(|(name, _)| name).collect::<Vec<_>>(), ["board:1"]);
    }

    #[test]
    fn invalid_initial_row_is_reported_with_its_table() {
        let config = TableConfig { rows: vec![json!(7)], ..TableConfig::default() };
        let wrong = Catalog::new([("notes".to_owned(), config)].into(), &Limits::default());
        assert!(wrong.expect_err("rejected").contains("notes"));
    }
}
