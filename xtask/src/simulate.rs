//! `cargo xtask sim` and `cargo xtask fuzz`: the production client in virtual time, and what
//! hostile servers may send it, built fast and with every check.

use crate::command::Program;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Schedules that a mutation has to be seen in.
pub(crate) const MUTANT_SCHEDULES: &str = "60000";

/// The client, several of them, against a model server.
pub(crate) const SIMULATOR: Simulation =
    Simulation { name: "sim", usual: "--schedules 200000", fresh: "--fresh 20000" };

/// The client against anything that may come.
pub(crate) const FUZZER: Simulation =
    Simulation { name: "fuzz", usual: "--runs 50000", fresh: "--fresh 5000" };

/// A program of `tests/` that is run by name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Simulation {
    name: &'static str,
    /// Its arguments where none are given.
    usual: &'static str,
    /// More of them: seeds drawn anew in each run.
    fresh: &'static str,
}

impl Simulation {
    /// `arguments` replace the usual ones. Without any, fresh seeds are drawn as well.
    fn program(self, workspace: &Workspace, arguments: &[String]) -> Program {
        let program = Program::cargo()
            .arguments("test --quiet --profile sim --package tidewire --test")
            .arg(self.name)
            .arg("--")
            .arguments(self.usual)
            .arguments(if arguments.is_empty() { self.fresh } else { "" })
            .dir(workspace.root());
        arguments.iter().fold(program, Program::arg)
    }

    /// Runs it on the same terminal.
    ///
    /// # Errors
    /// When something does not hold; what, is printed.
    pub(crate) fn run(self, workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
        self.program(workspace, arguments).run()
    }

    /// Runs it as the test command does; what it counted is a note for the table.
    ///
    /// # Errors
    /// When something does not hold; the sentence holds what.
    pub(crate) fn step(self, workspace: &Workspace) -> Result<String, Failure> {
        let output = self.program(workspace, &[]).output()?;
        for line in output.lines() {
            println!("   {line}");
        }
        let last = output.lines().last().unwrap_or_default();
        Ok(last.split_once(": ").map_or(last, |(_, note)| note).to_owned())
    }
}
