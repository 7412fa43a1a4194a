//! `cargo xtask sim` and `cargo xtask fuzz`: the production client in virtual time, and what
//! hostile servers may send it, built fast and with every check.

use crate::command::Program;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Schedules that a mutation has to be seen in.
pub(crate) const MUTANT_SCHEDULES: &str = "60000";

/// The client, several of them, against a model server.
pub(crate) const SIMULATOR: Simulation = Simulation { name: "sim", usual: "--schedules 200000" };

/// The client against anything that may come.
pub(crate) const FUZZER: Simulation = Simulation { name: "fuzz", usual: "--runs 50000" };

/// A program of `tests/` that is run by name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Simulation {
    name: &'static str,
    /// What it is told in the test command, and wherever nothing else is said.
    usual: &'static str,
}

impl Simulation {
    fn program(self, workspace: &Workspace) -> Program {
        Program::cargo()
            .words("test --quiet --profile sim --package tidewire --test")
            .arg(self.name)
            .arg("--")
            .words(self.usual)
            .dir(workspace.root())
    }

    /// Runs it on the same terminal; `arguments` go over the usual ones.
    ///
    /// # Errors
    /// When something does not hold; what, is printed.
    pub(crate) fn run(self, workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
        arguments.iter().fold(self.program(workspace), Program::arg).run()
    }

    /// Runs it as the test command does; what it counted is a note for the table.
    ///
    /// # Errors
    /// When something does not hold; the sentence holds what.
    pub(crate) fn step(self, workspace: &Workspace) -> Result<String, Failure> {
        let said = self.program(workspace).output()?;
        let last = said.lines().last().unwrap_or_default();
        println!("   {last}");
        Ok(last.split_once(": ").map_or(last, |(_, note)| note).to_owned())
    }
}
