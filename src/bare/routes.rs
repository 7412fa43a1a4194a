//! The channels of one client and their subscribers.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;
use core::cell::RefCell;

use super::subscriber::Subscriber;
use super::view::View;
use crate::core::id::{ChannelId, SubscriberId};

/// A channel that is open.
#[derive(Debug)]
struct OpenChannel {
    id: ChannelId,
    name: String,
    view: Rc<RefCell<View>>,
}

/// A subscriber. It keeps the client alive as long as something is subscribed.
#[derive(Debug)]
struct Entry {
    subscriber: Rc<Subscriber>,
    _client: Rc<dyn Any>,
}

/// The channels of one client, by id.
#[derive(Debug, Default)]
pub(super) struct Routes {
    routes: RefCell<Vec<OpenChannel>>,
    entries: RefCell<Vec<Entry>>,
}

impl Routes {
    /// Adds a subscriber to a channel.
    pub(super) fn join(&self, client: Rc<dyn Any>, id: ChannelId, subscriber: &Rc<Subscriber>) {
        let mut routes = self.routes.borrow_mut();
        let known = routes.iter().find(|route| route.id == id).map(|route| route.view.clone());
        let view = known.unwrap_or_else(|| {
            let view = Rc::new(RefCell::new(View::new()));
            routes.push(OpenChannel { id, name: subscriber.channel.clone(), view: view.clone() });
            view
        });
        subscriber.join(id, view);
        let entry = Entry { subscriber: subscriber.clone(), _client: client };
        self.entries.borrow_mut().push(entry);
    }

    /// The name of a channel.
    pub(super) fn name(&self, id: ChannelId) -> String {
        let routes = self.routes.borrow();
        let found = routes.iter().find(|route| route.id == id);
        found.map(|route| route.name.clone()).unwrap_or_default()
    }

    /// Changes the state of a channel.
    pub(super) fn change(&self, id: ChannelId, act: impl FnOnce(&mut View)) {
        let view = {
            let routes = self.routes.borrow();
            routes.iter().find(|route| route.id == id).map(|route| route.view.clone())
        };
        if let Some(view) = view {
            act(&mut view.borrow_mut());
        }
    }

    /// Removes a channel that was left.
    pub(super) fn forget(&self, id: ChannelId) {
        self.routes.borrow_mut().retain(|route| route.id != id);
    }

    /// A copy of a channel's subscribers: those that join during a callback get the next report.
    pub(super) fn present(&self, id: ChannelId) -> Vec<Rc<Subscriber>> {
        let entries = self.entries.borrow();
        let of = |entry: &&Entry| entry.subscriber.route.get() == Some(id);
        entries.iter().filter(of).map(|entry| entry.subscriber.clone()).collect()
    }

    /// The subscriber with this number.
    pub(super) fn find(&self, id: SubscriberId) -> Option<Rc<Subscriber>> {
        let entries = self.entries.borrow();
        let found = entries.iter().find(|entry| entry.subscriber.id == id);
        found.map(|entry| entry.subscriber.clone())
    }

    /// Removes a subscriber.
    pub(super) fn remove(&self, id: SubscriberId) {
        let removed = {
            let mut entries = self.entries.borrow_mut();
            let at = entries.iter().position(|entry| entry.subscriber.id == id);
            at.map(|at| entries.remove(at))
        };
        // This may drop the client.
        drop(removed);
    }

    /// Removes all subscribers.
    pub(super) fn take_all(&self) -> Vec<Rc<Subscriber>> {
        let entries = self.entries.take();
        self.routes.take();
        entries.into_iter().map(|entry| entry.subscriber).collect()
    }
}
