//! The subscribers of channels: subscriptions, handles and collections.

use alloc::rc::Rc;
use alloc::string::String;
use core::cell::{Cell, RefCell};

use js_sys::Function;

use super::listeners::Listeners;
use super::options::ChannelOptions;
use super::rows::Rows;
use super::view::View;
use crate::core::id::{ChannelId, SubscriberId};
use crate::core::state::ChannelState;

/// The receiver of a channel's messages.
#[derive(Debug)]
pub(super) enum Receiver {
    /// A callback; without one the channel is only kept joined.
    Callback(Option<Function>),
    /// A handle: listeners of messages by event, and of presence and typing.
    Handle { messages: Listeners, activity: Listeners },
    /// A channel of the legacy manager: handlers by the `type` of messages, and of errors.
    Managed(Listeners),
    /// A callback for the database changes that its options select.
    Changes(Function),
    /// A collection.
    Rows(Rc<Rows>),
}

/// One subscription of a channel.
#[derive(Debug)]
pub(super) struct Subscriber {
    pub(super) id: SubscriberId,
    pub(super) channel: String,
    pub(super) options: ChannelOptions,
    pub(super) receiver: Receiver,
    /// Its channel, while it is open.
    pub(super) route: Cell<Option<ChannelId>>,
    view: RefCell<Rc<RefCell<View>>>,
}

impl Subscriber {
    /// A subscriber that is not on its channel yet.
    pub(super) fn new(
        id: SubscriberId,
        channel: String,
        options: ChannelOptions,
        receiver: Receiver,
    ) -> Self {
        let view = RefCell::new(Rc::new(RefCell::new(View::new())));
        Self { id, channel, options, receiver, route: Cell::new(None), view }
    }

    /// Adds it to a channel.
    pub(super) fn join(&self, route: ChannelId, view: Rc<RefCell<View>>) {
        self.route.set(Some(route));
        self.view.replace(view);
    }

    /// Removes it from its channel; its state is `left` from then on. Returns whether it was on one.
    pub(super) fn leave(&self) -> bool {
        let was_open = self.route.take().is_some();
        let last = View { state: ChannelState::Left, ..self.view() };
        self.view.replace(Rc::new(RefCell::new(last)));
        was_open
    }

    /// Whether it is on its channel.
    pub(super) fn is_open(&self) -> bool {
        self.route.get().is_some()
    }

    /// The state of its channel.
    pub(super) fn view(&self) -> View {
        self.view.borrow().borrow().clone()
    }
}
