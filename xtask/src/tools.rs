//! Finds or installs the Rust tools beyond cargo: the wasm target, wasm-pack and the browser test runner.

use crate::command::{Program, on_path};
use crate::failure::{Failure, OrFail};
use crate::wasm;
use crate::workspace::Workspace;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The version of wasm-pack that the README's commands are tested with.
const WASM_PACK: &str = "0.15.1";

/// Settings for unoptimised builds of the tools: they run for a second, but compile for minutes.
const QUICK_BUILD: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

/// Adds the wasm target to the toolchain in use, if it is not there.
///
/// # Errors
/// When it is missing and there is no rustup to add it.
pub(crate) fn require_wasm_target() -> Result<(), Failure> {
    let libraries = Program::new("rustc")
        .arguments("--print target-libdir --target")
        .arg(wasm::TARGET)
        .output()?;
    if Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    println!("  Rust target {}: adding it with rustup.", wasm::TARGET);
    if on_path("rustup").is_none() {
        return Err(Failure::new(format!(
            "The Rust target {} is missing and there is no rustup to add it; install it the way \
             this Rust was installed, or use rustup (https://rustup.rs).",
            wasm::TARGET
        )));
    }
    Program::new("rustup").arguments("target add").arg(wasm::TARGET).run()
}

/// wasm-pack, and the wasm-bindgen programs it calls, at the versions this repository needs.
#[derive(Debug)]
pub(crate) struct WasmPack {
    /// The directories to put in front of `PATH`; empty if the programs on `PATH` have the right versions.
    directories: Vec<PathBuf>,
}

impl WasmPack {
    /// Finds the programs on `PATH` or among those installed earlier, else installs them from
    /// source, into a cache of the user: a second clone needs no second build.
    ///
    /// # Errors
    /// When they have to be installed and cannot be.
    pub(crate) fn require(workspace: &Workspace) -> Result<Self, Failure> {
        let bindgen = workspace.locked_version("wasm-bindgen")?;
        let programs = [
            ("wasm-pack", WASM_PACK),
            ("wasm-bindgen", bindgen.as_str()),
            // wasm-bindgen-test-runner comes with wasm-bindgen, and wasm-pack finds it next to it.
        ];
        if programs.iter().all(|(name, version)| reports(Path::new(name), version)) {
            return Ok(Self { directories: Vec::new() });
        }
        let root = cache()?.join(format!("tools-{WASM_PACK}-{bindgen}"));
        let bin = root.join("bin");
        let installed = programs.iter().all(|(name, version)| reports(&bin.join(name), version));
        if !installed {
            install(workspace, &root, &bindgen)?;
        }
        Ok(Self { directories: vec![bin] })
    }

    /// A call of wasm-pack in the repository's top directory.
    ///
    /// # Errors
    /// When `PATH` cannot be extended.
    pub(crate) fn call(&self, workspace: &Workspace) -> Result<Program, Failure> {
        let mut first = self.directories.clone();
        // wasm-pack uses the wasm-opt that it finds here, which is that of `cargo xtask pack`.
        first.push(workspace.path("node_modules/.bin"));
        let program = self
            .directories
            .first()
            .map_or_else(|| PathBuf::from("wasm-pack"), |bin| bin.join("wasm-pack"));
        Program::new(program).dir(workspace.root()).path_first(&first)
    }
}

fn install(workspace: &Workspace, root: &Path, bindgen: &str) -> Result<(), Failure> {
    println!(
        "  wasm-pack {WASM_PACK} and wasm-bindgen-cli {bindgen}: building them once, into {} \
         (two to four minutes).",
        root.display()
    );
    let scratch = workspace.path("target/tools-build");
    // Without --locked on purpose: their lock files pin versions that not every registry still offers.
    let mut program = Program::cargo()
        .arguments("install --quiet --force")
        .arg(format!("wasm-pack@{WASM_PACK}"))
        .arg(format!("wasm-bindgen-cli@{bindgen}"))
        .arg("--root")
        .arg(root)
        .env("CARGO_TARGET_DIR", &scratch)
        // Outside the workspace, whose settings are not meant for these programs.
        .dir(env::temp_dir());
    for (name, value) in QUICK_BUILD {
        program = program.env(name, value);
    }
    program.run()?;
    if scratch.exists() {
        fs::remove_dir_all(&scratch).or_fail("remove target/tools-build")?;
    }
    Ok(())
}

/// Whether a program is there and prints exactly this version.
fn reports(program: &Path, version: &str) -> bool {
    Program::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.split_whitespace().any(|part| part == version))
}

/// The folder of this program in the user's cache.
fn cache() -> Result<PathBuf, Failure> {
    let absolute =
        |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("LOCALAPPDATA"))
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .map(|directory| directory.join("tidewire"))
        .ok_or_else(|| {
            Failure::new("There is no place for the test tools: set HOME or XDG_CACHE_HOME.")
        })
}
