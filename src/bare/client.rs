//! The client of the bare module, for apps that load the wasm themselves.

use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::Url;

use super::channel::Channel;
use super::collection::Collection;
use super::default_client::default_session;
use super::js::{copy_of, merged, name, object, optional_function};
use super::names;
use super::options::{ChannelOptions, SendOptions};
use super::session::Session;
use super::stats;
use super::subscriber::Receiver;
use crate::abi::option_names::OptionsOf;
use crate::core::state::State;

impl Session {
    /// Subscribes a callback; returns the function that unsubscribes.
    pub(super) fn subscribe(
        self: &Rc<Self>,
        channel: &JsValue,
        options: &JsValue,
        callback: &JsValue,
    ) -> Result<Function, JsValue> {
        let channel = name(channel, "channel")?;
        let callback = optional_function(callback, "callback")?;
        self.check_names(OptionsOf::Channel, options, Some(&channel));
        let options = ChannelOptions::read(options)?;
        let subscriber = self.open(channel, options, Receiver::Callback(callback))?;
        let session = self.clone();
        Ok(super::js::undo(move || session.close(&subscriber)))
    }
}

/// A realtime client: one connection, opened with the first demand and closed without any.
///
/// ```js
/// const client = new RealtimeClient('wss://example.com/ws/realtime', { getToken: () => session.token });
/// const room = client.channel('room');
/// room.on('chat', ({ text }) => console.log(text));
/// await room.send('chat', { text: 'hello' });
/// ```
#[wasm_bindgen]
pub struct RealtimeClient {
    session: Rc<Session>,
}

impl RealtimeClient {
    pub(super) const fn of(session: Rc<Session>) -> Self {
        Self { session }
    }
}

