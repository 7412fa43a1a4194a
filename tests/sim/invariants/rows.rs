//! The invariants of every view of a collection.

use std::rc::Rc;

use tidewire::core::collection::{ChangeKind, PendingChange, View, ViewRow};
use tidewire::core::error::Code;

use super::{NO_DOUBLE_ROW, NO_FLICKER, NO_STEP_BACK, ROW_IDENTITY, SAME_ORDER, SHOWN_AT_ONCE};
use crate::action::Topic;
use crate::collection_model::CollectionModel;
use crate::server::Server;
use crate::value::Value;

/// Checks a view against all invariants of views.
pub(crate) fn check(collection_model: &CollectionModel, view: &View<Value>, server: &mut Server) {
    no_double_row(collection_model, view, server);
    shown_at_once(view, server);
    no_flicker(collection_model, view, server);
    row_identity(collection_model, view, server);
    same_order(view, server);
    no_step_back(collection_model, view, server);
}

/// A field that shows a value of this app's, once that is confirmed, shows no earlier one of it again.
fn no_step_back(collection_model: &CollectionModel, view: &View<Value>, server: &mut Server) {
    let Some(before) = collection_model
        .view
        .as_ref()
        .filter(|_| !collection_model.may_empty && !collection_model.outdated)
    else {
        return;
    };
    if server.message_records.has_accepted_again() {
        return;
    }
    let own = |row: &ViewRow<Value>, field| {
        row.row.whole(field).filter(|number| collection_model.confirmed.contains(number))
    };
    for row in &view.rows {
        let Some(former) = before.rows.iter().find(|former| former.key == row.key) else {
            continue;
        };
        let mut table = server.channels[Topic::Table as usize].table.rows();
        let stored = table.find(|(key, _)| **key == row.key).map(|(_, stored)| stored.clone());
        drop(table);
        for field in ["a", "b"] {
            let (now, then) = (own(row, field), own(former, field));
            let is_back = now.zip(then).is_some_and(|(now, then)| now < then);
            // Another client may have written the earlier value again.
            let is_stored = stored.as_ref().and_then(|stored| stored.whole(field)) == now;
            server.violations.ensure(!is_back || is_stored, NO_STEP_BACK, || {
                format!("{field} of {row:?} showed {then:?} before")
            });
        }
    }
}

/// Every view is in the default order: by key, here a string; rows without a key are the last ones.
fn same_order(view: &View<Value>, server: &mut Server) {
    let is_temporary = |key: &str| key.starts_with("tmp:");
    let ordered =
        view.rows.is_sorted_by(|a, b| match (is_temporary(&a.key), is_temporary(&b.key)) {
            (false, false) => a.key < b.key,
            (first, second) => second || !first,
        });
    server.violations.ensure(ordered, SAME_ORDER, || format!("{:?}", view.rows));
}

/// No key is shown twice, and no inserted row together with its temporary row. Without
/// acknowledgements a client cannot know the row of a pending insert; where messages do not contain
/// mutation ids, it cannot once others have changed the row. Where the server lost a row and accepted
/// it again under another key, only a load shows that the former one is gone, since loaded rows do not
/// contain the id of their insert: while loads fail, both show.
fn no_double_row(collection_model: &CollectionModel, view: &View<Value>, server: &mut Server) {
    let known = server.profile().has_acks() || collection_model.storing.is_by_request();
    let knows = |row: &ViewRow<Value>| {
        known
            && (collection_model.is_named
                || row.row.whole("version").is_none_or(|version| version == 1))
    };
    let fails = view.error.as_ref().is_some_and(|error| error.code == Code::LoadFailed);
    let accepted_again = |tag: u64| {
        u32::try_from(tag).is_ok_and(|number| server.message_records.was_accepted_again(number))
    };
    let mut doubles = Vec::new();
    for (at, row) in view.rows.iter().enumerate() {
        let tag = row.row.whole("tag").filter(|_| knows(row));
        let tag = tag.filter(|tag| !(fails && accepted_again(*tag)));
        let same = |other: &ViewRow<Value>| tag.is_some() && other.row.whole("tag") == tag;
        let double = view.rows[..at]
            .iter()
            .find(|other| other.key == row.key || (same(other) && knows(other)));
        doubles.extend(double.map(|double| (row, double)));
    }
    for (row, double) in doubles {
        server.violations.fail(NO_DOUBLE_ROW, || format!("{row:?} together with {double:?}"));
    }
}

/// A pending insert shows, unless a later change removes its row; a pending removal hides its row.
fn shown_at_once(view: &View<Value>, server: &mut Server) {
    for (at, pending) in view.pending.iter().enumerate() {
        let later = &view.pending[at + 1..];
        let last = |kind| !later.iter().any(|later| later.key == pending.key && later.kind == kind);
        let shows = view.rows.iter().any(|row| row.key == pending.key);
        let right = match pending.kind {
            ChangeKind::Insert => shows || !last(ChangeKind::Remove),
            ChangeKind::Remove => !shows || !last(ChangeKind::Insert),
            ChangeKind::Update => true,
        };
        server.violations.ensure(right, SHOWN_AT_ONCE, || {
            format!("{pending:?} is pending, and the rows are {:?}", view.rows)
        });
    }
}

/// A row that was confirmed, and that the server still has, stays visible, unless another user signs
/// in. Without positions a client cannot know whether the removal of a key that the app chose itself
/// was before or after the response to the request that inserted it.
fn no_flicker(collection_model: &CollectionModel, view: &View<Value>, server: &mut Server) {
    if collection_model.may_empty {
        return;
    }
    for tag in &collection_model.confirmed {
        let has = |row: &Value| row.whole("tag") == Some(*tag);
        let stored = server.channel(Topic::Table).table.rows().find(|(_, row)| has(row));
        let Some(key) = stored.map(|(key, _)| key.clone()) else { continue };
        let unordered = collection_model.storing.is_by_request() && !server.profile().has_seq();
        if unordered && key.starts_with("own") {
            continue;
        }
        // A row without a key of its own is removed by its temporary key.
        let temporary = format!("tmp:m{tag}");
        let removes = |change: &PendingChange| change.key == key || *change.key == *temporary;
        let removing = view.pending.iter().any(removes);
        let shows = removing || view.rows.iter().any(|row| has(&row.row));
        server.violations.ensure(shows, NO_FLICKER, || {
            format!("{key}, which was confirmed, is not among {:?}", view.rows)
        });
    }
}

/// A row stays the same object as long as its content is the same. A row that the server lost and
/// accepted again is another row, even if no view was emitted in between.
fn row_identity(collection_model: &CollectionModel, view: &View<Value>, server: &mut Server) {
    // Another user's row is another object.
    let Some(before) = collection_model.view.as_ref().filter(|_| !collection_model.may_empty)
    else {
        return;
    };
    if server.message_records.has_accepted_again() {
        return;
    }
    for row in &view.rows {
        let Some(former) = before.rows.iter().find(|former| former.key == row.key) else {
            continue;
        };
        let (Value::Object(new), Value::Object(old)) = (&row.row, &former.row) else { continue };
        let changed = !tidewire::core::payload::Payload::eq_json(&row.row, &former.row);
        server.violations.ensure(changed || Rc::ptr_eq(new, old), ROW_IDENTITY, || {
            format!("{row:?} is another value, although it is equal")
        });
    }
}
