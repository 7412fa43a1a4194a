//! From Rust to an optimised module and its glue, without wasm-pack.

use crate::command::Program;
use crate::failure::{Failure, OrFail};
use crate::npm;
use crate::stamp::Stage;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// The only target of the engine.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// What rustc turns on by default for the target, and so what the module may hold. wasm-opt refuses
/// a module that uses a feature it was not told of.
const OPTIMIZE: &str = "-Oz --strip-producers --strip-target-features \
    --enable-bulk-memory --enable-bulk-memory-opt --enable-call-indirect-overlong \
    --enable-multivalue --enable-mutable-globals --enable-nontrapping-float-to-int \
    --enable-reference-types --enable-sign-ext";

/// Builds `tidewire.js`, `tidewire.d.ts` and `tidewire_bg.wasm` into `target/npm/glue`.
///
/// # Errors
/// When the crate does not compile, or wasm-bindgen or wasm-opt refuse the module.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Failure> {
    let compiled = compile(workspace)?;
    let glue = workspace.glue();
    let stage = Stage {
        name: "Engine glue",
        inputs: vec![compiled.clone()],
        settings: format!(
            "{OPTIMIZE} wasm-bindgen {}",
            workspace.locked_version("wasm-bindgen-cli-support")?
        ),
        outputs: ["tidewire.js", "tidewire.d.ts", "tidewire_bg.wasm"]
            .map(|file| glue.join(file))
            .to_vec(),
    };
    stage.run(workspace, || {
        if glue.exists() {
            fs::remove_dir_all(&glue).or_fail("empty target/npm/glue")?;
        }
        generate_glue(&compiled, &glue)?;
        optimize(workspace, &glue.join("tidewire_bg.wasm"))
    })
}

fn compile(workspace: &Workspace) -> Result<PathBuf, Failure> {
    println!("  Engine: compiling for the browser (release).");
    Program::cargo()
        // The bare client is for those who load the module themselves; the facade has its own.
        .words("build --release --lib --package tidewire --no-default-features --target")
        .arg(TARGET)
        .dir(workspace.root())
        .run()?;
    Ok(workspace.cargo_target().join(TARGET).join("release/tidewire.wasm"))
}

fn generate_glue(compiled: &Path, glue: &Path) -> Result<(), Failure> {
    let attempt = "generate the JavaScript glue of the engine";
    let mut bindgen = Bindgen::new();
    bindgen
        .web(true)
        .or_fail(attempt)?
        .input_path(compiled)
        .out_name("tidewire")
        .typescript(true)
        // Its own `new URL('…_bg.wasm')` would make bundlers emit the module a second time.
        .omit_default_module_path(true)
        // How the facade replaces an engine that trapped.
        .reset_state_function(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.generate(glue).map_err(|error| Failure::new(format!("Could not {attempt}: {error:#}.")))
}

fn optimize(workspace: &Workspace, module: &Path) -> Result<(), Failure> {
    let optimized = module.with_extension("optimized");
    npm::node()
        .arg(workspace.path("node_modules/binaryen/bin/wasm-opt"))
        .words(OPTIMIZE)
        .arg(module)
        .arg("-o")
        .arg(&optimized)
        .run()?;
    fs::rename(&optimized, module).or_fail("replace the engine by its optimised form")
}
