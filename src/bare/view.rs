//! The state of a channel, as its handles and collections show it.

use js_sys::{Array, Map};
use wasm_bindgen::prelude::*;

use crate::core::state::{ChannelState, Continuity};

/// The state of a channel, which its subscribers share.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) state: ChannelState,
    pub(super) continuity: Continuity,
    /// An `Error`, or null.
    pub(super) error: JsValue,
    /// The metas by key: a new map with each change.
    pub(super) presence: Map,
    /// The names of typing members: a new array with each change.
    pub(super) who: Array,
}

impl View {
    /// The state of a new channel.
    pub(super) fn new() -> Self {
        Self {
            state: ChannelState::Joining,
            continuity: Continuity::Fresh,
            error: JsValue::NULL,
            presence: Map::new(),
            who: Array::new(),
        }
    }
}
