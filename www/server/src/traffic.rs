//! The demo's traffic: simulated events of parcels, on the channel `feed`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use serde_json::value::to_raw_value;
use tidewire_server_core::Publication;

use crate::app_state::AppState;

const CITIES: &[&str] = &[
    "Antwerp",
    "Bilbao",
    "Cork",
    "Dresden",
    "Essen",
    "Florence",
    "Ghent",
    "Haarlem",
    "Innsbruck",
    "Jena",
    "Kaunas",
    "Lyon",
];
const STEPS: &[&str] = &["booked", "picked up", "sorted", "on the road", "delivered"];
/// A fixed seed, so that the events are the same in every demo.
const SEED: u64 = 20;

/// The simulated parcels.
struct Parcels {
    random: fastrand::Rng,
    active: Vec<Parcel>,
    booked: u32,
}

#[derive(Clone)]
struct Parcel {
    number: u32,
    from: &'static str,
    to: &'static str,
    grams: u32,
    step: usize,
}

impl Parcels {
    fn new() -> Self {
        Self { random: fastrand::Rng::with_seed(SEED), active: Vec::new(), booked: 0 }
    }

    /// Books a parcel, or moves one to its next step; returns it.
    fn next(&mut self) -> Parcel {
        if self.active.len() < 4 || (self.active.len() < 12 && self.random.u8(..4) == 0) {
            self.booked += 1;
            let from = self.random.usize(..CITIES.len());
            // The destination differs from the origin.
            let to = (from + self.random.usize(1..CITIES.len())) % CITIES.len();
            let parcel = Parcel {
                number: 41_000 + self.booked,
                from: CITIES[from],
                to: CITIES[to],
                grams: self.random.u32(2..400) * 50,
                step: 0,
            };
            self.active.push(parcel.clone());
            return parcel;
        }
        let at = self.random.usize(..self.active.len());
        self.active[at].step += 1;
        let parcel = self.active[at].clone();
        if parcel.step + 1 == STEPS.len() {
            self.active.swap_remove(at);
        }
        parcel
    }

    fn pause(&mut self) -> Duration {
        Duration::from_millis(self.random.u64(600..1_400))
    }
}

/// Publishes for as long as the server runs.
pub(crate) async fn run(app_state: Arc<AppState>) {
    let mut parcels = Parcels::new();
    loop {
        tokio::time::sleep(parcels.pause()).await;
        let parcel = parcels.next();
        let payload = json!({
            "parcel": format!("P{}", parcel.number),
            "status": STEPS[parcel.step],
            "from": parcel.from,
            "to": parcel.to,
            "grams": parcel.grams,
        });
        let Ok(payload) = to_raw_value(&payload) else {
            continue;
        };
        // A rejection is reported by the hub, and later events do not depend on this one.
        let _ = app_state.hub.publish(Publication {
            channel: "feed",
            id: None,
            event: Some("parcel".into()),
            payload,
            user: None,
            verbatim: None,
            requester: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parcels_pass_every_step_in_order() {
        let mut parcels = Parcels::new();
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..500 {
            let parcel = parcels.next();
            let last = seen.insert(parcel.number, parcel.step);
            assert_eq!(parcel.step, last.map_or(0, |step| step + 1));
            assert_ne!(parcel.from, parcel.to);
        }
        assert!(seen.values().any(|step| *step + 1 == STEPS.len()));
    }
}
