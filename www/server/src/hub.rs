//! The hub: channels with their logs and members, and publishing into them.
//!
//! One lock over everything gives one order of events. A connection's queue is locked only
//! while this lock is held, and nothing in here waits (except for the disk, when logs are
//! durable). A table and the log of its changes are always consistent.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::accepted::{AckMemory, Effect};
use crate::account::{Requester, Reservation};
use crate::channel::Channel;
use crate::clock::{now_ms, uptime};
use crate::connection_handle::ConnectionHandle;
use crate::features::Feature;
use crate::frame::Frame;
use crate::limits::Limits;
use crate::log::ChannelLog;
use crate::message::{Message, Rendering, Shape};
use crate::publication::{Placed, Publication, check_name};
use crate::random;
use crate::rejection::Rejection;
use crate::retired::{Retired, Retirement};
use crate::stats::Stats;
use crate::store::Store;
use crate::tables::{Catalog, Edit, Feed, RowChange};
use crate::triggers::{ChangeTrigger, TableView, TriggeredMessage};

/// All channels and who is in them.
pub(crate) struct Hub {
    pub(crate) limits: Limits,
    pub(crate) stats: Arc<Stats>,
    catalog: Catalog,
    feed: Feed,
    pub(crate) memory: AckMemory,
    pub(crate) state: Mutex<State>,
}

/// What the hub's lock guards.
pub(crate) struct State {
    pub(crate) channels: HashMap<String, Channel>,
    /// Connections without `subscribe`, which receive every channel.
    pub(crate) everywhere: BTreeMap<u64, Arc<ConnectionHandle>>,
    pub(crate) store: Option<Store>,
    /// The epoch of channels without a message. Forgetting such a channel costs a returning reader
    /// nothing: it starts again at the same position.
    pub(crate) first_epoch: String,
    /// The positions of channels that were removed.
    retired: Retired,
    /// The size of all logs and of all tables, in bytes.
    log_bytes: usize,
    table_bytes: usize,
    /// Triggered by row changes; without one nothing is derived.
    pub(crate) trigger: Option<Box<dyn ChangeTrigger>>,
}

impl Hub {
    /// A hub, with whatever logs are stored.
    pub(crate) fn new(
        limits: Limits,
        catalog: Catalog,
        stats: Arc<Stats>,
        mut store: Option<Store>,
        feed: Feed,
        trigger: Option<Box<dyn ChangeTrigger>>,
    ) -> Result<Self, String> {
        let mut channels = HashMap::new();
        if let Some(store) = &mut store {
            let stored = store
                .load(&catalog, limits.effective_ack_memory_ms())
                .map_err(|e| format!("cannot read the stored logs: {e}"))?;
            for (name, mut log, table) in stored {
                log.trim(&limits, now_ms());
                channels.insert(name, Channel::new(log, table, None));
            }
        }
        let first_epoch = random::token();
        let mut state = State {
            channels,
            everywhere: BTreeMap::new(),
            store,
            first_epoch,
            retired: Retired::default(),
            log_bytes: 0,
            table_bytes: 0,
            trigger,
        };
        state.measure();
        let (memory, state) = (AckMemory::default(), Mutex::new(state));
        Ok(Self { limits, stats, catalog, feed, memory, state })
    }

    /// Lets an authenticated connection take part.
    pub(crate) fn admit(&self, connection: &Arc<ConnectionHandle>) {
        if !connection.features().has(Feature::Subscribe) {
            self.state.lock().everywhere.insert(connection.number, Arc::clone(connection));
        }
    }

    /// What is declared of the tables of all channels.
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Whether there is a table behind this channel.
    pub(crate) fn has_table(&self, channel: &str) -> bool {
        self.catalog.table(channel).is_some()
    }

    /// Accepts a message, and runs the triggers of the change it makes, if it makes one.
    pub(crate) fn publish(&self, publication: Publication<'_>) -> Result<Placed, Rejection> {
        check_name(publication.channel)?;
        publication.check()?;
        let mut state = self.state.lock();
        let start = uptime();
        let (mut placed, change) = self.accept(&mut state, publication)?;
        if let Some(change) = change {
            self.run_triggers(&mut state, &change);
        }
        // Where logs are durable most of it is the disk's time.
        if state.store.is_none() {
            placed.took = uptime().saturating_sub(start);
        }
        Ok(placed)
    }

