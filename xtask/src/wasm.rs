//! Builds the optimised module and its glue, without wasm-pack.

use crate::command::Program;
use crate::failure::{Failure, OrFail};
use crate::npm;
use crate::panics;
use crate::shorten::shorten;
use crate::stamp::Stage;
use crate::unused_data;
use crate::workspace::Workspace;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use walrus::ModuleConfig;
use wasm_bindgen_cli_support::Bindgen;
use zopfli::{Format, Options};

/// The only target of the engine.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The arguments of wasm-opt.
///
/// The features are those that rustc enables by default for the target; wasm-opt rejects a module that uses another one.
/// Flattening first and inlining little give more repetitive code, which compresses better: 1 KB less to transfer than
/// plain `-Oz`. `--low-memory-unused` folds offsets into loads: no data of Rust is at the lowest addresses, which are the
/// far end of the stack.
const OPTIMIZE: &str = "--flatten --rereloop -Oz -Oz --one-caller-inline-max-function-size=20 \
    --low-memory-unused \
    --strip-producers --strip-target-features \
    --enable-bulk-memory --enable-bulk-memory-opt --enable-call-indirect-overlong \
    --enable-multivalue --enable-mutable-globals --enable-nontrapping-float-to-int \
    --enable-reference-types --enable-sign-ext";

/// Builds `tidewire.js`, `tidewire.d.ts` and `tidewire_bg.wasm` into `target/npm/glue`.
///
/// # Errors
/// When the crate does not compile, or wasm-bindgen or wasm-opt reject the module.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Failure> {
    let compiled = compile(workspace)?;
    let glue = workspace.glue();
    let stage = Stage {
        name: "Engine glue",
        inputs: vec![compiled.clone()],
        settings: format!(
            "{OPTIMIZE}, silent panics, no unused data, short names of imports and closures, zopfli, wasm-bindgen {}",
            workspace.locked_version("wasm-bindgen-cli-support")?
        ),
        outputs: ["tidewire.js", "tidewire.d.ts", "tidewire_bg.wasm", "tidewire_bg.deflate"]
            .map(|file| glue.join(file))
            .to_vec(),
    };
    stage.run(workspace, || {
        if glue.exists() {
            fs::remove_dir_all(&glue).or_fail("empty target/npm/glue")?;
        }
        let linked = fs::read(&compiled).or_fail("read the engine")?;
        let unused = unused_data::find(&linked, panics::is_removed)?;
        generate_glue(&compiled, &glue)?;
        slim(&glue, &unused)?;
        optimize(workspace, &glue.join("tidewire_bg.wasm"))?;
        deflate(&glue)
    })
}

fn compile(workspace: &Workspace) -> Result<PathBuf, Failure> {
    println!("  Engine: compiling for the browser (release).");
    Program::cargo()
        // Without the bare client, which the package does not use.
        .arguments("build --release --lib --package tidewire --no-default-features --target")
        .arg(TARGET)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", linking())
        .dir(workspace.root())
        .run()?;
    Ok(workspace.cargo_target().join(TARGET).join("release/tidewire.wasm"))
}

/// Compiler flags that remove the paths of this machine from the source file names in panics, and keep the relocations
/// that `unused_data` reads.
fn linking() -> String {
    let home = |variable, fallback: &str| {
        env::var_os(variable).map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(fallback)))
    };
    [home("CARGO_HOME", ".cargo"), home("RUSTUP_HOME", ".rustup")]
        .into_iter()
        .flatten()
        .map(|path| format!("--remap-path-prefix={}=", path.display()))
        .chain(["-Clink-arg=--emit-relocs".to_owned()])
        .collect::<Vec<_>>()
        .join(" ")
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
        // The facade calls it to replace an engine that trapped.
        .reset_state_function(true)
        // `panics` needs the names; `slim` leaves them out.
        .remove_producers_section(true);
    bindgen.generate(glue).map_err(|error| Failure::new(format!("Could not {attempt}: {error:#}.")))
}

/// Removes names, panic messages and unused data from the module, and shortens names that it shares with its glue.
fn slim(glue: &Path, unused: &BTreeSet<usize>) -> Result<(), Failure> {
    let attempt = "reduce the size of the engine";
    let (module_path, script_path) = (glue.join("tidewire_bg.wasm"), glue.join("tidewire.js"));
    let mut module = ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse_file(&module_path)
        .or_fail(attempt)?;
    let mut script = fs::read_to_string(&script_path).or_fail(attempt)?;
    panics::cut(&mut module)?;
    unused_data::clear(&mut module, unused);
    // Their positions are those of what the linker made.
    for stale in ["linking", "reloc.CODE", "reloc.DATA"] {
        module.customs.remove_raw(stale);
    }
    shorten(&mut module, &mut script)?;
    module.emit_wasm_file(&module_path).or_fail(attempt)?;
    fs::write(&script_path, script).or_fail(attempt)
}

fn optimize(workspace: &Workspace, module: &Path) -> Result<(), Failure> {
    let optimized = module.with_extension("optimized");
    npm::node()
        .arg(workspace.path("node_modules/binaryen/bin/wasm-opt"))
        .arguments(OPTIMIZE)
        .arg(module)
        .arg("-o")
        .arg(&optimized)
        .run()?;
    fs::rename(&optimized, module).or_fail("replace the engine by its optimised form")
}

/// Writes the module as raw DEFLATE, for the chunk that contains it inline.
fn deflate(glue: &Path) -> Result<(), Failure> {
    let attempt = "compress the engine";
    let module = fs::read(glue.join("tidewire_bg.wasm")).or_fail(attempt)?;
    let mut compressed = Vec::new();
    zopfli::compress(Options::default(), Format::Deflate, &*module, &mut compressed)
        .or_fail(attempt)?;
    fs::write(glue.join("tidewire_bg.deflate"), compressed).or_fail(attempt)
}
