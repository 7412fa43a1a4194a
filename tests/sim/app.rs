//! The app of one page: what it requested, and the events it received.

use tidewire::core::collection::{AppRequest, CollectionOptions, Edit, MutationProgress};
use tidewire::core::error::Code;
use tidewire::core::event::{Event, SendProgress};
use tidewire::core::id::{ChannelId, CollectionId, MutationId, RequestId, SendId, SubscriberId};
use tidewire::core::message::Message;
use tidewire::core::outbox::OutgoingMessage;
use tidewire::core::payload::Payload;
use tidewire::core::presence::PresenceAction;
use tidewire::core::reason::Reason;
use tidewire::core::state::{ChannelState, Continuity, State};

use crate::action::{Storing, Topic};
use crate::collection_model::CollectionModel;
use crate::invariants;
use crate::invariants::order::Tracks;
use crate::presence_model::PresenceModel;
use crate::server::{Note, Server, number_of};
use crate::tokens::{Minted, Tokens};
use crate::value::Value;

/// The outcome of a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    SentUnconfirmed,
    Acked,
    Failed(Code),
    /// The page failed it as it replaced the engine.
    EngineFailed,
}

impl End {
    /// Whether the outcome at the server is unknown.
    fn is_unsure(self) -> bool {
        matches!(self, Self::Failed(Code::AckTimeout | Code::Unconfirmed))
    }
}

/// The content of a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// The message of this number.
    Message(u32),
    /// The user's presence with this meta, or its untracking.
    Presence(Option<u32>),
    /// A collection's change of this number.
    Change(u32),
}

/// One send.
#[derive(Debug)]
pub(crate) struct SendRecord {
    pub(crate) content: Content,
    pub(crate) topic: Topic,
    pub(crate) end: Option<End>,
    /// Whether the client reported that it was written to a socket.
    pub(crate) transmitted: bool,
    /// Whether another user has signed in since.
    pub(crate) of_former_user: bool,
    /// The call to repeat on a replacement engine.
    pub(crate) call: PendingCall,
}

impl SendRecord {
    const fn new(content: Content, topic: Topic, call: PendingCall) -> Self {
        Self { content, topic, end: None, transmitted: false, of_former_user: false, call }
    }
}

/// A call into a client, kept until it is settled.
#[derive(Debug, Clone)]
pub(crate) enum PendingCall {
    Message(OutgoingMessage<Value>),
    Hint(OutgoingMessage<Value>),
    Presence(SendId, PresenceAction<Value>),
    Change(CollectionId, Edit<Value>),
}

/// The sends from this number on track the user's presence again in a replacement engine, one in
/// each channel. The app does not wait for their outcomes.
pub(crate) const SHOWN_AGAIN_FROM: u32 = u32::MAX - 3;

/// The app of one page.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) tab: u8,
    pub(crate) instance: u32,
    /// The signed-in user.
    pub(crate) user: u8,
    pub(crate) tokens: Tokens,
    pub(crate) subscribers: Vec<(SubscriberId, Topic)>,
    last_subscriber: u32,
    /// By their `SendId`.
    pub(crate) sends: Vec<SendRecord>,
    /// Whether `connect()` was called, and not cancelled by `disconnect()`.
    pub(crate) connect_requested: bool,
    pub(crate) disconnected: bool,
    pub(crate) tracks: Tracks,
    pub(crate) presence_model: PresenceModel,
    pub(crate) collection_model: Option<CollectionModel>,
    last_collection: u32,
    /// The collections it opened, with their options and how they are stored.
    pub(crate) opened: Vec<(CollectionId, CollectionOptions, Storing)>,
    /// Whether another user has signed in.
    pub(crate) became_another: bool,
    /// How often the app's own requests will fail.
    pub(crate) failing_requests: u8,
    /// By their `MutationId`.
    pub(crate) changes: Vec<SendRecord>,
    /// The latest presence meta that the server accepted in each channel.
    pub(crate) tracked: [Option<u32>; 3],
    /// The messages that engines of this page sent, each with the instance of the engine.
    transmitted: Vec<(u32, u32)>,
    /// The client's requests to the app since they were last taken.
    pub(crate) requests: Vec<(CollectionId, RequestId, AppRequest<Value>)>,
}

