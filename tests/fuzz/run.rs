//! One run: a client in some state, the fuzz steps, and then a good server.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tidewire::core::input::{Input, Page as Visibility, Received};

use crate::corpus::Entry;
use crate::good_server::ensure_usable;
use crate::harness::{Features, Stage};
use crate::mutate::mutate;
use crate::page::Page;
use crate::rng::Rng;
use crate::step::{Broken, FuzzStep};

/// All steps of a run, drawn before it begins.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) seed: u64,
    pub(crate) stage: Stage,
    pub(crate) features: Features,
    pub(crate) steps: Vec<FuzzStep>,
}

/// The corpus, unmutated, in the states and with the extensions of each file.
pub(crate) fn replays(corpus: &[Entry]) -> Vec<Run> {
    let mut runs = Vec::new();
    for entry in corpus {
        for stage in
            Stage::ALL.into_iter().filter(|stage| entry.stage.is_none_or(|own| own == *stage))
        {
            for features in Features::ALL
                .into_iter()
                .filter(|features| entry.features.is_none_or(|own| own == *features))
            {
                let steps = entry.steps.clone();
                runs.push(Run { seed: 0, stage, features, steps });
            }
        }
    }
    runs
}

/// A run with mutated frames of the corpus.
pub(crate) fn draw(seed: u64, corpus: &[Entry]) -> Run {
    let mut rng = Rng::new(seed);
    let entry = |rng: &mut Rng| &corpus[rng.below(corpus.len() as u64) as usize];
    let main = entry(&mut rng);
    // States that last long are more frequent.
    let stage = match rng.below(3) {
        0 => rng.of(&Stage::ALL),
        _ => rng.of(&[Stage::Live, Stage::Editing, Stage::Gap, Stage::Rejoining]),
    };
    let features = match rng.below(3) {
        0 => rng.of(&Features::ALL),
        _ => Features::Full,
    };
    // Frames of one kind of server are sent to a client of that kind.
    let features = main.features.filter(|_| !rng.one_in(8)).unwrap_or(features);
    let mut steps = Vec::new();
    for _ in 0..1 + rng.below(24) {
        let from = if rng.one_in(5) { entry(&mut rng) } else { main };
        let at = rng.below(from.steps.len().max(1) as u64) as usize;
        let Some(mut step) = from.steps.get(at).cloned() else { continue };
        for _ in 0..rng.below(4) {
            step = mutate(&step, &mut rng, &from.steps);
        }
        steps.push(step);
        if rng.one_in(6) {
            steps.push(FuzzStep::Wait(rng.of(&[1, 60, 300, 3_000, 12_000])));
        }
        if rng.one_in(30) {
            steps.push(FuzzStep::Cut);
        }
    }
    Run { seed, stage, features, steps }
}

impl Run {
    /// Performs the run.
    ///
    /// # Errors
    /// The violated invariant.
    pub(crate) fn perform(&self) -> Result<(), String> {
        catch_unwind(AssertUnwindSafe(|| {
            let mut page = self.stage.reach(self.features, self.seed);
            for step in &self.steps {
                apply_step(&mut page, step);
            }
            ensure_usable(&mut page);
        }))
        .map_err(|panic| {
            let message = panic.downcast_ref::<String>().cloned();
            let message = message.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            message.unwrap_or_else(|| "it panicked".to_owned())
        })
    }
}

impl fmt::Display for Run {
    /// Formats the run as a file of the corpus.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stage, features) = (self.stage.name(), self.features.name());
        writeln!(f, "{{\n  \"stage\": \"{stage}\",\n  \"features\": \"{features}\",")?;
        let frames: Vec<_> = self.steps.iter().map(|one| one.write().to_string()).collect();
        writeln!(f, "  \"frames\": [\n    {}\n  ]\n}}", frames.join(",\n    "))
    }
}

fn apply_step(page: &mut Page, step: &FuzzStep) {
    match step {
        FuzzStep::Frame(frame) => page.receive(Received::Value(frame.clone())),
        FuzzStep::Broken(Broken::Binary) => page.receive(Received::UnexpectedBinary),
        FuzzStep::Broken(Broken::NotJson) => page.receive(Received::NotJson),
        FuzzStep::Broken(Broken::TooLarge) => page.receive(Received::TooLarge(None)),
        FuzzStep::Wait(ms) => page.pass(*ms),
        FuzzStep::Cut => {
            page.cut();
            page.pass(2_000);
        }
        FuzzStep::Visible(visible) => {
            let visibility = if *visible { Visibility::Visible } else { Visibility::Hidden };
            page.call(|client, now| client.handle_input(now, Input::Page(visibility)));
        }
        FuzzStep::Answer(answer) => page.answer(answer),
    }
}
