//! `cargo xtask sim` and `cargo xtask fuzz`: run the simulator and the fuzzer, built with optimisations and all
//! assertions.

use crate::command::Program;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// The default number of schedules within which a mutation has to be caught.
pub(crate) const MUTANT_SCHEDULES: &str = "60000";

/// The simulator: several clients against a model server.
pub(crate) const SIMULATOR: Simulation =
    Simulation { name: "sim", usual: "--schedules 200000", fresh: "--fresh 20000" };

/// The fuzzer: one client that receives arbitrary frames.
pub(crate) const FUZZER: Simulation =
    Simulation { name: "fuzz", usual: "--runs 50000", fresh: "--fresh 5000" };

/// A test program that is run by name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Simulation {
    name: &'static str,
    /// Its default arguments.
    usual: &'static str,
    /// Additional default arguments: runs from a seed that differs each time.
    fresh: &'static str,
}

impl Simulation {
    /// `arguments` are added to the usual ones, and override them. Without any, fresh seeds are run as well.
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
    /// When an invariant fails; the program prints it.
    pub(crate) fn run(self, workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
        self.program(workspace, arguments).run()
    }

    /// Runs it with the default arguments and returns its counts as a note for the table.
    ///
    /// # Errors
    /// When an invariant fails; the message contains it.
    pub(crate) fn step(self, workspace: &Workspace) -> Result<String, Failure> {
        let output = self.program(workspace, &[]).output()?;
        for line in output.lines() {
            println!("   {line}");
        }
        let last = output.lines().last().unwrap_or_default();
        Ok(last.split_once(": ").map_or(last, |(_, note)| note).to_owned())
    }
}
