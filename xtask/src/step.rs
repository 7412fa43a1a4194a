//! Runs named steps, measures their time and prints a table of them at the end.

use crate::failure::Failure;
use std::fmt;
use std::time::{Duration, Instant};

/// The steps done so far.
#[derive(Debug)]
pub(crate) struct Report {
    started: Instant,
    passed: Vec<Line>,
    failed: Option<Line>,
}

#[derive(Debug)]
struct Line {
    name: &'static str,
    took: Duration,
    note: String,
}

impl Report {
    /// An empty report; its total time starts now.
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), passed: Vec::new(), failed: None }
    }

    /// Prints the name of a step, runs it and records its time. The work returns a note for the table, which may be
    /// empty.
    ///
    /// # Errors
    /// The work's own failure, with the step's name as a prefix.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        println!("\n── {} · {name}", self.passed.len() + 1);
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        match result {
            Ok(note) => {
                println!("   done in {}", seconds(took));
                self.passed.push(Line { name, took, note });
                Ok(())
            }
            Err(failure) => {
                self.failed = Some(Line { name, took, note: "FAILED".into() });
                Err(Failure::new(format!("{name}: {failure}")))
            }
        }
    }
}

impl fmt::Display for Report {
    /// The table; its last line reads `N passed, 0 failed`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || self.passed.iter().chain(&self.failed);
        let width = lines().map(|line| line.name.chars().count()).max().unwrap_or(0);
        for line in lines() {
            let Line { name, took, note } = line;
            let row = format!("  {name:width$}  {:>8}  {note}", seconds(*took));
            writeln!(formatter, "{}", row.trim_end())?;
        }
        writeln!(formatter, "  {:width$}  {:>8}", "in all", seconds(self.started.elapsed()))?;
        write!(
            formatter,
            "{} passed, {} failed",
            self.passed.len(),
            usize::from(self.failed.is_some())
        )
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_the_steps() -> Result<(), Failure> {
        let mut report = Report::new();
        report.step("one", || Ok(String::new()))?;
        report.step("two", || Ok("12 kB".into()))?;
        assert!(report.to_string().ends_with("\n2 passed, 0 failed"));
        Ok(())
    }

    #[test]
    fn a_failed_step_is_named_and_counted() {
        let mut report = Report::new();
        let failure = report.step("lint", || Err(Failure::new("no.")));
        assert_eq!(failure.err().map(|f| f.to_string()).as_deref(), Some("lint: no."));
        assert!(report.to_string().ends_with("\n0 passed, 1 failed"));
    }
}
