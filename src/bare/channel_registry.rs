//! `channelRegistry()`: the registry of the older systems, on the default client.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::client::{Inner, default_client};

/// Channels by company and project, counted; `company-{c}-project-{p}`, or `company-{c}`.
#[wasm_bindgen]
pub struct ChannelRegistry {
    inner: Rc<Inner>,
    /// One entry for each `getOrCreateChannel` not yet released.
    held: RefCell<Vec<(String, Function)>>,
}

fn name(company: &str, project: Option<&str>) -> String {
    match project {
        Some(project) => ["company-", company, "-project-", project].concat(),
        None => ["company-", company].concat(),
    }
}

#[wasm_bindgen]
impl ChannelRegistry {
    /// Takes the channel once more and returns its name, which the client's other methods take.
    #[wasm_bindgen(js_name = getOrCreateChannel)]
    pub fn get_or_create_channel(
        &self,
        company_id: &str,
        project_id: Option<String>,
    ) -> Result<String, JsValue> {
        let name = name(company_id, project_id.as_deref());
        let options = crate::engine::error::object(&[("persistent", true.into())]);
        let release = self.inner.subscribe(&name, options, JsValue::NULL)?;
        self.held.borrow_mut().push((name.clone(), release));
        Ok(name)
    }

    /// Gives the channel back once; it stays open while idle.
    #[wasm_bindgen(js_name = releaseChannel)]
    pub fn release_channel(&self, company_id: &str, project_id: Option<String>) {
        let name = name(company_id, project_id.as_deref());
        let release = {
            let mut held = self.held.borrow_mut();
            let at = held.iter().position(|(of, _)| *of == name);
            at.map(|at| held.remove(at).1)
        };
        call(release);
    }

    /// Gives back every channel this registry holds.
    #[wasm_bindgen(js_name = closeAllChannels)]
    pub fn close_all_channels(&self) {
        for (_, release) in self.held.take() {
            call(Some(release));
        }
    }

    /// `{ totalChannels, channels }` of the whole client.
    #[wasm_bindgen(js_name = getChannelStats)]
    pub fn get_channel_stats(&self) -> JsValue {
        self.inner.stats()
    }
}

fn call(release: Option<Function>) {
    if let Some(release) = release {
        // Our own function: it does not throw.
        let _ = release.call0(&JsValue::UNDEFINED);
    }
}

/// The registry of the default client.
#[wasm_bindgen(js_name = channelRegistry)]
pub fn channel_registry() -> Result<ChannelRegistry, JsValue> {
    Ok(ChannelRegistry { inner: default_client()?, held: RefCell::default() })
}
