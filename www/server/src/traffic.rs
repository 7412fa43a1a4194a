//! The demo's traffic: a parcel service at work, on the channel `feed`.

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
/// The same parcels travel in every demo.
const SEED: u64 = 20;

/// Parcels on their way.
struct Depot {
    random: fastrand::Rng,
    parcels: Vec<Parcel>,
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

impl Depot {
    fn new() -> Self {
        Self { random: fastrand::Rng::with_seed(SEED), parcels: Vec::new(), booked: 0 }
    }

    /// Books a parcel, or moves one on.
    fn next(&mut self) -> Parcel {
        if self.parcels.len() < 4 || (self.parcels.len() < 12 && self.random.u8(..4) == 0) {
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
            self.parcels.push(parcel.clone());
            return parcel;
        }
        let at = self.random.usize(..self.parcels.len());
        self.parcels[at].step += 1;
        let parcel = self.parcels[at].clone();
        if parcel.step + 1 == STEPS.len() {
            self.parcels.swap_remove(at);
        }
        parcel
    }

    fn pause(&mut self) -> Duration {
        Duration::from_millis(self.random.u64(600..1_400))
    }
}

/// Publishes for as long as the server runs.
pub(crate) async fn run(app_state: Arc<AppState>) {
    let mut depot = Depot::new();
    loop {
        tokio::time::sleep(depot.pause()).await;
        let parcel = depot.next();
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
        // A rejection is reported where it arises, and the next event is as good as this one.
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
        let mut depot = Depot::new();
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..500 {
            let parcel = depot.next();
            let last = seen.insert(parcel.number, parcel.step);
            assert_eq!(parcel.step, last.map_or(0, |step| step + 1));
            assert_ne!(parcel.from, parcel.to);
        }
        assert!(seen.values().any(|step| *step + 1 == STEPS.len()));
    }
}
