//! `cargo xtask mutants`: checks that the simulator detects known faults.
//!
//! Each mutation is applied to a copy of the sources, and the invariant that it names has to fail there.

use crate::command::Program;
use crate::failure::{Failure, OrFail};
use crate::mutation::{self, Mutation};
use crate::stamp::entries;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// The sources of the simulator, and the other members of the workspace, which cargo needs.
const SOURCES: [&str; 7] =
    ["Cargo.toml", "Cargo.lock", "src", "tests/sim", "tests/fuzz", "xtask", "www/server"];

/// Tests the mutations one after another (those of one invariant, if one is named), and prints whether each
/// was caught.
///
/// # Errors
/// When a patch does not apply, a mutation is not caught, or no mutation names the invariant.
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
    // An invariant that fails without a mutation would count as caught.
    copy.simulate(&["--schedules", schedules]).map_err(|failure| {
        Failure::new(format!("The simulator fails even without a mutation: {failure}"))
    })?;
    let mut survivors = Vec::new();
    for mutation in &mutations {
        let is_caught = copy.catches(mutation, schedules)?;
        let outcome = if is_caught { "caught by" } else { "SURVIVED" };
        println!("  {:70} {outcome} {}", mutation.breaks, mutation.caught_by);
        if !is_caught {
            survivors.push(mutation.breaks.as_str());
        }
    }
    if survivors.is_empty() {
        return Ok(format!("{} mutations, all caught", mutations.len()));
    }
    Err(Failure::new(format!("Not caught within {schedules} schedules: {}.", survivors.join("; "))))
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

    /// Whether the invariant that the mutation names fails with it.
    fn catches(&self, mutation: &Mutation, schedules: &str) -> Result<bool, Failure> {
        self.apply(mutation, &[])?;
        self.build()?;
        let result = self.simulate(&["--schedules", schedules, "--only", &mutation.caught_by]);
        self.apply(mutation, &["--reverse"])?;
        let named = format!("`{}` does not hold", mutation.caught_by);
        match result {
            Ok(()) => Ok(false),
            Err(failure) if failure.to_string().contains(&named) => Ok(true),
            Err(failure) => Err(failure),
        }
    }

    fn apply(&self, mutation: &Mutation, options: &[&str]) -> Result<(), Failure> {
        let git = options.iter().fold(Program::new("git").arg("apply"), |git, each| git.arg(each));
        git.arg(&mutation.patch)
            .dir(self.sources())
            // Inside a repository, git would resolve the patch's paths from that repository's root.
            .env("GIT_CEILING_DIRECTORIES", &self.root)
            .output()
            .map(|_| ())
    }

    /// Builds the simulator. A mutation that does not compile is an error of its patch, and does not count as caught.
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
