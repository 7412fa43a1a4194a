//! `cargo xtask pack`: builds the npm package, from Rust to tarball.

use crate::failure::{Failure, OrFail};
use crate::npm;
use crate::size::Sizes;
use crate::stamp::Stage;
use crate::tools;
use crate::wasm;
use crate::workspace::Workspace;
use serde_json::Value;
use std::fmt;
use std::fs;
use std::path::PathBuf;

/// A finished package.
#[derive(Debug)]
pub(crate) struct Packed {
    /// The installable file.
    pub(crate) tarball: PathBuf,
    /// The sizes of what a browser downloads.
    pub(crate) sizes: Sizes,
}

impl fmt::Display for Packed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\n\n{}", self.sizes, self.tarball.display())
    }
}

/// Installs what the build needs and builds `target/npm/tidewire.tgz`.
///
/// # Errors
/// When a tool is missing and cannot be installed, a build step fails, or the package exceeds
/// `size-budget.json`.
pub(crate) fn run(workspace: &Workspace) -> Result<Packed, Failure> {
    println!("Packing the npm package.");
    tools::require_wasm_target()?;
    npm::install(workspace)?;
    wasm::build(workspace)?;
    build_package(workspace)?;
    make_tarball(workspace)?;
    Ok(Packed { tarball: workspace.tarball(), sizes: Sizes::measure(workspace)? })
}

fn build_package(workspace: &Workspace) -> Result<(), Failure> {
    let template = workspace.path("pkg-template");
    let build = template.join("build.mjs");
    // Listed one by one because the build writes into the same folder: the licences and the stubs of the sub-paths.
    let mut inputs: Vec<PathBuf> =
        ["src", "build", "build.mjs", "package.json", "tsconfig.json", "README.md"]
            .map(|name| template.join(name))
            .into();
    inputs.push(workspace.path("size-budget.json"));
    inputs.push(workspace.glue());
    inputs.push(workspace.path("package-lock.json"));
    let stage = Stage {
        name: "Package files",
        inputs,
        settings: String::new(),
        outputs: vec![template.join("dist/index.js")],
    };
    stage.run(workspace, || npm::node().arg(&build).dir(workspace.root()).run())
}

fn make_tarball(workspace: &Workspace) -> Result<(), Failure> {
    let template = workspace.path("pkg-template");
    let stage = Stage {
        name: "Tarball",
        // `dist` is listed because the walk of the template skips results.
        inputs: vec![template.clone(), template.join("dist")],
        settings: String::new(),
        outputs: vec![workspace.tarball()],
    };
    stage.run(workspace, || {
        let destination = workspace.npm_target();
        fs::create_dir_all(&destination).or_fail("create target/npm")?;
        // Without `--silent`, npm prints the package's scripts before the listing.
        let listing = npm::npm(workspace)
            .arguments("pack --workspace pkg-template --silent --json --pack-destination")
            .arg(&destination)
            .output()?;
        let file = packed_file(&listing)?;
        fs::rename(destination.join(file), workspace.tarball()).or_fail("name the tarball")
    })
}

fn packed_file(listing: &str) -> Result<String, Failure> {
    let listing: Value = serde_json::from_str(listing).or_fail("parse the output of `npm pack`")?;
    // npm 11 and older list the packages; newer ones key them by name.
    let first = match &listing {
        Value::Array(packages) => packages.first(),
        Value::Object(packages) => packages.values().next(),
        _ => None,
    };
    first
        .and_then(|package| package["filename"].as_str())
        .map(String::from)
        .ok_or_else(|| Failure::new("`npm pack` did not report which file it wrote."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_the_tarball_is_parsed_from_both_formats_of_npm() -> Result<(), Failure> {
        let file = "tidewire-0.1.0.tgz";
        let list = format!("[{{\"filename\":\"{file}\"}}]");
        let keyed = format!("{{\"tidewire\":{{\"filename\":\"{file}\"}}}}");
        assert_eq!(packed_file(&list)?, file);
        assert_eq!(packed_file(&keyed)?, file);
        Ok(())
    }
}
