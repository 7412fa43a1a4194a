//! The members of one channel.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::account::Reservation;
use crate::features::Features;

/// The members of a channel.
#[derive(Debug, Default)]
pub(crate) struct Channel {
    /// The members by the number of their connection.
    pub(crate) members: BTreeMap<u64, Membership>,
    /// Counts towards the limits of its creator while the channel exists.
    _made: Option<Reservation>,
}

/// One connection's membership of one channel.
#[derive(Debug)]
pub(crate) struct Membership {
    pub(crate) features: Features,
    pub(crate) reference: Option<Box<RawValue>>,
    /// The head last reported to this connection.
    pub(crate) reported: u64,
}

impl Channel {
    pub(crate) fn new(made: Option<Reservation>) -> Self {
        Self { members: BTreeMap::new(), _made: made }
    }
}
