//! An app's calls into its collection.

use tidewire::core::channel::Subscription;
use tidewire::core::collection::{Edit, EditKind};

use crate::action::{Change, Policy, Storing, Topic, Versions};
use crate::app::PendingCall;
use crate::collection_model::{CollectionModel, options};
use crate::harness::Harness;
use crate::server::{Origin, message_id};
use crate::value::{Value, object};

impl Harness {
    /// Opens a collection of the table.
    pub(crate) fn open(&mut self, at: usize, policy: Policy, storing: Storing, versions: Versions) {
        let app = &mut self.tabs[at].app;
        let id = app.new_collection();
        let options = options(policy, storing, versions);
        app.opened.push((id, options.clone(), storing));
        let mut sharing = app.opened.iter().filter(|(_, other, _)| *other == options);
        let is_named = sharing.all(|(.., storing)| storing.is_named());
        app.collection_model = Some(CollectionModel {
            is_named,
            ..CollectionModel::new(id, policy, storing, versions)
        });
        app.disconnected = false;
        self.reopen(at);
    }

    /// Opens the app's collection, if it has one, in an engine that does not have it yet.
    pub(crate) fn reopen(&mut self, at: usize) {
        let app = &mut self.tabs[at].app;
        let subscriber = app.new_subscriber();
        let may_empty = app.became_another;
        let Some(collection_model) = &mut app.collection_model else { return };
        let CollectionModel { id, policy, storing, versions, is_named, .. } = *collection_model;
        *collection_model = CollectionModel {
            may_empty,
            is_named,
            ..CollectionModel::new(id, policy, storing, versions)
        };
        self.with_client(at, |client, now| {
            let (name, how) = (Topic::Table.name(), Subscription::default());
            let options = options(policy, storing, versions);
            let opened = client.open_collection(now, id, subscriber, name, how, options);
            debug_assert!(opened.is_ok(), "three channels are below any limit");
        });
    }

    /// Closes the collection, if one is open.
    pub(crate) fn close(&mut self, at: usize) {
        if let Some(CollectionModel { id, .. }) = self.tabs[at].app.collection_model.take() {
            self.with_client(at, |client, now| client.close_collection(now, id));
        }
    }

    /// Loads the collection again, if one is open.
    pub(crate) fn reload(&mut self, at: usize) {
        if let Some(id) = self.tabs[at].app.collection_model.as_ref().map(|model| model.id) {
            self.with_client(at, |client, now| client.reload(now, id));
        }
    }

    /// Changes the row of this number.
    pub(crate) fn edit(&mut self, at: usize, change: Change, nth: u8) {
        if change == Change::Insert {
            return self.insert(at, None);
        }
        let collection_model = self.tabs[at].app.collection_model.as_ref();
        let Some((key, policy)) =
            collection_model.and_then(|model| Some((model.key(nth)?, model.policy)))
        else {
            return;
        };
        let (stamp, key) = (self.now, key.as_ref().to_owned());
        self.mutate(at, |number| {
            if change == Change::Delete {
                return EditKind::Remove { key };
            }
            let field = if number % 2 == 0 { "a" } else { "b" };
            let patch = object! {}.merged([(field.into(), Value::from(number))]);
            let patch = match policy {
                Policy::LastWriteWins => patch.merged([("stamp".into(), Value::from(stamp))]),
                _ => patch,
            };
            EditKind::Update { key, patch }
        });
    }

    /// Inserts a row.
    pub(crate) fn insert(&mut self, at: usize, key: Option<String>) {
        self.mutate(at, |number| {
            let named = key.iter().map(|key| ("id".into(), Value::from(key.as_str())));
            let row = object! { "a": number, "tag": number }.merged(named);
            EditKind::Insert { key, row }
        });
    }

    fn mutate(&mut self, at: usize, change: impl FnOnce(u64) -> EditKind<Value>) {
        let Some(id) = self.tabs[at].app.collection_model.as_ref().map(|model| model.id) else {
            return;
        };
        let number = self.server.message_records.number(Origin::Collection, Topic::Table);
        let app = &mut self.tabs[at].app;
        let (mutation, id_on_wire) = (app.next_change(), message_id(number).as_ref().to_owned());
        let edit = Edit { mutation, id: id_on_wire, change: change(u64::from(number)) };
        let call = PendingCall::Change(id, edit);
        app.new_change(number, call.clone());
        app.disconnected = false;
        self.submit(at, Topic::Table, call);
    }
}
