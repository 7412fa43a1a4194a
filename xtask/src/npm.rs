//! Runs Node and npm, and installs the npm packages.

use crate::command::Program;
use crate::failure::{Failure, OrFail};
use crate::stamp::Stage;
use crate::workspace::Workspace;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// The oldest Node that runs the package's build and tests.
const OLDEST_NODE: u32 = 20;

/// The command `node`.
pub(crate) fn node() -> Program {
    Program::new("node")
}

/// The command `npm`, in the repository's top directory.
pub(crate) fn npm(workspace: &Workspace) -> Program {
    let name = if cfg!(windows) { "npm.cmd" } else { "npm" };
    Program::new(name).dir(workspace.root())
}

/// Installs the npm packages if a manifest or the lock file changed since the last run.
///
/// # Errors
/// When Node is missing or too old, or npm fails.
pub(crate) fn install(workspace: &Workspace) -> Result<(), Failure> {
    require_node()?;
    let installed = workspace.path("node_modules/.package-lock.json");
    let stage = Stage {
        name: "npm dependencies",
        inputs: manifests(workspace)?,
        settings: String::new(),
        outputs: vec![installed.clone()],
    };
    stage.run(workspace, || {
        // `ci` installs exactly the locked versions, but deletes an existing node_modules first.
        let is_first = !installed.exists() && workspace.path("package-lock.json").exists();
        let verb = if is_first { "ci" } else { "install" };
        npm(workspace).arg(verb).arguments("--no-audit --no-fund --loglevel=error").run()
    })
}

/// The command that runs a script of the top `package.json`.
pub(crate) fn script(workspace: &Workspace, name: &str) -> Program {
    npm(workspace).arguments("run --silent").arg(name)
}

fn require_node() -> Result<(), Failure> {
    let advice = format!("Install Node {OLDEST_NODE} or newer (https://nodejs.org).");
    let version = node()
        .arg("--version")
        .output()
        .map_err(|_| Failure::new(format!("Node was not found. {advice}")))?;
    let major = major_of(&version);
    if major.is_some_and(|major| major >= OLDEST_NODE) {
        return Ok(());
    }
    Err(Failure::new(format!("Node {} is too old. {advice}", version.trim())))
}

fn major_of(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// The files that determine what npm installs.
fn manifests(workspace: &Workspace) -> Result<Vec<PathBuf>, Failure> {
    let top = workspace.path("package.json");
    let text = fs::read_to_string(&top).or_fail("read package.json")?;
    let manifest: Value = serde_json::from_str(&text).or_fail("parse package.json")?;
    let members = manifest["workspaces"].as_array().cloned();
    let mut all = vec![top, workspace.path("package-lock.json")];
    all.extend(
        members
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str)
            .map(|member| workspace.path(member).join("package.json")),
    );
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_version_is_parsed_from_the_output_of_node() {
        assert_eq!(major_of("v20.20.2\n"), Some(20));
        assert_eq!(major_of("nonsense"), None);
    }
}