#[wasm_bindgen]
impl RealtimeClient {
    /// Creates a client. Nothing is connected until the first `subscribe`, `channel`, `collection`, `send` or
    /// `connect`.
    ///
    /// @param urlOrOptions the server's address, or all options
    /// @param options the other options, after an address
    /// @throws RealtimeError `invalid_argument`
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(
            js_name = urlOrOptions,
            unchecked_optional_param_type = "ClientOptions['url'] | ClientOptions"
        )]
        url_or_options: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ClientOptions")] options: JsValue,
    ) -> Result<Self, JsValue> {
        let is_url = url_or_options.is_string()
            || url_or_options.is_function()
            || url_or_options.is_instance_of::<Url>();
        let given = match is_url {
            true => merged(&copy_of(&options, "options")?, &object(&[("url", url_or_options)])),
            false if options.is_undefined() => url_or_options,
            false => merged(&copy_of(&url_or_options, "options")?, &copy_of(&options, "options")?),
        };
        Ok(Self { session: Session::new(&given)? })
    }

    /// Changes the given options; the others stay.
    ///
    /// @throws RealtimeError `invalid_argument`, `destroyed`
    pub fn configure(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ClientOptions")] options: JsValue,
    ) -> Result<(), JsValue> {
        self.session.configure(&options)
    }

    /// `subscribe(channel, options, callback?)`
    #[wasm_bindgen(skip_typescript)]
    pub fn subscribe(
        &self,
        channel: &JsValue,
        options: &JsValue,
        callback: &JsValue,
    ) -> Result<Function, JsValue> {
        self.session.subscribe(channel, options, callback)
    }

    /// `channel(name, options?)`
    #[wasm_bindgen(skip_typescript)]
    pub fn channel(&self, name: &JsValue, options: &JsValue) -> Result<Channel, JsValue> {
        Channel::open(&self.session, super::js::name(name, "channel")?, options)
    }

    /// `collection(channel, options?)`
    #[wasm_bindgen(skip_typescript)]
    pub fn collection(&self, channel: &JsValue, options: &JsValue) -> Result<Collection, JsValue> {
        Collection::open(&self.session, name(channel, "channel")?, options)
    }

    /// Sends a message. It needs no subscription, is queued while there is no connection, and is serialised at the
    /// call: changing the object later has no effect.
    ///
    /// @returns a promise of the acknowledgement, with the message's `id` and `status`
    /// @throws RealtimeError `invalid_argument`, `destroyed`; all other errors reject the promise
    #[wasm_bindgen(unchecked_return_type = "Sent")]
    pub fn send(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] channel: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "unknown")] message: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "SendOptions")] options: JsValue,
    ) -> Result<Promise, JsValue> {
        let channel = name(channel, "channel")?;
        self.session.check_names(OptionsOf::Send, &options, Some(&channel));
        self.session.send(&channel, message, SendOptions::read(&options)?)
    }

    /// Connects, and stays connected even without subscribers until `disconnect()`. Rarely needed.
    ///
    /// @returns a promise that resolves when the client is ready, and rejects with the connection's error if it fails,
    /// `aborted` if `disconnect()` was called first, or `destroyed`
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn connect(&self) -> Promise {
        self.session.connect()
    }

    /// Closes the connection until the next `connect()`, `subscribe`, `channel` or `send`.
    ///
    /// @throws RealtimeError `destroyed`
    pub fn disconnect(&self) -> Result<(), JsValue> {
        self.session.disconnect()
    }

    /// Ends the client for good: its sends fail with `destroyed`, and later calls throw that.
    pub fn destroy(&self) {
        self.session.destroy();
    }

    /// Uses a new token (sign in, or `null` for sign out) without waiting for `getToken`.
    ///
    /// @throws RealtimeError `invalid_argument`, `destroyed`
    #[wasm_bindgen(js_name = setToken)]
    pub fn set_token(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string | null")] token: &JsValue,
    ) -> Result<(), JsValue> {
        self.session.set_token(token)
    }

    /// `on(event, listener)`
    #[wasm_bindgen(skip_typescript)]
    pub fn on(&self, event: &JsValue, listener: &JsValue) -> Result<Function, JsValue> {
        self.session.on(event, listener)
    }

    /// The state of the connection.
    #[wasm_bindgen(getter, unchecked_return_type = "State")]
    pub fn state(&self) -> String {
        self.session.state().name().to_owned()
    }

    /// The quality of the connection.
    #[wasm_bindgen(getter, unchecked_return_type = "Quality")]
    pub fn quality(&self) -> String {
        self.session.snapshot.shown().quality.name().to_owned()
    }

    /// The last error; `null` once the client is ready again.
    #[wasm_bindgen(getter, unchecked_return_type = "RealtimeError | null")]
    pub fn error(&self) -> JsValue {
        self.session.snapshot.shown().error
    }

    /// The state by the names of the legacy client.
    #[wasm_bindgen(js_name = getState, unchecked_return_type = "LegacyState")]
    pub fn get_state(&self) -> String {
        names::legacy_state(self.session.state()).to_owned()
    }

    /// Whether the state is `ready`.
    #[wasm_bindgen(js_name = isReady)]
    pub fn is_ready(&self) -> bool {
        self.session.state() == State::Ready
    }

    /// Counters since the client was created.
    #[wasm_bindgen(js_name = getMetrics, unchecked_return_type = "Metrics")]
    pub fn get_metrics(&self) -> JsValue {
        stats::metrics(&self.session)
    }

    /// The open channels with their counters.
    #[wasm_bindgen(js_name = getChannelStats, unchecked_return_type = "ChannelRegistryStats")]
    pub fn get_channel_stats(&self) -> JsValue {
        stats::registry(&self.session)
    }

    /// State, quality, error and queue depth: the same object until one of them changes.
    #[wasm_bindgen(js_name = getSnapshot, unchecked_return_type = "ClientSnapshot")]
    pub fn get_snapshot(&self) -> JsValue {
        self.session.snapshot.object()
    }
}

/// The default client: the same for every caller. Configure it before or after its first use.
#[wasm_bindgen(js_name = realtimeClient)]
pub fn realtime_client() -> Result<RealtimeClient, JsValue> {
    default_session().map(RealtimeClient::of)
}

/// Subscribes on the default client; returns the function that unsubscribes. Not a React hook.
#[wasm_bindgen(js_name = useRealtimeChannel, unchecked_return_type = "Unsubscribe")]
pub fn use_realtime_channel(
    channel: &str,
    #[wasm_bindgen(unchecked_param_type = "ChannelOptions | null | undefined")] options: JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "MessageCallback<any> | null")]
    callback: JsValue,
) -> Result<Function, JsValue> {
    default_session()?.subscribe(&channel.into(), &options, &callback)
}
