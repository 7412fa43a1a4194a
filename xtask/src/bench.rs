//! `cargo xtask bench`: measures the costs of the package and of other libraries.

use crate::browser::Browser;
use crate::command::Program;
use crate::failure::Failure;
use crate::npm;
use crate::pack;
use crate::stamp::Stage;
use crate::workspace::Workspace;

/// The folder of the bench, which has dependencies of its own: the other libraries.
const FOLDER: &str = "tests/bench";

/// The mode of the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bench {
    /// Measure, and write tables and plots.
    Measure(Measurement),
    /// Compare the values that are the same on every machine with their limits.
    Limits(Limits),
}

/// The options of a measurement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measurement {
    /// The only scenario to measure, by the name of its file; all by default.
    only: Option<String>,
    /// The libraries to measure, separated by commas; all by default.
    libraries: Option<String>,
    /// The number of rounds; by default the number that the bench sets.
    rounds: Option<u32>,
    extent: Extent,
    tables: Tables,
}

/// Which tables of the documents are updated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tables {
    /// All of them after a complete run, none otherwise.
    #[default]
    OfCompleteRuns,
    /// Those of which there are results, of this run or an earlier one.
    Measured,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Extent {
    #[default]
    Whole,
    /// One round of few messages, to see that everything works.
    Quick,
}

/// The use of the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limits {
    /// Compare the measured values with them.
    Check,
    /// Replace them by the measured values.
    Record,
}

impl Bench {
    /// Parses the arguments after `bench`.
    ///
    /// # Errors
    /// When an argument is unknown or lacks its value.
    pub(crate) fn parse(arguments: &[&str]) -> Result<Self, Failure> {
        match arguments {
            ["--limits"] => Ok(Self::Limits(Limits::Check)),
            ["--limits", "--record"] => Ok(Self::Limits(Limits::Record)),
            _ => Measurement::parse(arguments).map(Self::Measure),
        }
    }

    /// Builds what the bench needs, and runs it.
    ///
    /// # Errors
    /// When something is missing, a scenario fails, or a limit is exceeded; measured times have no limits.
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<(), Failure> {
        npm::install(workspace)?;
        let browser = Browser::require()?;
        pack::run(workspace)?;
        match self {
            Self::Measure(measurement) => {
                install(workspace)?;
                measurement.program(browser.script(workspace, "bench")).run()
            }
            Self::Limits(limits) => limits.program(browser.script(workspace, "bench:limits")).run(),
        }
    }
}

impl Measurement {
    fn parse(arguments: &[&str]) -> Result<Self, Failure> {
        let mut measurement = Self::default();
        let mut rest = arguments;
        loop {
            rest = match rest {
                [] => return Ok(measurement),
                ["--quick", rest @ ..] => {
                    measurement.extent = Extent::Quick;
                    rest
                }
                ["--publish", rest @ ..] => {
                    measurement.tables = Tables::Measured;
                    rest
                }
                ["--only", name, rest @ ..] => {
                    measurement.only = Some((*name).into());
                    rest
                }
                ["--libraries", names, rest @ ..] => {
                    measurement.libraries = Some((*names).into());
                    rest
                }
                ["--rounds", number, rest @ ..] => {
                    let rounds = number.parse().ok().filter(|rounds| *rounds > 0);
                    let invalid = || Failure::new(format!("`{number}` is not a number of rounds."));
                    measurement.rounds = Some(rounds.ok_or_else(invalid)?);
                    rest
                }
                [argument, ..] => {
                    return Err(Failure::new(format!(
                        "`{argument}` is not an option of `bench`, or lacks its value."
                    )));
                }
            }
        }
    }

    /// The given script with the options in its environment and arguments.
    fn program(&self, script: Program) -> Program {
        let mut program = script;
        if let Some(rounds) = self.rounds {
            program = program.env("BENCH_ROUNDS", rounds.to_string());
        }
        if self.extent == Extent::Quick {
            program = program.env("BENCH_QUICK", "1");
        }
        if let Some(libraries) = &self.libraries {
            program = program.env("BENCH_LIBRARIES", libraries);
        }
        if self.tables == Tables::Measured {
            program = program.env("BENCH_PUBLISH", "1");
        }
        match &self.only {
            Some(name) => program.arg("--").arg(format!("scenarios/{name}.spec.ts")),
            // Only complete runs update the tables of the documents.
            None if self.extent == Extent::Whole && self.libraries.is_none() => {
                program.env("BENCH_PUBLISH", "1")
            }
            None => program,
        }
    }
}

impl Limits {
    fn program(self, script: Program) -> Program {
        match self {
            Self::Check => script,
            Self::Record => script.env("BENCH_RECORD", "1"),
        }
    }
}

/// Installs the other libraries, in the versions that are locked.
fn install(workspace: &Workspace) -> Result<(), Failure> {
    let folder = workspace.path(FOLDER);
    let stage = Stage {
        name: "Libraries of the bench",
        inputs: vec![folder.join("package.json"), folder.join("package-lock.json")],
        settings: String::new(),
        outputs: vec![folder.join("node_modules/.package-lock.json")],
    };
    stage.run(workspace, || {
        npm::npm(workspace)
            .arguments(
                "ci --workspaces=false --ignore-scripts --no-audit --no-fund --loglevel=error",
            )
            .dir(&folder)
            .run()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Bench, Failure> {
        Bench::parse(&line.split_whitespace().collect::<Vec<_>>())
    }

    #[test]
    fn without_arguments_everything_is_measured() -> Result<(), Failure> {
        assert_eq!(parsed("")?, Bench::Measure(Measurement::default()));
        Ok(())
    }

    #[test]
    fn the_options_may_be_combined() -> Result<(), Failure> {
        let wanted = Measurement {
            only: Some("receive".into()),
            libraries: Some("phoenix,pusher".into()),
            rounds: Some(3),
            extent: Extent::Quick,
            tables: Tables::Measured,
        };
        let line = "--rounds 3 --quick --only receive --libraries phoenix,pusher --publish";
        assert_eq!(parsed(line)?, Bench::Measure(wanted));
        assert_eq!(parsed("--limits --record")?, Bench::Limits(Limits::Record));
        Ok(())
    }

    #[test]
    fn an_unknown_option_and_a_missing_value_are_errors() {
        for line in ["--fast", "--only", "--rounds", "--rounds 0", "--rounds many", "--record"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