    /// Applies a message's change, if it is one, stores it, and broadcasts it, to the sender too.
    /// An id that the same user sent before is acknowledged with its position, not delivered again.
    fn accept(
        &self,
        state: &mut State,
        publication: Publication<'_>,
    ) -> Result<(Placed, Option<RowChange>), Rejection> {
        let now = now_ms();
        self.enter(state, publication.channel, publication.requester)?;
        let State { channels, everywhere, store, log_bytes, table_bytes, .. } = state;
        let channel = channels.get_mut(publication.channel).ok_or_else(no_channel)?;
        let before = (channel.log.bytes(), channel.table_bytes());
        channel.log.trim(&self.limits, now);
        if let Some(id) = &publication.id
            && let Some(known) = channel.log.accepted(id)
        {
            if known.user.as_deref() != publication.user.as_deref() {
                return Err(Rejection::invalid("this id is taken by another user's message"));
            }
            let epoch = channel.log.epoch().to_owned();
            let (seq, effect) = (known.seq, known.effect.clone());
            let (id, crowded, took) = (id.clone(), false, Duration::ZERO);
            return Ok((Placed { id, seq, epoch, effect, crowded, took }, None));
        }
        let edit = channel.plan(&publication, &self.limits)?;
        if edit.as_ref().is_some_and(|edit| edit.bytes() > 0)
            && *table_bytes >= self.limits.table_bytes_total
        {
            return Err(Rejection::limit("the tables are as large as they may be together"));
        }
        let (until, reservation) = self.remember(&publication, edit.as_ref(), now)?;
        let id = publication.id.unwrap_or_else(random::token);
        let message = Message {
            seq: channel.log.head() + 1,
            payload: match &edit {
                Some(edit) => edit.payload(&id)?,
                None => publication.payload,
            },
            id,
            event: publication.event,
            user: publication.user,
            at: now,
        };
        message.check_size(publication.channel, self.limits.max_frame_bytes)?;
        if let Some(store) = store {
            store
                .append(publication.channel, &message, edit.as_ref(), &self.limits)
                .map_err(|e| storage_rejection(&e))?;
        }
        let message = Arc::new(message);
        let effect = edit.as_ref().map_or(Effect::Relayed, Edit::effect);
        channel.log.append(Arc::clone(&message), effect.clone(), until, reservation);
        let change = channel.table.as_mut().zip(edit).map(|(table, edit)| {
            let after = edit.row.clone();
            let before = table.apply(edit);
            RowChange { table: publication.channel.into(), before, after, at: now }
        });
        if let Some(change) = &change {
            self.feed.notify(change.clone());
        }
        self.stats.published(publication.channel);
        let epoch = channel.log.epoch();
        let (id, seq) = (message.id.clone(), message.seq);
        let (crowded, took) = (false, Duration::ZERO);
        let mut placed = Placed { id, seq, epoch: epoch.to_owned(), effect, crowded, took };
        let rendering = Rendering::new(publication.channel, epoch, message, publication.verbatim);
        for member in channel.members.values() {
            let shape = Shape::of(member.connection.features());
            placed.crowded |= member.connection.outbound.push(rendering.frame(shape));
        }
        for connection in
            everywhere.values().filter(|connection| connection.allows(publication.channel))
        {
            placed.crowded |=
                connection.outbound.push(rendering.frame(Shape::of(connection.features())));
        }
        channel.log.trim(&self.limits, now);
        *log_bytes = (*log_bytes + channel.log.bytes()).saturating_sub(before.0);
        *table_bytes = (*table_bytes + channel.table_bytes()).saturating_sub(before.1);
        if *log_bytes > self.limits.log_bytes_total {
            state.shorten_logs(self.limits.log_bytes_total);
        }
        Ok((placed, change))
    }

