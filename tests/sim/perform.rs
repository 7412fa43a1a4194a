//! The execution of each action of a schedule.

use tidewire::core::channel::Subscription;
use tidewire::core::id::{Origin as Sender, SubscriberId};
use tidewire::core::input::{Input, Network, Page};
use tidewire::core::outbox::OutgoingMessage;
use tidewire::core::presence::PresenceAction;

use crate::action::{Acknowledgement, Action, LifetimeReport, Topic};
use crate::app::{Content, PendingCall};
use crate::harness::{Harness, grant};
use crate::network::Arrival;
use crate::server::{Origin, message_id};
use crate::tab::{Running, Tab};
use crate::value::{Value, object};

impl Harness {
    /// Performs one action. Actions of a page that does not run are skipped.
    pub(crate) fn perform(&mut self, action: Action) {
        match action {
            Action::Wait { ms } => self.pass(ms),
            Action::Publish { topic } => self.server.publish(self.now, topic, None),
            Action::PublishLarge { topic, head } => {
                self.server.publish(self.now, topic, Some(head));
            }
            Action::Forge { tab, topic, forgery } => self.server.forge(tab, topic, forgery),
            Action::Trim { topic, keep } => self.server.trim(topic, keep),
            Action::Restart { down_ms, lost } => {
                self.server.restart(self.now, down_ms, u64::from(lost));
                if lost > 0 {
                    let models =
                        self.tabs.iter_mut().filter_map(|tab| tab.app.collection_model.as_mut());
                    // Removed rows may exist again, and confirmed ones may be missing.
                    models.for_each(|model| {
                        model.confirmed.clear();
                        model.outdated = true;
                    });
                }
            }
            Action::End { tab, topic, retry_ms } => self.server.end(self.now, tab, topic, retry_ms),
            Action::ThrowOut { tab, retry_ms } => {
                self.server.close_with_error(self.now, tab, retry_ms);
            }
            Action::RejectJoins { tab, times, retry_ms } => {
                let rejections = &mut self.server.rejections[usize::from(tab)];
                (rejections.joins, rejections.join_retry_ms) = (times, retry_ms);
            }
            Action::BriefJoins { tab, topic, times, after_ms } => {
                let rejections = &mut self.server.rejections[usize::from(tab)];
                rejections.memberships[topic as usize] = (times, after_ms);
            }
            Action::RejectSends { tab, times } => {
                self.server.rejections[usize::from(tab)].sends = times;
            }
            Action::LateAcks { ms } => self.server.acks_late_ms = ms,
            Action::Deny { tab, times } => self.server.rejections[usize::from(tab)].tokens = times,
            Action::ServerEdit { change, nth } => self.server.change(self.now, change, nth),
            Action::NoRest { tab, times } => {
                self.tabs[usize::from(tab)].app.failing_requests = times;
            }
            Action::NoToken { tab, times } => {
                self.tabs[usize::from(tab)].app.tokens.failing = times;
            }
            Action::Clock { tab, ahead_ms } => {
                self.tabs[usize::from(tab)].app.tokens.clock_ahead_ms = ahead_ms;
            }
            Action::TokenLifetimes { tab, claims, report } => {
                self.tabs[usize::from(tab)].app.tokens.claims = claims;
                self.server.rejections[usize::from(tab)].omits_lifetime =
                    report == LifetimeReport::No;
            }
            Action::Aged { tab, ms } => self.tabs[usize::from(tab)].app.tokens.aged_ms = ms,
            Action::Stale { tab, staleness, ms } => {
                let until = self.now + ms;
                self.tabs[usize::from(tab)].app.tokens.stale = Some((staleness, until));
            }
            _ => self.perform_on_network(action),
        }
        self.deliver_out();
    }

    fn perform_on_network(&mut self, action: Action) {
        match action {
            Action::Delay { tab, up_ms, down_ms } => {
                let tab = &mut self.tabs[usize::from(tab)];
                (tab.up_ms, tab.down_ms) = (up_ms, down_ms);
            }
            Action::Cut { tab } => {
                let ids: Vec<_> =
                    self.network.of_tab(usize::from(tab)).map(|connection| connection.id).collect();
                for id in ids {
                    self.cut(id, 1006);
                }
            }
            Action::CutAtSend { tab, outcome } => {
                self.cut_outcomes[usize::from(tab)] = Some(outcome);
            }
            Action::HalfOpen { tab } => self.stop_delivery(usize::from(tab)),
            Action::InjectFault { tab, fault } => self.faults[usize::from(tab)].push(fault),
            Action::Crash { tab } => self.crash(usize::from(tab)),
            Action::Trap { tab, outputs } => {
                self.tabs[usize::from(tab)].trap_after = Some(outputs);
            }
            Action::Sleep { tab, ms } => self.sleep(usize::from(tab), ms),
            _ => self.perform_on_page(action),
        }
    }

