//! Messages derived from a change in a domain: sums, outbid bids, the events of a bill.

use std::collections::BTreeMap;

use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use tidewire_server_core::DerivedMessage;

use crate::domains::rollup::{Rollup, Tally, Target};
use crate::tables::{Key, Row, RowChange};
use crate::timestamp::Timestamp;
use crate::triggers::{ChangeTrigger, TableView};

/// Derives all of these messages. It caches the sums of channels in which a change was made.
#[derive(Debug, Default)]
pub(crate) struct Derivations {
    tallies: BTreeMap<String, Tally>,
}

impl ChangeTrigger for Derivations {
    fn on_change(&mut self, change: &RowChange, tables: &TableView<'_>) -> Vec<DerivedMessage> {
        let derived = [
            self.summed_up(change, tables).into_iter().collect(),
            outbid(change, tables),
            bill_events(change),
        ];
        derived.into_iter().flatten().collect()
    }
}

impl Derivations {
    fn summed_up(&mut self, change: &RowChange, tables: &TableView<'_>) -> Option<DerivedMessage> {
        let (rollup, key) = Rollup::of(&change.table)?;
        let tally = match self.tallies.get_mut(&*change.table) {
            Some(tally) => {
                change.before.iter().for_each(|row| tally.count(&row.text, -1));
                change.after.iter().for_each(|row| tally.count(&row.text, 1));
                tally
            }
            // The change has been applied to the table.
            None => {
                let tally = Tally::of(rollup, tables.get(&change.table)?);
                self.tallies.entry(change.table.to_string()).or_insert(tally)
            }
        };
        let key = Key::Text(key.to_owned());
        let channel = match rollup.target {
            Target::Channel(channel) => channel,
            Target::Family(prefix) => tables.channel_with_row(prefix, &key)?,
        };
        let target = value(tables.get(channel)?.row(&key)?);
        let mut columns = tally.columns();
        // Compared as numbers: 12 and 12.0 are the same sum.
        let differs = |(name, sum): (&String, &Value)| sum.as_f64() != target[name].as_f64();
        if !columns.iter().any(differs) {
            return None;
        }
        columns.insert("id".into(), target["id"].clone());
        change_of(channel, "update", &json!({ "row": columns }))
    }
}

/// When a bid becomes active, changes the formerly active bids to `outbid`.
fn outbid(change: &RowChange, tables: &TableView<'_>) -> Vec<DerivedMessage> {
    let is_active = |row: &Row| value(row)["status"] == "active";
    let (Some(after), true) = (&change.after, change.table.starts_with("bids:")) else {
        return Vec::new();
    };
    if !is_active(after) {
        return Vec::new();
    }
    let Some(table) = tables.get(&change.table) else {
        return Vec::new();
    };
    table
        .rows()
        .map(|(_, row)| row)
        .filter(|row| row.text != after.text && is_active(row))
        .filter_map(|row| {
            let row = json!({ "id": value(row)["id"], "status": "outbid" });
            change_of(&change.table, "update", &json!({ "row": row }))
        })
        .collect()
}

const COUNTS: &[&str] = &["view_count", "save_count", "comment_count", "share_count"];

/// The events of a bill's channel: changes of its status and of its counts.
fn bill_events(change: &RowChange) -> Vec<DerivedMessage> {
    let (Some(before), Some(after)) = (&change.before, &change.after) else {
        return Vec::new();
    };
    let (before, after) = match &*change.table {
        "bills" | "bill-engagement" => (value(before), value(after)),
        _ => return Vec::new(),
    };
    let Some(bill) = after["id"].as_str() else {
        return Vec::new();
    };
    let timestamp = Timestamp::of_ms(change.at).iso_ms();
    let mut payload = json!({ "bill_id": bill, "timestamp": timestamp });
    let event = if change.table.starts_with("bill-") {
        COUNTS.iter().for_each(|name| payload[*name] = after[*name].clone());
        COUNTS.iter().any(|name| before[*name] != after[*name]).then_some("engagement")
    } else {
        payload["old_status"] = before["status"].clone();
        payload["new_status"] = after["status"].clone();
        (before["status"] != after["status"]).then_some("status_change")
    };
    event
        .and_then(|event| change_of(&format!("bill:{bill}"), event, &payload))
        .into_iter()
        .collect()
}

fn change_of(channel: &str, event: &str, payload: &Value) -> Option<DerivedMessage> {
    let payload = to_raw_value(payload).ok()?;
    Some(DerivedMessage { channel: channel.to_owned(), event: event.to_owned(), payload })
}

fn value(row: &Row) -> Value {
    serde_json::from_str(&row.text).unwrap_or_default()
}
