//! The engine's functions for the messages of its socket.

use wasm_bindgen::prelude::*;

use super::engine::Engine;
use crate::core::id::{ChannelId, SocketId};
use crate::core::message_head::{MessageHead, Packing};

#[wasm_bindgen]
impl Engine {
    /// Decides on a message by its head: `Receipt`. `seq` is its number in the channel's log; negative: it has none. `units` is the
    /// size of the text in UTF-16 units, of an array of frames that of the first one; `inArray` if it is in one. `wallMs`: `Date.now()`.
    #[wasm_bindgen(js_name = receiveHead)]
    pub fn receive_head(
        &self,
        socket: u32,
        channel: u32,
        seq: f64,
        units: u32,
        in_array: bool,
        wall_ms: f64,
    ) -> u32 {
        let head = MessageHead {
            socket: SocketId(socket),
            channel: ChannelId(channel),
            seq: (seq >= 0.0).then_some(seq as u64),
            bytes: units as usize,
            packing: if in_array { Packing::Batch } else { Packing::Alone },
        };
        self.driver.receive(head, wall_ms) as u32
    }

    /// Sends what is queued, reports what is pending, and sets the timer.
    pub fn poll(&self) {
        self.driver.drain();
    }

    /// Handles a message of the socket: the value of a JSON text, and the size of the text in UTF-16 units.
    #[wasm_bindgen(js_name = receiveValue)]
    pub fn receive_value(
        &self,
        socket: u32,
        #[wasm_bindgen(unchecked_param_type = "unknown")] value: JsValue,
        units: u32,
    ) {
        self.driver.receive_value(SocketId(socket), value, units as usize);
    }

    /// Handles a message of the socket: its data.
    #[wasm_bindgen(js_name = receiveData)]
    pub fn receive_data(
        &self,
        socket: u32,
        #[wasm_bindgen(unchecked_param_type = "unknown")] data: JsValue,
    ) {
        self.driver.receive_data(SocketId(socket), data);
    }
}
