//! The mutations: patches of `tests/mutations`, each with one fault in the core and the invariant
//! of the simulator that has to detect it. `docs/simulation.md` lists them.
//!
//! They are patches and not the operators of a mutation tool, because each is a fault that a
//! client could really have, written for the invariant that it tests.

use crate::failure::{Failure, OrFail};
use crate::stamp::entries;
use crate::workspace::Workspace;
use std::fs;
use std::path::PathBuf;

/// The folder of the patches.
const FOLDER: &str = "tests/mutations";

/// One fault in the core.
#[derive(Debug, Clone)]
pub(crate) struct Mutation {
    /// What the fault breaks, as listed in `docs/simulation.md`.
    pub(crate) breaks: String,
    /// The invariant that has to fail.
    pub(crate) caught_by: String,
    /// The patch, for `git apply` at the root of the sources.
    pub(crate) patch: PathBuf,
}

/// Reads all mutations, in the order of their file names.
///
/// # Errors
/// When a file cannot be read, or its head lacks a line.
pub(crate) fn all(workspace: &Workspace) -> Result<Vec<Mutation>, Failure> {
    let mut patches = entries(&workspace.path(FOLDER));
    patches.sort();
    patches.into_iter().map(read).collect()
}

/// Reads the lines `Breaks:` and `Caught-by:` above the patch, which `git apply` skips.
fn read(patch: PathBuf) -> Result<Mutation, Failure> {
    let text = fs::read_to_string(&patch).or_fail(format!("read {}", patch.display()))?;
    let head = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let missing = || Failure::new(format!("{} has no line `{name} …`.", patch.display()));
        value.map(String::from).ok_or_else(missing)
    };
    Ok(Mutation { breaks: head("Breaks:")?, caught_by: head("Caught-by:")?, patch })
}

#[cfg(test)]
mod tests {
    use super::{Mutation, all};
    use crate::command::Program;
    use crate::workspace::Workspace;
    use std::fs;

    fn mutations(workspace: &Workspace) -> Vec<Mutation> {
        let mutations = all(workspace);
        mutations.unwrap_or_else(|failure| panic!("{failure}"))
    }

    #[test]
    fn every_patch_applies_and_changes_only_the_core() {
        let workspace = Workspace::locate();
        let mutations = mutations(&workspace);
        assert!(mutations.len() >= 43, "there are only {} mutations", mutations.len());
        for Mutation { patch, .. } in mutations {
            let text = fs::read_to_string(&patch).unwrap_or_default();
            let files: Vec<_> = text.lines().filter(|line| line.starts_with("+++ ")).collect();
            let is_of_core = |file: &&str| file.starts_with("+++ b/src/core/");
            assert!(!files.is_empty() && files.iter().all(is_of_core), "{}", patch.display());
            let checked = Program::new("git")
                .arguments("apply --check")
                .arg(&patch)
                .dir(workspace.root())
                .output();
            if let Err(failure) = checked {
                panic!("Regenerate {} for the current source: {failure}", patch.display());
            }
        }
    }

    #[test]
    fn docs_list_every_mutation_and_every_invariant_has_one() {
        let workspace = Workspace::locate();
        let mutations = mutations(&workspace);
        let page = fs::read_to_string(workspace.path("docs/simulation.md")).unwrap_or_default();
        for Mutation { breaks, caught_by, .. } in &mutations {
            let row = format!("| {breaks} | `{caught_by}` |");
            assert!(page.contains(&row), "docs/simulation.md lacks the row\n{row}");
        }
        let rows = page.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |"));
        assert_eq!(
            rows.count(),
            mutations.len(),
            "docs/simulation.md has a row without a mutation"
        );
        let source = workspace.path("tests/sim/invariants/mod.rs");
        let source = fs::read_to_string(source).unwrap_or_default();
        let named = source.lines().filter_map(|line| line.split("&str = \"").nth(1));
        let invariants: Vec<_> = named.filter_map(|rest| rest.split('"').next()).collect();
        assert!(!invariants.is_empty(), "the simulator has no invariants");
        for invariant in invariants {
            let caught = mutations.iter().any(|mutation| mutation.caught_by == invariant);
            assert!(caught, "no mutation breaks `{invariant}`");
            assert!(page.contains(&format!("- `{invariant}`")), "docs do not name `{invariant}`");
        }
    }
}
