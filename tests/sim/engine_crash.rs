//! The crash of a client's engine, and its recovery by the page: it closes the socket, creates
//! another engine and repeats the pending calls (`pkg-template/src/session/engine-host.ts`).

use tidewire::core::channel::Subscription;
use tidewire::core::id::SendId;
use tidewire::core::input::{Input, Network, Page};
use tidewire::core::presence::PresenceAction;

use crate::action::Topic;
use crate::app::{PendingCall, SHOWN_AGAIN_FROM};
use crate::harness::Harness;
use crate::network::Arrival;
use crate::tab::new_client;
use crate::value::object;

impl Harness {
    /// Replaces a tab's engine with another one.
    pub(crate) fn replace_engine(&mut self, at: usize) {
        self.log(|| format!("tab {at} replaces its engine"));
        let (setup, now) = (self.setup, self.now);
        let tab = &mut self.tabs[at];
        if let Some((_, id)) = tab.socket.take() {
            let arrives = now + tab.up_ms;
            self.network.up(arrives, id, Arrival::Closed(id));
        }
        tab.closed = None;
        tab.mailbox.clear();
        tab.instance += 1;
        tab.client = new_client(&setup, tab.app.tab, tab.instance, now);
        tab.app.fail_sent();
        tab.app.tokens.engine_replaced();
        self.restore_state(at);
        let app = &self.tabs[at].app;
        if app.connect_requested {
            self.with_client(at, |client, now| client.connect(now));
        } else if app.disconnected {
            self.with_client(at, |client, now| client.disconnect(now));
        }
    }

    /// Restores the page's state, the subscriptions and the pending calls in the new engine.
    fn restore_state(&mut self, at: usize) {
        if self.tabs[at].hidden {
            self.with_client(at, |client, now| client.handle_input(now, Input::Page(Page::Hidden)));
        }
        if self.tabs[at].offline {
            self.with_client(at, |client, now| {
                client.handle_input(now, Input::Network(Network::Offline));
            });
        }
        for (subscriber, topic) in self.tabs[at].app.subscribers.clone() {
            self.with_client(at, |client, now| {
                let how = Subscription::default();
                let subscribed = client.subscribe(now, subscriber, topic.name(), how);
                debug_assert!(subscribed.is_ok(), "three channels are below any limit");
            });
        }
        self.reopen(at);
        self.restore_presence(at);
        let app = &self.tabs[at].app;
        let open = app.sends.iter().chain(&app.changes).filter(|send| send.end.is_none());
        let calls: Vec<_> = open.map(|send| (send.topic, send.call.clone())).collect();
        for (topic, call) in calls {
            self.submit(at, topic, call);
        }
    }

    /// Tracks again the presence that the server had accepted, before the later pending calls.
    fn restore_presence(&mut self, at: usize) {
        for topic in Topic::ALL {
            let app = &mut self.tabs[at].app;
            let Some(shown) = app.tracked[topic as usize].filter(|_| app.wants(topic)) else {
                continue;
            };
            let action =
                PresenceAction::Track { key: None, meta: object! { "m": u64::from(shown) } };
            let send = SendId(SHOWN_AGAIN_FROM + topic as u32);
            self.with_client(at, |client, now| client.presence(now, topic.name(), send, action));
        }
    }

    /// Makes a call into the engine, for the first time or again.
    pub(crate) fn submit(&mut self, at: usize, topic: Topic, call: PendingCall) {
        let is_message = matches!(call, PendingCall::Message(_));
        // An engine that is to crash does so before the message is sent, or only then.
        let later =
            self.tabs[at].trap_after.take_if(|_| is_message && self.steps.is_multiple_of(2));
        self.with_client(at, |client, now| match call {
            PendingCall::Message(message) => client.enqueue(now, message),
            PendingCall::Hint(message) => client.send_ephemeral(now, &message),
            PendingCall::Presence(send, action) => client.presence(now, topic.name(), send, action),
            PendingCall::Change(collection, edit) => client.mutate(now, collection, edit),
        });
        if later.is_some() {
            self.tabs[at].trap_after = later;
        }
    }

    /// The page's task ends: messages that it has queued are sent together.
    pub(crate) fn end_tasks(&mut self) {
        for at in 0..self.tabs.len() {
            if self.tabs[at].client.has_enqueued() {
                self.with_client(at, |client, _| client.send_enqueued());
            }
        }
    }
}