    fn perform_on_page(&mut self, action: Action) {
        match action {
            Action::Hide { tab, throttle_ms } => {
                self.with_running(tab, |harness, at| {
                    harness.tabs[at].throttle_ms = throttle_ms;
                    harness.tabs[at].hidden = true;
                    harness.page(at, Page::Hidden);
                });
            }
            Action::Show { tab } => self.with_running(tab, |harness, at| {
                harness.tabs[at].throttle_ms = 0;
                harness.tabs[at].hidden = false;
                harness.page(at, Page::Visible);
            }),
            Action::Freeze { tab } => self.with_running(tab, |harness, at| {
                harness.page(at, Page::Frozen);
                harness.tabs[at].running = Running::Frozen;
            }),
            Action::Resume { tab } => self.resume(usize::from(tab)),
            Action::Offline { tab } => self.with_running(tab, |harness, at| {
                harness.tabs[at].offline = true;
                harness.stop_delivery(at);
                harness.with_client(at, |client, now| {
                    client.handle_input(now, Input::Network(Network::Offline));
                });
            }),
            Action::Online { tab } => self.with_running(tab, Self::online),
            _ => self.perform_in_app(action),
        }
    }

    fn perform_in_app(&mut self, action: Action) {
        match action {
            Action::Subscribe { tab, topic } => {
                self.with_running(tab, |harness, at| harness.subscribe(at, topic));
            }
            Action::Unsubscribe { tab, topic } => self.with_running(tab, |harness, at| {
                let subscribers = &mut harness.tabs[at].app.subscribers;
                if let Some(place) = subscribers.iter().rposition(|(_, of)| *of == topic) {
                    let (subscriber, _) = subscribers.remove(place);
                    harness.unsubscribe(at, subscriber);
                }
            }),
            Action::Send { tab, topic, acknowledgement } => {
                self.with_running(tab, |harness, at| {
                    harness.send(at, topic, acknowledgement, false);
                });
            }
            Action::SendPoison { tab, topic, poison } => {
                self.poison = Some(poison);
                self.with_running(tab, |harness, at| {
                    harness.send(at, topic, Acknowledgement::Acked, false);
                });
                self.poison = None;
            }
            Action::Hint { tab, topic } => {
                self.with_running(tab, |harness, at| {
                    harness.send(at, topic, Acknowledgement::Plain, true);
                });
            }
            Action::Track { tab, topic } => {
                self.with_running(tab, |harness, at| {
                    let (shown, meta) = harness.new_meta(at);
                    let action = PresenceAction::Track { key: None, meta };
                    harness.show(at, topic, Some(shown), action);
                });
            }
            Action::Update { tab, topic } => {
                self.with_running(tab, |harness, at| {
                    let (shown, meta) = harness.new_meta(at);
                    harness.show(at, topic, Some(shown), PresenceAction::Update { meta });
                });
            }
            Action::Untrack { tab, topic } => self.with_running(tab, |harness, at| {
                harness.show(at, topic, None, PresenceAction::Untrack);
            }),
            Action::Type { tab, topic } => self.with_running(tab, |harness, at| {
                harness.with_client(at, |client, now| client.start_typing(now, topic.name()));
            }),
            _ => self.perform_in_collection(action),
        }
    }

    fn perform_in_session(&mut self, action: Action) {
        match action {
            Action::Cancel { tab } => self.with_running(tab, |harness, at| {
                if let Some(send) = harness.tabs[at].app.latest_open_send() {
                    harness.with_client(at, |client, now| client.cancel(now, send));
                }
            }),
            Action::Connect { tab } => self.with_running(tab, Self::connect),
            Action::Disconnect { tab } => self.with_running(tab, |harness, at| {
                harness.tabs[at].app.connect_requested = false;
                harness.tabs[at].app.disconnected = true;
                harness.with_client(at, |client, now| client.disconnect(now));
            }),
            Action::Renew { tab } => self.with_running(tab, Self::renew),
            Action::Become { tab, user } => self.with_running(tab, |harness, at| {
                harness.tabs[at].app.become_user(user);
                harness.renew(at);
            }),
            _ => {}
        }
    }

    fn perform_in_collection(&mut self, action: Action) {
        match action {
            Action::Open { tab, policy, storing, versions } => {
                self.with_running(tab, |harness, at| {
                    harness.close(at);
                    harness.open(at, policy, storing, versions);
                });
            }
            Action::Close { tab } => self.with_running(tab, Self::close),
            Action::Edit { tab, change, nth } => {
                self.with_running(tab, |harness, at| harness.edit(at, change, nth));
            }
            Action::InsertAs { tab, key } => self.with_running(tab, |harness, at| {
                harness.insert(at, Some(format!("own{key}")));
            }),
            Action::Reload { tab } => self.with_running(tab, Self::reload),
            _ => self.perform_in_session(action),
        }
    }

    fn with_running(&mut self, tab: u8, act: impl FnOnce(&mut Self, usize)) {
        let at = usize::from(tab);
        if self.tabs[at].runs() {
            act(self, at);
        }
    }