impl App {
    pub(crate) fn new(tab: u8, instance: u32, user: u8) -> Self {
        Self {
            tab,
            instance,
            user,
            tokens: Tokens::default(),
            subscribers: Vec::new(),
            last_subscriber: 0,
            sends: Vec::new(),
            connect_requested: false,
            disconnected: false,
            tracks: Tracks::default(),
            presence_model: PresenceModel::default(),
            collection_model: None,
            last_collection: 0,
            opened: Vec::new(),
            became_another: false,
            failing_requests: 0,
            changes: Vec::new(),
            tracked: [None; 3],
            transmitted: Vec::new(),
            requests: Vec::new(),
        }
    }

    /// A token for the user who is signed in, never the same twice.
    pub(crate) fn token(&mut self, now: u64, lifetime_ms: u64) -> Minted {
        self.tokens.mint(now, lifetime_ms, (self.user, self.tab, self.instance))
    }

    pub(crate) fn new_subscriber(&mut self) -> SubscriberId {
        self.last_subscriber += 1;
        SubscriberId(self.last_subscriber)
    }

    /// The number that the next send gets.
    pub(crate) fn next_send(&self) -> SendId {
        SendId(u32::try_from(self.sends.len()).unwrap_or(u32::MAX))
    }

    pub(crate) fn new_send(&mut self, content: Content, topic: Topic, call: PendingCall) {
        self.sends.push(SendRecord::new(content, topic, call));
    }

    /// The latest message that has not ended.
    pub(crate) fn latest_open_send(&self) -> Option<SendId> {
        let open = self
            .sends
            .iter()
            .rposition(|send| send.end.is_none() && matches!(send.content, Content::Message(_)))?;
        u32::try_from(open).ok().map(SendId)
    }

    pub(crate) fn new_collection(&mut self) -> CollectionId {
        self.last_collection += 1;
        CollectionId(self.last_collection)
    }

    /// The number that the next change gets.
    pub(crate) fn next_change(&self) -> MutationId {
        MutationId(u32::try_from(self.changes.len()).unwrap_or(u32::MAX))
    }

    pub(crate) fn new_change(&mut self, number: u32, call: PendingCall) {
        let (content, topic) = (Content::Change(number), Topic::Table);
        self.changes.push(SendRecord::new(content, topic, call));
    }

    /// Whether the app has the channel open.
    pub(crate) fn wants(&self, topic: Topic) -> bool {
        (topic == Topic::Table && self.collection_model.is_some())
            || self.subscribers.iter().any(|(_, subscribed)| *subscribed == topic)
    }

    /// Whether the app wants a connection.
    pub(crate) fn has_demand(&self) -> bool {
        self.connect_requested
            || Topic::ALL.into_iter().any(|topic| self.wants(topic))
            || self.latest_open_send().is_some()
    }

    /// Another user signs in: messages that the former one received may be delivered again.
    pub(crate) fn become_user(&mut self, user: u8) {
        self.user = user;
        self.tracks.may_restart();
        self.presence_model.forget_own();
        self.tracked = [None; 3];
        self.sends.iter_mut().chain(&mut self.changes).for_each(|send| send.of_former_user = true);
        self.became_another = true;
        self.collection_model.iter_mut().for_each(|model| model.may_empty = true);
    }

    /// Records a message sent by the engine of this instance.
    pub(crate) fn note_sent(&mut self, instance: u32, message: &Value, server: &mut Server) {
        if let Value::Array(frames) = message {
            return frames.iter().for_each(|frame| self.note_sent(instance, frame, server));
        }
        match message.text_of("type").map_or("", |kind| kind) {
            "subscribe" => {
                let channel = message.text_of("channel");
                let topic = Topic::ALL
                    .into_iter()
                    .find(|topic| channel.is_some_and(|channel| topic.name() == &**channel));
                let resumes = message.get("since").is_some();
                topic.into_iter().for_each(|topic| self.tracks.joining(topic, resumes, server));
            }
            "auth" => {
                let token = message.text_of("token").map_or("", |token| token);
                self.tokens.sent(token, &mut server.violations);
            }
            "channel_message" => self.note_message(instance, message, server),
            _ => {}
        }
    }