    /// Runs the triggers of a change, recursively: those of each derived change before the next.
    fn run_triggers(&self, state: &mut State, change: &RowChange) {
        let Some(trigger) = &mut state.trigger else {
            return;
        };
        let tables = TableView::new(&state.channels, &self.catalog);
        for TriggeredMessage { channel, event, payload } in trigger.on_change(change, &tables) {
            let publication = Publication {
                channel: &channel,
                id: None,
                event: Some(event),
                payload,
                user: None,
                verbatim: None,
                requester: None,
            };
            match self.accept(state, publication) {
                Ok((_, Some(change))) => self.run_triggers(state, &change),
                Ok((_, None)) => {}
                Err(rejection) => {
                    eprintln!("{channel} could not follow a change: {}", rejection.message);
                }
            }
        }
    }

    /// Until when the id of a message is remembered (ms since 1970), and the memory for it. An id
    /// that the server gives comes only once, and is remembered for as long as the log has it.
    fn remember(
        &self,
        publication: &Publication<'_>,
        edit: Option<&Edit>,
        now: u64,
    ) -> Result<(u64, Option<Reservation>), Rejection> {
        if publication.id.is_none() {
            return Ok((0, None));
        }
        let full = self.limits.effective_ack_memory_ms();
        let promised =
            publication.requester.and_then(|requester| requester.promised_ms).unwrap_or(full);
        let (user, row) =
            (publication.requester.map(|requester| &requester.user), edit.map_or(0, Edit::bytes));
        Ok((now + promised, Some(self.memory.reserve(user, row, &self.limits)?)))
    }

    /// Broadcasts an ephemeral message to all but the connection it came from, if any, which
    /// could not recognize it as its own.
    pub(crate) fn broadcast_ephemeral(
        &self,
        sender: Option<&ConnectionHandle>,
        name: &str,
        frame: &Arc<Frame>,
    ) -> Result<(), Rejection> {
        check_name(name)?;
        let state = self.state.lock();
        let members = state.channels.get(name).into_iter().flat_map(|c| c.members.values());
        let everywhere = state.everywhere.values().filter(|connection| connection.allows(name));
        members
            .map(|member| &member.connection)
            .chain(everywhere)
            .filter(|connection| sender.is_none_or(|sender| connection.number != sender.number))
            .filter(|connection| connection.features().has(Feature::Ephemeral))
            .for_each(|connection| connection.outbound.offer(Arc::clone(frame)));
        Ok(())
    }

    /// Forgets what is too old, and channels that nobody is in and of which nothing is left.
    pub(crate) fn sweep(&self) {
        let now = now_ms();
        let mut guard = self.state.lock();
        let State { channels, store, retired, first_epoch, .. } = &mut *guard;
        let mut gone = Vec::new();
        channels.retain(|name, channel| {
            channel.log.trim(&self.limits, now);
            let stays = !channel.is_idle() || channel.is_needed();
            if !stays {
                gone.push((name.clone(), channel.log.position()));
            }
            stays
        });
        if let Some(store) = store
            && !gone.is_empty()
        {
            let names: Vec<String> = gone.iter().map(|(name, _)| name.clone()).collect();
            if let Err(error) = store.forget(&names) {
                eprintln!("what is too old could not be forgotten: {error}");
            }
        }
        for (name, position) in gone.into_iter().filter(|(_, position)| position.head > 0) {
            let most = self.limits.max_channels_total;
            if retired.put(name, position, most) == Retirement::Forgotten {
                *first_epoch = random::token();
            }
        }
        guard.measure();
    }

    /// Drops all but the newest messages of a channel's log.
    pub(crate) fn truncate_log(&self, name: &str, count: usize) -> Result<(), Rejection> {
        let mut guard = self.state.lock();
        let State { channels, store, .. } = &mut *guard;
        let channel = channels
            .get_mut(name)
            .ok_or_else(|| Rejection::not_found("there is no such channel"))?;
        if let Some(store) = store {
            store.truncate_log(name, &channel.log, count).map_err(|e| storage_rejection(&e))?;
        }
        channel.log.truncate(count);
        Ok(())
    }

    /// What a restart does to channels: members and presence are gone, and with `lose` the logs.
    /// Tables stay.
    pub(crate) fn restart(&self, lose: bool) -> Result<(), Rejection> {
        let mut state = self.state.lock();
        state.everywhere.clear();
        if lose {
            let State { channels, store, first_epoch, retired, .. } = &mut *state;
            channels.retain(|_, channel| channel.table.is_some());
            channels.values_mut().for_each(|channel| channel.log.reset());
            *first_epoch = random::token();
            retired.clear();
            if let Some(store) = store {
                let kept = channels.iter().map(|(name, channel)| (name.as_str(), &channel.log));
                store.lose_logs(kept).map_err(|e| storage_rejection(&e))?;
            }
        }
        for channel in state.channels.values_mut() {
            channel.members.clear();
            channel.roster.clear();
        }
        Ok(())
    }

