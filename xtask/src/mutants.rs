//! `cargo xtask mutants`: whether the simulator sees what it is there to see.
//!
//! Each mutation is made in a copy of the sources, and the one invariant that is named for it has
//! to fail there.

use crate::command::Program;
use crate::failure::{Failure, OrFail};
use crate::mutation::{self, Mutation};
use crate::stamp::entries;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// What the simulator is built from, and what cargo wants to see of the workspace.
const SOURCES: [&str; 7] =
    ["Cargo.toml", "Cargo.lock", "src", "tests/sim", "tests/fuzz", "xtask", "www/server"];

/// Makes the mutations one after another (those of one invariant, if one is named), and prints what
/// saw each.
///
/// # Errors
/// When a line to be changed is not there once, when a mutation is not seen, or when no invariant has
/// that name.
pub(crate) fn run(
    workspace: &Workspace,
    schedules: &str,
    only: Option<&str>,
) -> Result<String, Failure> {
    let mut mutations = mutation::all(workspace)?;
    mutations.retain(|mutation| only.is_none_or(|invariant| mutation.caught_by == invariant));
    if mutations.is_empty() {
        return Err(Failure::new(format!("No mutation is for `{}`.", only.unwrap_or_default())));
    }
    let copy = Copy { root: workspace.cargo_target().join("mutants") };
    copy.make(workspace)?;
    // What fails by itself would count as caught.
    copy.simulate(&["--schedules", schedules]).map_err(|failure| {
        Failure::new(format!("Something does not hold even without a mutation: {failure}"))
    })?;
    let mut survivors = Vec::new();
    for mutation in &mutations {
        let seen = copy.seen(mutation, schedules)?;
        let verdict = if seen { "caught by" } else { "SURVIVED" };
        println!("  {:70} {verdict} {}", mutation.breaks, mutation.caught_by);
        if !seen {
            survivors.push(mutation.breaks.as_str());
        }
    }
    if survivors.is_empty() {
        return Ok(format!("{} mutations, all caught", mutations.len()));
    }
    Err(Failure::new(format!("Not seen within {schedules} schedules: {}.", survivors.join("; "))))
}

/// A copy of the sources, with a target directory of its own.
struct Copy {
    root: PathBuf,
}

impl Copy {
    fn sources(&self) -> PathBuf {
        self.root.join("sources")
    }

    fn make(&self, workspace: &Workspace) -> Result<(), Failure> {
        if self.sources().exists() {
            fs::remove_dir_all(self.sources()).or_fail("remove the former copy")?;
        }
        for source in SOURCES {
            let from = workspace.path(source);
            if from.exists() {
                copy(&from, &self.sources().join(source))?;
            }
        }
        Ok(())
    }

    /// Whether the simulator sees a mutation.
    fn seen(&self, mutation: &Mutation, schedules: &str) -> Result<bool, Failure> {
        self.apply(mutation, &[])?;
        self.build()?;
        let held = self.simulate(&["--schedules", schedules, "--only", &mutation.caught_by]);
        self.apply(mutation, &["--reverse"])?;
        let named = format!("`{}` does not hold", mutation.caught_by);
        match held {
            Ok(()) => Ok(false),
            Err(failure) if failure.to_string().contains(&named) => Ok(true),
            Err(failure) => Err(failure),
        }
    }

    fn apply(&self, mutation: &Mutation, options: &[&str]) -> Result<(), Failure> {
        let git = options.iter().fold(Program::new("git").arg("apply"), |git, each| git.arg(each));
        git.arg(&mutation.patch)
            .dir(self.sources())
            // Inside of a repository, git would take the patch's paths for those of its root.
            .env("GIT_CEILING_DIRECTORIES", &self.root)
            .output()
            .map(|_| ())
    }

    /// A mutation that does not compile is a mistake in the list, and no catch.
    fn build(&self) -> Result<(), Failure> {
        self.cargo().arg("--no-run").output().map(|_| ())
    }

    fn simulate(&self, arguments: &[&str]) -> Result<(), Failure> {
        let program = arguments
            .iter()
            .fold(self.cargo().arg("--"), |program, argument| program.arg(argument));
        program.output().map(|_| ())
    }

    fn cargo(&self) -> Program {
        Program::cargo()
            .arguments("test --quiet --profile sim --package tidewire --test sim")
            .dir(self.sources())
            .env("CARGO_TARGET_DIR", self.root.join("target"))
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    if from.is_dir() {
        fs::create_dir_all(to).or_fail(format!("make {}", to.display()))?;
        return entries(from).iter().try_for_each(|entry| {
            entry.file_name().map_or(Ok(()), |name| copy(entry, &to.join(name)))
        });
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).or_fail(format!("make {}", parent.display()))?;
    }
    fs::copy(from, to).or_fail(format!("copy {}", from.display())).map(|_| ())
}