    fn page(&mut self, at: usize, page: Page) {
        self.with_client(at, |client, now| client.handle_input(now, Input::Page(page)));
    }

    fn stop_delivery(&mut self, at: usize) {
        self.network.of_tab(at).for_each(|connection| connection.dead = true);
    }

    pub(crate) fn online(&mut self, at: usize) {
        self.tabs[at].offline = false;
        self.with_client(at, |client, now| {
            client.handle_input(now, Input::Network(Network::Online));
        });
    }

    pub(crate) fn resume(&mut self, at: usize) {
        if self.tabs[at].running == Running::Frozen {
            self.tabs[at].running = Running::Yes;
            self.page(at, Page::Resumed);
            self.empty_mailbox(at);
        }
    }

    fn sleep(&mut self, at: usize, ms: u64) {
        let tab = &mut self.tabs[at];
        if tab.runs() {
            let until = self.now + ms;
            tab.running = Running::Asleep { until };
            self.network.at(until, Arrival::Wake { tab: at, instance: tab.instance });
        }
    }

    /// The page is closed abruptly, and a new one is opened.
    fn crash(&mut self, at: usize) {
        let tab = &mut self.tabs[at];
        if let Some((_, id)) = tab.socket {
            self.network.up(self.now + tab.up_ms, id, Arrival::Closed(id));
        }
        let (instance, user) = (tab.instance + 1, tab.app.user);
        let (up_ms, down_ms, offline) = (tab.up_ms, tab.down_ms, tab.offline);
        let fresh = Tab::new(&self.setup, tab.app.tab, instance, user, self.now);
        *tab = Tab { up_ms, down_ms, offline, ..fresh };
        if offline {
            self.with_client(at, |client, now| {
                client.handle_input(now, Input::Network(Network::Offline));
            });
        }
    }

    fn subscribe(&mut self, at: usize, topic: Topic) {
        let app = &mut self.tabs[at].app;
        let subscriber = app.new_subscriber();
        app.subscribers.push((subscriber, topic));
        app.disconnected = false;
        self.with_client(at, |client, now| {
            let subscribed =
                client.subscribe(now, subscriber, topic.name(), Subscription::default());
            debug_assert!(subscribed.is_ok(), "three channels are below any limit");
        });
    }

    pub(crate) fn unsubscribe(&mut self, at: usize, subscriber: SubscriberId) {
        self.with_client(at, |client, now| client.unsubscribe(now, subscriber));
    }

    fn send(&mut self, at: usize, topic: Topic, acknowledgement: Acknowledgement, ephemeral: bool) {
        let app = &mut self.tabs[at].app;
        let origin = Origin::Tab { tab: app.tab, instance: app.instance };
        let number = self.server.message_records.number(origin, topic);
        let name = if ephemeral && self.setup.profile.has_ids() { "hint" } else { "n" };
        let message = OutgoingMessage {
            origin: Sender::App(app.next_send()),
            channel: topic.name().into(),
            id: message_id(number).as_ref().to_owned(),
            event: None,
            payload: object! {}
                .merged([(name.into(), u64::from(number).into())])
                .merged(self.poison.map(|poison| ("poison".into(), Value::from(poison.name())))),
            bytes: 16,
            ack: acknowledgement != Acknowledgement::Plain,
            timeout_ms: None,
            ttl_ms: (acknowledgement == Acknowledgement::Brief).then_some(2_000),
        };
        let call =
            if ephemeral { PendingCall::Hint(message) } else { PendingCall::Message(message) };
        app.new_send(Content::Message(number), topic, call.clone());
        app.disconnected &= ephemeral;
        self.submit(at, topic, call);
    }

    /// A number for the user's presence, and the meta that contains it.
    fn new_meta(&mut self, at: usize) -> (u32, Value) {
        let shown = self.tabs[at].app.presence_model.new_meta();
        (shown, object! { "m": u64::from(shown) })
    }

    fn show(&mut self, at: usize, topic: Topic, shown: Option<u32>, action: PresenceAction<Value>) {
        let app = &mut self.tabs[at].app;
        let call = PendingCall::Presence(app.next_send(), action);
        app.new_send(Content::Presence(shown), topic, call.clone());
        app.presence_model.own(topic, None);
        self.submit(at, topic, call);
    }

    pub(crate) fn connect(&mut self, at: usize) {
        self.tabs[at].app.connect_requested = true;
        self.tabs[at].app.disconnected = false;
        self.with_client(at, |client, now| client.connect(now));
    }

    pub(crate) fn renew(&mut self, at: usize) {
        let lifetime = self.setup.token_lifetime_ms;
        let app = &mut self.tabs[at].app;
        let token = app.token(self.now, lifetime);
        let grant = grant(app, token);
        self.with_client(at, |client, now| client.set_token(now, Some(grant)));
    }
}
