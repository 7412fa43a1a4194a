//! `cargo xtask test`: runs all checks, the fastest first.

use crate::abi;
use crate::boundary;
use crate::browser::Browser;
use crate::command::Program;
use crate::demo;
use crate::failure::Failure;
use crate::names;
use crate::npm;
use crate::pack;
use crate::scenarios;
use crate::simulate;
use crate::step::Report;
use crate::tools::{self, WasmPack};
use crate::wasm;
use crate::workspace::Workspace;

/// The extent of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All checks.
    Everything,
    /// The checks that need neither wasm-pack nor a browser.
    Fast,
}

/// Runs the steps until one fails, then prints the table.
///
/// # Errors
/// The failure of the first step that failed.
pub(crate) fn run(workspace: &Workspace, scope: Scope) -> Result<(), Failure> {
    let mut report = Report::new();
    let result = steps(workspace, scope, &mut report);
    println!("\n── Summary\n");
    if scope == Scope::Fast {
        println!("  --fast: wasm-pack and the browsers were left out.");
    }
    println!("{report}");
    result
}

fn steps(workspace: &Workspace, scope: Scope, report: &mut Report) -> Result<(), Failure> {
    // Before everything else, so that missing tools are reported at once.
    let mut browser = None;
    report.step("tools", || {
        tools::require_wasm_target()?;
        npm::install(workspace)?;
        if scope == Scope::Everything {
            browser = Some(Browser::require()?);
        }
        no_note()
    })?;
    rust_steps(workspace, report)?;
    package_steps(workspace, report)?;
    server_steps(workspace, report)?;
    match &browser {
        Some(browser) => browser_steps(workspace, browser, report),
        None => Ok(()),
    }
}

fn rust_steps(workspace: &Workspace, report: &mut Report) -> Result<(), Failure> {
    report.step("rustfmt", || cargo(workspace, "fmt --all --check"))?;
    report.step("clippy (host)", || {
        cargo(workspace, "clippy --workspace --all-targets -- --deny warnings")?;
        // Tests that are run by name only are not among "all targets".
        cargo(workspace, "clippy --package tidewire --test sim --test fuzz -- --deny warnings")
    })?;
    report.step("clippy (wasm)", || {
        let arguments = format!(
            "clippy --package tidewire --lib --tests --target {} -- --deny warnings",
            wasm::TARGET
        );
        cargo(workspace, &arguments)?;
        // The reference server's protocol core, which browsers will run too.
        let arguments = format!(
            "clippy --package tidewire-server-core --lib --target {} -- --deny warnings",
            wasm::TARGET
        );
        cargo(workspace, &arguments)
    })?;
    report.step("generated TypeScript", || {
        abi::check(workspace).map(|files| format!("{files} files"))
    })?;
    report.step("layers", || boundary::check(workspace).map(|read| format!("{read} files")))?;
    report.step("names", || names::check(workspace).map(|read| format!("{read} files")))?;
    report.step("tests (host)", || cargo(workspace, "test --workspace"))?;
    report.step("simulator", || simulate::SIMULATOR.step(workspace))?;
    report.step("fuzz", || simulate::FUZZER.step(workspace))
}

fn package_steps(workspace: &Workspace, report: &mut Report) -> Result<(), Failure> {
    report.step("pack", || {
        let packed = pack::run(workspace)?;
        println!("{packed}");
        Ok(packed.sizes.note())
    })?;
    report.step("check (TypeScript)", || {
        npm::script(workspace, "check").run()?;
        no_note()
    })?;
    report.step("check (package)", || {
        npm::script(workspace, "check:package").run()?;
        no_note()
    })
}

/// Runs the official clients of Phoenix and Supabase against the reference server.
fn server_steps(workspace: &Workspace, report: &mut Report) -> Result<(), Failure> {
    report.step("server", || {
        demo::build_server(workspace)?;
        no_note()
    })?;
    report.step("peers", || {
        npm::script(workspace, "peers").env("TIDEWIRE_SERVER", workspace.server_program()).run()?;
        no_note()
    })
}

fn browser_steps(
    workspace: &Workspace,
    browser: &Browser,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut wasm_pack = None;
    report.step("wasm-pack", || {
        wasm_pack = Some(WasmPack::require(workspace)?);
        no_note()
    })?;
    if let Some(wasm_pack) = &wasm_pack {
        report.step("bare module", || build_bare_module(workspace, wasm_pack))?;
        report.step("tests (wasm-pack, Chromium)", || {
            wasm_pack
                .call(workspace)?
                .arguments("test --headless --chrome --chromedriver")
                .arg(&browser.chromedriver)
                // A slow machine must not fail the tests.
                .env("WASM_BINDGEN_TEST_TIMEOUT", "600")
                .run()?;
            no_note()
        })?;
        report.step("scenarios (wasm-pack, Chromium)", || {
            scenarios::play(workspace, wasm_pack, browser)?;
            no_note()
        })?;
    }
    report.step("end to end (Playwright, Chromium)", || {
        browser.script(workspace, "e2e").run()?;
        no_note()
    })?;
    report.step("costs (Playwright, Chromium)", || {
        browser.script(workspace, "bench:limits").run()?;
        no_note()
    })
}

/// Runs `wasm-pack build` as the README shows it, loads the result, and compiles a file that uses its types.
fn build_bare_module(workspace: &Workspace, wasm_pack: &WasmPack) -> Result<String, Failure> {
    let out = workspace.path("target/wasm-pack");
    wasm_pack.call(workspace)?.arguments("build --target web --out-dir").arg(&out).run()?;
    let exports = npm::node().arg(workspace.path("xtask/bare-module.mjs")).arg(&out).output()?;
    npm::node()
        .arg(workspace.path("node_modules/typescript/bin/tsc"))
        .arguments("--noEmit --strict --ignoreConfig --lib es2023,dom,esnext.disposable")
        .arguments("--module nodenext --target es2022 --types node")
        .arg(workspace.path("xtask/bare-module-types.mts"))
        .run()?;
    Ok(exports.trim().to_owned())
}

fn cargo(workspace: &Workspace, arguments: &str) -> Result<String, Failure> {
    Program::cargo().arguments(arguments).dir(workspace.root()).run()?;
    no_note()
}

/// The empty note for the table.
#[expect(clippy::unnecessary_wraps, reason = "the value of a step that has no note")]
fn no_note() -> Result<String, Failure> {
    Ok(String::new())
}
