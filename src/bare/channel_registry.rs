//! `channelRegistry()`: the registry of the legacy systems, on the default client.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use wasm_bindgen::prelude::*;

use super::default_client::default_session;
use super::js::object;
use super::options::ChannelOptions;
use super::session::Session;
use super::stats;
use super::subscriber::{Receiver, Subscriber};
use crate::abi::text;

/// Reference-counted channels by company and project, named `company-{c}-project-{p}` or `company-{c}`.
#[wasm_bindgen]
pub struct ChannelRegistry {
    session: Rc<Session>,
    /// One entry for each `getOrCreateChannel` that is not released.
    open: RefCell<Vec<Rc<Subscriber>>>,
}

fn name(company: &str, project: Option<&str>) -> String {
    match project {
        Some(project) => [text::COMPANY, company, text::COMPANY_PROJECT, project].concat(),
        None => [text::COMPANY, company].concat(),
    }
}

#[wasm_bindgen]
impl ChannelRegistry {
    /// Opens the channel, or counts one more reference; returns its name, for use with the client's other methods.
    ///
    /// @throws RealtimeError like `RealtimeClient.subscribe`
    #[wasm_bindgen(js_name = getOrCreateChannel)]
    pub fn get_or_create_channel(
        &self,
        #[wasm_bindgen(js_name = companyId)] company_id: &str,
        #[wasm_bindgen(js_name = projectId)] project_id: Option<String>,
    ) -> Result<String, JsValue> {
        let name = name(company_id, project_id.as_deref());
        let options = object(&[("persistent", true.into())]);
        let options = ChannelOptions::read(&options)?;
        let subscriber = self.session.open(name.clone(), options, Receiver::Callback(None))?;
        self.open.borrow_mut().push(subscriber);
        Ok(name)
    }

    /// Releases one reference; the channel stays open while idle.
    #[wasm_bindgen(js_name = releaseChannel)]
    pub fn release_channel(
        &self,
        #[wasm_bindgen(js_name = companyId)] company_id: &str,
        #[wasm_bindgen(js_name = projectId)] project_id: Option<String>,
    ) {
        let name = name(company_id, project_id.as_deref());
        let released = {
            let mut open = self.open.borrow_mut();
            let at = open.iter().position(|subscriber| subscriber.channel == name);
            at.map(|at| open.remove(at))
        };
        if let Some(subscriber) = released {
            self.session.close(&subscriber);
        }
    }

    /// Releases every reference of this registry.
    #[wasm_bindgen(js_name = closeAllChannels)]
    pub fn close_all_channels(&self) {
        for subscriber in self.open.take() {
            self.session.close(&subscriber);
        }
    }

    /// The open channels of the whole client with their counters.
    #[wasm_bindgen(js_name = getChannelStats, unchecked_return_type = "ChannelRegistryStats")]
    pub fn get_channel_stats(&self) -> JsValue {
        stats::registry(&self.session)
    }
}

/// The registry of the default client.
#[wasm_bindgen(js_name = channelRegistry)]
pub fn channel_registry() -> Result<ChannelRegistry, JsValue> {
    Ok(ChannelRegistry { session: default_session()?, open: RefCell::default() })
}