    fn note_message(&mut self, instance: u32, message: &Value, server: &mut Server) {
        let text = |key| message.text_of(key).and_then(|text| number_of(text));
        let plain = message.whole("n").and_then(|number| u32::try_from(number).ok());
        let Some(number) = text("id").or(plain).or_else(|| text("mutation")) else { return };
        let former = self.transmitted.iter().find(|(known, _)| *known == number);
        server.violations.ensure(
            former.is_none_or(|(_, by)| *by == instance),
            invariants::NO_RESEND_AFTER_CRASH,
            || format!("message {number} is sent again, by the engine that replaced its sender's"),
        );
        if former.is_none() {
            self.transmitted.push((number, instance));
        }
    }

    /// The page replaces its engine: sends that were transmitted, and those of a former user, fail.
    /// The others stay pending and are repeated on the next engine.
    pub(crate) fn fail_sent(&mut self) {
        let open = self.sends.iter_mut().chain(&mut self.changes);
        open.filter(|send| send.end.is_none() && (send.transmitted || send.of_former_user))
            .for_each(|send| send.end = Some(End::EngineFailed));
        self.tracks = Tracks::default();
        self.presence_model.engine_replaced();
    }

    /// Handles one event.
    pub(crate) fn observe(
        &mut self,
        event: Event<Value>,
        name_of: impl Fn(ChannelId) -> Option<Topic>,
        server: &mut Server,
    ) {
        match event {
            Event::Message(channel, delivery) => {
                for (name, invariant) in [
                    ("early", invariants::AUTHENTICATED_FIRST),
                    ("no-position", invariants::POSITION_REQUIRED),
                ] {
                    // Before authentication no envelope is negotiated: the payload would be the whole frame.
                    let whole = delivery.payload.get("payload").unwrap_or(&delivery.payload);
                    let forged = whole.text_of("forged");
                    server.violations.ensure(
                        forged.is_none_or(|how| **how != *name),
                        invariant,
                        || format!("{delivery:?} was delivered"),
                    );
                }
                if let Some(number) = number(&delivery) {
                    self.tracks.delivered(channel, number, delivery.position.as_ref(), server);
                }
            }
            Event::Channel(channel, ChannelState::Left, ..) => {
                self.tracks.left(channel);
                if let Some(topic) = self.presence_model.left(channel) {
                    self.tracked[topic as usize] = None;
                }
            }
            Event::Channel(channel, _, continuity, reason, _) => {
                if let Some(topic) = name_of(channel) {
                    self.tracks.known((channel, topic), server);
                    self.presence_model.known(channel, topic);
                }
                if reason == Reason::Joined {
                    self.tracks.joined(channel, continuity == Continuity::Fresh);
                }
            }
            Event::Gap(channel, gap) => self.tracks.gap(channel, gap, server),
            Event::Presence(channel, changes) => {
                self.presence_model.changed(channel, changes, &mut server.violations);
            }
            Event::Typing(channel, who) => self.presence_model.typing(channel, who),
            Event::Collection(collection, view) => {
                let model = self.collection_model.as_mut().filter(|model| model.id == collection);
                model.into_iter().for_each(|model| model.shown(view.clone(), server));
            }
            Event::Mutation(mutation, progress) => self.changed(mutation, &progress, server),
            Event::AppRequest(collection, request, app_request) => {
                self.requests.push((collection, request, app_request));
            }
            Event::Send(send, progress) => self.progressed(send, &progress, server),
            Event::State(state, _, error, _) => {
                if state == State::Ready {
                    self.collection_model.iter_mut().for_each(|model| model.outdated = false);
                }
                invariants::tokens::ensure_secret(&error, &mut server.violations);
            }
            Event::Error(_, error) => {
                invariants::tokens::ensure_secret(&error, &mut server.violations);
            }
            // The native protocol has no database changes.
            Event::Quality(_)
            | Event::Queue(_)
            | Event::Change(..)
            | Event::System(..)
            | Event::RenderTick => {}
        }
    }

    /// A call into the client and all its outputs have been handled.
    pub(crate) fn end_step(&mut self, position: Option<Note>, server: &mut Server) {
        self.tracks.end_step(position, server);
    }

