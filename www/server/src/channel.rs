//! One channel: its log, its members, who is present, and the table behind it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::account::Reservation;
use crate::connection_handle::ConnectionHandle;
use crate::features::Feature;
use crate::frame::{Frame, Object};
use crate::limits::Limits;
use crate::log::ChannelLog;
use crate::presence::{Diff, Roster};
use crate::publication::Publication;
use crate::rejection::Rejection;
use crate::tables::{Change, Edit, Origin, Table};

/// One channel.
pub(crate) struct Channel {
    pub(crate) log: ChannelLog,
    pub(crate) members: BTreeMap<u64, Membership>,
    pub(crate) roster: Roster,
    pub(crate) table: Option<Table>,
    /// Counts for whom it was made for, as long as it is there.
    _made: Option<Reservation>,
}

/// One connection's membership of one channel.
pub(crate) struct Membership {
    pub(crate) connection: Arc<ConnectionHandle>,
    pub(crate) reference: Option<Box<RawValue>>,
    /// The head last reported to this connection.
    pub(crate) reported: u64,
}

impl Channel {
    pub(crate) fn new(log: ChannelLog, table: Option<Table>, made: Option<Reservation>) -> Self {
        Self { log, members: BTreeMap::new(), roster: Roster::default(), table, _made: made }
    }

    pub(crate) fn table_bytes(&self) -> usize {
        self.table.as_ref().map_or(0, Table::bytes)
    }

    /// Whether nobody is in it.
    pub(crate) fn is_idle(&self) -> bool {
        self.members.is_empty() && self.roster.is_empty()
    }

    /// Whether it holds something that must be kept. An unchanged table equals its initial
    /// state, and every change is a message.
    pub(crate) fn is_needed(&self) -> bool {
        self.log.head() > 0 && (self.table.is_some() || !self.log.is_empty())
    }

    /// What a message would do to the table; none if it is no change.
    pub(crate) fn plan(
        &self,
        publication: &Publication<'_>,
        limits: &Limits,
    ) -> Result<Option<Edit>, Rejection> {
        let Some(table) = &self.table else {
            return Ok(None);
        };
        let Some(event) = publication.event.as_deref().filter(|event| Change::is_named(event))
        else {
            return Ok(None);
        };
        let change = Change::read(event, &publication.payload)?;
        let origin = Origin { channel: publication.channel, user: publication.user.as_deref() };
        table.plan(&change, &origin, limits).map(Some)
    }

    /// Sends a presence diff to the members.
    pub(crate) fn announce(&self, name: &str, diff: &Diff) {
        let text = Object::frame("presence_diff")
            .text("channel", name)
            .raw("joins", &diff.joins)
            .raw("leaves", &diff.leaves)
            .end();
        let frame = Arc::new(Frame::new("presence_diff", text));
        for member in self.members.values() {
            if member.connection.features().has(Feature::Presence) {
                member.connection.outbound.push(Arc::clone(&frame));
            }
        }
    }
}
