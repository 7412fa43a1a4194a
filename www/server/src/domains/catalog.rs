//! The tables of the domains, declared in the format of a config file.

use std::collections::BTreeMap;

use crate::domains::seeds;
use crate::tables::TableConfig;

const DECLARED: &[&str] = &[
    include_str!("declared/interviews.json"),
    include_str!("declared/bills.json"),
    include_str!("declared/community.json"),
    include_str!("declared/notifications.json"),
    include_str!("declared/calls.json"),
    include_str!("declared/bids.json"),
];

/// Declares these tables with their initial rows, unless the configuration declares them.
pub(crate) fn declare(tables: &mut BTreeMap<String, TableConfig>) -> Result<(), String> {
    let mut declared = BTreeMap::new();
    for text in DECLARED {
        let domain: BTreeMap<String, TableConfig> = serde_json::from_str(text)
            .map_err(|error| format!("a declared table is wrong: {error}"))?;
        declared.extend(domain);
    }
    for (channel, rows) in seeds::all() {
        match channel.split_once(':') {
            Some((family, _)) => {
                let table = declared.entry(format!("{family}:*")).or_default();
                table.seeds.insert(channel, rows);
            }
            None => declared.entry(channel).or_default().rows = rows,
        }
    }
    for (pattern, table) in declared {
        tables.entry(pattern).or_insert(table);
    }
    Ok(())
}

/// Declares the flat tables for clients of Supabase, unless the configuration declares them.
pub(crate) fn declare_flat(tables: &mut BTreeMap<String, TableConfig>) {
    for (name, rows) in seeds::flat() {
        tables.entry(name).or_insert_with(|| TableConfig { rows, ..TableConfig::default() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Catalog;
    use tidewire_server_core::limits::Limits;

    #[test]
    fn domain_declarations_are_valid_and_accept_their_seeds() {
        let mut tables = BTreeMap::new();
        declare(&mut tables).expect("JSON");
        let count = |channel: &str, catalog: &Catalog| {
            catalog.table(channel).map(|table| table.rows().count())
        };
        let catalog = Catalog::new(tables, &Limits::default()).expect("rows that meet the rules");
        for (channel, rows) in [
            ("interviews:1", 12),
            ("interviews:2", 0),
            ("bills", 6),
            ("bill-engagement", 6),
            ("experts", 5),
            ("campaigns", 3),
            ("calls:3", 8),
            ("bids:1", 3),
            ("notifications:ann", 0),
        ] {
            assert_eq!(count(channel, &catalog), Some(rows), "{channel}");
        }
    }

    #[test]
    fn configured_table_is_not_replaced() {
        let mut tables = BTreeMap::from([("bills".to_owned(), TableConfig::default())]);
        declare(&mut tables).expect("JSON");
        assert!(tables["bills"].columns.is_empty() && tables["bills"].rows.is_empty());
    }
}
