//! The presence of a channel.

use alloc::rc::Rc;

use js_sys::{Function, Map, Promise};
use wasm_bindgen::prelude::*;

use super::error::invalid;
use super::handle::Handle;
use super::js::{copy_of, function, member, name};
use super::serialize::object_of;
use crate::core::payload::Payload;
use crate::core::presence::PresenceAction;
use crate::web::JsPayload;

/// The presence of a channel. Its types are those of the interface `Presence` in `types.d.ts`.
#[wasm_bindgen(skip_typescript)]
pub struct Presence {
    handle: Rc<Handle>,
}

impl Presence {
    pub(super) const fn new(handle: Rc<Handle>) -> Self {
        Self { handle }
    }
}

#[wasm_bindgen]
impl Presence {
    #[wasm_bindgen(getter)]
    pub fn state(&self) -> Result<Map, JsValue> {
        self.handle.ensure_presence(None)?;
        Ok(self.handle.subscriber.view().presence)
    }

    pub fn track(&self, meta: &JsValue, options: &JsValue) -> Result<Promise, JsValue> {
        let meta = JsPayload::from_serialized(&object_of(meta, "meta")?);
        let key = match member(&copy_of(options, "options")?, "key") {
            none if none.is_undefined() || none.is_null() => None,
            key => Some(key.as_string().ok_or_else(|| invalid("options.key must be a string"))?),
        };
        self.handle.ensure_presence(key.as_deref())?;
        self.handle.session.act(self.handle.channel(), PresenceAction::Track { key, meta })
    }

    pub fn update(&self, meta: &JsValue) -> Result<Promise, JsValue> {
        let meta = JsPayload::from_serialized(&object_of(meta, "meta")?);
        self.handle.ensure_presence(None)?;
        self.handle.session.act(self.handle.channel(), PresenceAction::Update { meta })
    }

    pub fn untrack(&self) -> Result<Promise, JsValue> {
        self.handle.ensure_presence(None)?;
        self.handle.session.act(self.handle.channel(), PresenceAction::Untrack)
    }

    pub fn on(&self, event: &JsValue, listener: &JsValue) -> Result<Function, JsValue> {
        let (event, listener) = (name(event, "event")?, function(listener, "listener")?);
        self.handle.ensure_presence(None)?;
        Ok(self.handle.activity.add(event, listener))
    }
}