    /// Creates the channel of this name if it does not exist, on behalf of the requester.
    pub(crate) fn enter(
        &self,
        state: &mut State,
        name: &str,
        requester: Option<&Requester>,
    ) -> Result<(), Rejection> {
        let State { channels, store, first_epoch, retired, table_bytes, .. } = state;
        if channels.contains_key(name) {
            return Ok(());
        }
        if channels.len() >= self.limits.max_channels_total {
            return Err(Rejection::limit("the server has as many channels as it may"));
        }
        let made = requester.map(|requester| requester.make(uptime(), &self.limits)).transpose()?;
        let table = self.catalog.table(name);
        let log = match retired.take(name) {
            Some(position) => ChannelLog::restored(position.epoch, position.head),
            None => ChannelLog::new(first_epoch.clone()),
        };
        if let Some(store) = store {
            store.create(name, log.epoch(), table).map_err(|e| storage_rejection(&e))?;
        }
        let channel = Channel::new(log, table.cloned(), made);
        *table_bytes += channel.table_bytes();
        channels.insert(name.to_owned(), channel);
        Ok(())
    }
}

impl State {
    /// Forgets a channel at once that nobody is in and that never had a message. Where logs are
    /// durable the sweep does it.
    pub(crate) fn forget_if_new(&mut self, name: &str) {
        let is_new = |channel: &Channel| channel.is_idle() && channel.log.head() == 0;
        if self.store.is_none() && self.channels.get(name).is_some_and(is_new) {
            self.channels.remove(name);
        }
    }

    fn measure(&mut self) {
        self.log_bytes = self.channels.values().map(|channel| channel.log.bytes()).sum();
        self.table_bytes = self.channels.values().map(Channel::table_bytes).sum();
    }

    /// Shortens the logs that have more than their share, until all of them together are well
    /// within the bound.
    fn shorten_logs(&mut self, most: usize) {
        let share = most / 4 * 3 / self.channels.len().max(1);
        let (mut small, mut large) = (0, 0_usize);
        for log in self.channels.values().map(|channel| &channel.log) {
            if log.bytes() <= share { small += log.bytes() } else { large += 1 }
        }
        // What the small ones do not need is for the large ones.
        let share = (most / 4 * 3).saturating_sub(small) / large.max(1);
        self.channels.values_mut().for_each(|channel| channel.log.truncate_to_bytes(share));
        self.measure();
    }
}

/// Should not happen: a channel that just existed does not.
pub(crate) fn no_channel() -> Rejection {
    Rejection::internal("the channel is gone")
}

/// What a channel without a table answers.
pub(crate) fn no_table() -> Rejection {
    Rejection::not_found("there is no table behind this channel")
}

fn storage_rejection(error: &rusqlite::Error) -> Rejection {
    eprintln!("the logs cannot be written: {error}");
    Rejection::internal("the message could not be stored")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Hub, Limits, Stats};
    use crate::tables::{Catalog, Feed};

    fn epoch_of(hub: &Hub, channel: &str) -> String {
        let mut state = hub.state.lock();
        hub.enter(&mut state, channel, None).expect("room");
        state.channels[channel].log.epoch().to_owned()
    }

    #[test]
    fn channel_without_messages_keeps_its_position_after_removal() {
        let stats = Arc::new(Stats::new(9));
        let hub = Hub::new(Limits::default(), Catalog::default(), stats, None, Feed::new().0, None)
            .expect("a hub");
        let epoch = epoch_of(&hub, "quiet");
        hub.sweep();
        assert!(hub.state.lock().channels.is_empty(), "nobody needs it");
        assert_eq!(epoch_of(&hub, "quiet"), epoch);
        hub.restart(true).expect("restarted");
        assert_ne!(epoch_of(&hub, "quiet"), epoch, "a message might have been lost");
    }
}
