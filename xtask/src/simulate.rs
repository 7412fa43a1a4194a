//! `cargo xtask sim` and `cargo xtask fuzz`: the production client in virtual time, and what
//! hostile servers may send it, built fast and with every check.

use crate::command::Program;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Schedules in the test command; more by `cargo xtask sim --schedules N`.
pub(crate) const SCHEDULES: &str = "200000";

/// Runs in the test command.
pub(crate) const FUZZ_RUNS: &str = "50000";

/// Schedules that a mutation has to be seen in.
pub(crate) const MUTANT_SCHEDULES: &str = "60000";

/// A program of `tests/`, to be given its arguments.
fn program(workspace: &Workspace, name: &str) -> Program {
    Program::cargo()
        .words("test --quiet --profile sim --package tidewire --test")
        .arg(name)
        .arg("--")
        .dir(workspace.root())
}

/// Runs one with these arguments, on the same terminal.
///
/// # Errors
/// When something does not hold; what, is printed.
pub(crate) fn run(workspace: &Workspace, name: &str, arguments: &[&str]) -> Result<(), Failure> {
    let with = |program: Program, argument: &&str| program.arg(argument);
    arguments.iter().fold(program(workspace, name), with).run()
}

/// Runs one with these arguments; what it says last is a note for the table.
///
/// # Errors
/// When something does not hold; the sentence holds what.
pub(crate) fn step(
    workspace: &Workspace,
    name: &str,
    arguments: &[&str],
) -> Result<String, Failure> {
    let with = |program: Program, argument: &&str| program.arg(argument);
    let said = arguments.iter().fold(program(workspace, name), with).output()?;
    let last = said.lines().last().unwrap_or_default();
    println!("   {last}");
    Ok(last.split_once(": ").map_or(last, |(_, note)| note).to_owned())
}
