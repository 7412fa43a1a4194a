//! What comes from the channel, from a load or from a settled insert.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::edit::ChangeKind;
use crate::core::id::{MutationId, RequestId};
use crate::core::message::StreamPosition;
use crate::core::payload::Payload;

/// Input that is applied once the keys of its rows are known.
#[derive(Debug)]
pub(super) enum Incoming<P> {
    /// A message of the channel, which may be none of this collection's.
    Message(Option<StreamPosition>, Option<ChangeMessage<P>>),
    /// The stored row of an insert.
    Stored { mutation: MutationId, seq: Option<u64>, row: P, key: Option<Rc<str>> },
    /// A load.
    Loaded {
        request: RequestId,
        /// The rows whose keys are not known yet, last one first.
        rows: Vec<P>,
        keyed: Vec<(Rc<str>, P)>,
        position: Option<StreamPosition>,
    },
}

/// A change message.
#[derive(Debug)]
pub(super) struct ChangeMessage<P> {
    pub(super) kind: ChangeKind,
    pub(super) key: Option<Rc<str>>,
    pub(super) row: Option<P>,
    /// The ids under which this client may know it.
    pub(super) ids: [Option<String>; 2],
}

impl<P: Payload> Incoming<P> {
    /// A row whose key has to be requested from the app before this can be applied.
    pub(super) fn row_without_key(&self) -> Option<&P> {
        match self {
            Self::Message(_, Some(ChangeMessage { key: None, row, .. })) => row.as_ref(),
            Self::Stored { key: None, row, .. } => Some(row),
            Self::Loaded { rows, .. } => rows.last(),
            Self::Message(..) | Self::Stored { .. } => None,
        }
    }
}
