//! One channel: its log, its members, who is present, and the table behind it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::account::Hold;
use crate::connection_handle::Link;
use crate::features::Feature;
use crate::frame::{Frame, Object};
use crate::limits::Limits;
use crate::log::ChannelLog;
use crate::presence::{Diff, Roster};
use crate::publication::Publication;
use crate::refusal::Refusal;
use crate::tables::{Change, Edit, Origin, Table};

/// One channel.
pub(crate) struct Channel {
    pub(crate) log: ChannelLog,
    pub(crate) members: BTreeMap<u64, Membership>,
    pub(crate) roster: Roster,
    pub(crate) table: Option<Table>,
    /// Counts for whom it was made for, as long as it is there.
    _made: Option<Hold>,
}

/// One connection's membership of one channel.
pub(crate) struct Membership {
    pub(crate) link: Arc<Link>,
    pub(crate) reference: Option<Box<RawValue>>,
    /// The head this connection was last told of.
    pub(crate) reported: u64,
}

impl Channel {
    pub(crate) fn new(log: ChannelLog, table: Option<Table>, made: Option<Hold>) -> Self {
        Self { log, members: BTreeMap::new(), roster: Roster::default(), table, _made: made }
    }

    pub(crate) fn table_bytes(&self) -> usize {
        self.table.as_ref().map_or(0, Table::bytes)
    }

    /// Whether nobody is in it.
    pub(crate) fn is_idle(&self) -> bool {
        self.members.is_empty() && self.roster.is_empty()
    }

    /// Whether something is in it that has to stay. A table that was never changed is as it
    /// begins, and every change is a message.
    pub(crate) fn is_needed(&self) -> bool {
        self.log.head() > 0 && (self.table.is_some() || !self.log.is_spent())
    }

    /// What a message would do to the table; nothing, if it asks for no change.
    pub(crate) fn plan(
        &self,
        publication: &Publication<'_>,
        limits: &Limits,
    ) -> Result<Option<Edit>, Refusal> {
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

    /// Tells the members who came and went.
    pub(crate) fn announce(&self, name: &str, diff: &Diff) {
        let text = Object::frame("presence_diff")
            .text("channel", name)
            .raw("joins", &diff.joins)
            .raw("leaves", &diff.leaves)
            .end();
        let frame = Arc::new(Frame::new("presence_diff", text));
        for member in self.members.values() {
            if member.link.features().has(Feature::Presence) {
                member.link.outbound.push(Arc::clone(&frame));
            }
        }
    }
}