    fn shown_again(&mut self, topic: Topic, progress: &SendProgress<Value>) {
        let mut open = self.sends.iter().filter(|send| send.end.is_none() && send.topic == topic);
        let later = open.any(|send| matches!(send.content, Content::Presence(_)));
        if matches!(progress, SendProgress::Acked { .. }) && !later {
            self.presence_model.own(topic, self.tracked[topic as usize]);
        }
    }

    fn progressed(&mut self, send: SendId, progress: &SendProgress<Value>, server: &mut Server) {
        let again = send.0.checked_sub(SHOWN_AGAIN_FROM);
        if let Some(topic) = again.and_then(|at| Topic::ALL.get(at as usize)) {
            return self.shown_again(*topic, progress);
        }
        let Some(sending) = self.sends.get_mut(send.0 as usize) else {
            return server
                .violations
                .fail(invariants::SENDS_END, || format!("{send:?} is unknown"));
        };
        let end = match progress {
            SendProgress::Queued | SendProgress::Sent => None,
            SendProgress::SentUnconfirmed => Some(End::SentUnconfirmed),
            SendProgress::Acked { .. } => Some(End::Acked),
            SendProgress::Failed(error) => Some(End::Failed(error.code)),
        };
        let (before, content, topic) = (sending.end, sending.content, sending.topic);
        server.violations.ensure(before.is_none(), invariants::SENDS_END, || {
            format!("{content:?} ended as {before:?}, then progressed as {progress:?}")
        });
        sending.end = end;
        sending.transmitted |= matches!(progress, SendProgress::Sent);
        match content {
            Content::Message(number) if end == Some(End::Acked) => {
                let accepted = server.message_records.was_accepted(number);
                server.violations.ensure(accepted, invariants::ACKED_IN_LOG, || {
                    format!("message {number} was acknowledged and never accepted")
                });
            }
            Content::Message(number) if end.is_some_and(End::is_unsure) => {
                let seen = self.tracks.has_seen(number, topic);
                server.violations.ensure(!seen, invariants::FAILURE_CAUSE, || {
                    format!("message {number} ended as {end:?} and had been delivered here")
                });
            }
            Content::Presence(shown) if end.is_some() => {
                if end == Some(End::Acked) {
                    self.tracked[topic as usize] = shown;
                }
                let latest = !self.sends.iter().skip(send.0 as usize + 1).any(|later| {
                    later.topic == topic && matches!(later.content, Content::Presence(_))
                });
                if latest {
                    self.presence_model.own(topic, shown.filter(|_| end == Some(End::Acked)));
                }
            }
            _ => {}
        }
    }
}

impl App {
    fn changed(
        &mut self,
        mutation: MutationId,
        progress: &MutationProgress<Value>,
        server: &mut Server,
    ) {
        let Some(change) = self.changes.get_mut(mutation.0 as usize) else {
            return server
                .violations
                .fail(invariants::SENDS_END, || format!("{mutation:?} is unknown"));
        };
        let (before, content) = (change.end, change.content);
        server.violations.ensure(before.is_none(), invariants::SENDS_END, || {
            format!("{content:?} ended as {before:?}, then progressed as {progress:?}")
        });
        change.transmitted |= matches!(progress, MutationProgress::Sent);
        change.end = match progress {
            MutationProgress::Sent => None,
            MutationProgress::Confirmed { confirmed: false, .. } => Some(End::SentUnconfirmed),
            MutationProgress::Confirmed { confirmed: true, .. } => Some(End::Acked),
            MutationProgress::Failed(error) => Some(End::Failed(error.code)),
        };
        let Content::Change(number) = content else { return };
        if change.end == Some(End::Acked) {
            let accepted = server.message_records.was_accepted(number);
            server.violations.ensure(accepted, invariants::ACKED_IN_LOG, || {
                format!("change {number} was confirmed and never accepted")
            });
            let current = self.collection_model.iter_mut().filter(|model| !model.outdated);
            current.for_each(|model| model.confirmed.push(u64::from(number)));
        }
    }
}

/// The number of the message that was delivered; hints have none.
fn number(delivery: &Message<Value>) -> Option<u32> {
    let Message { payload, id, .. } = delivery;
    let text = |value: &Value| value.as_text().as_deref().and_then(number_of);
    let plain = payload.whole("n").and_then(|number| u32::try_from(number).ok());
    plain.or_else(|| text(id.as_ref()?)).or_else(|| text(payload.get("mutation")?))
}
