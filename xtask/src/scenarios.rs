//! `cargo xtask scenarios`: runs the scenarios of `tests/scenarios` with the bare module against the reference server.

use crate::browser::Browser;
use crate::command::Program;
use crate::demo;
use crate::failure::{Failure, OrFail};
use crate::tools::{self, WasmPack};
use crate::workspace::Workspace;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::Child;

/// Builds the server and runs all scenarios.
///
/// # Errors
/// When something is missing or does not build, or a scenario fails.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    tools::require_wasm_target()?;
    let browser = Browser::require()?;
    let wasm_pack = WasmPack::require(workspace)?;
    demo::build_server(workspace)?;
    play(workspace, &wasm_pack, &browser)
}

/// Starts the server, which must be built, runs all scenarios, and ends the server.
///
/// # Errors
/// When the server does not start, or a scenario fails.
pub(crate) fn play(
    workspace: &Workspace,
    wasm_pack: &WasmPack,
    browser: &Browser,
) -> Result<(), Failure> {
    let server = Server::start(workspace)?;
    wasm_pack
        .call(workspace)?
        .arguments("test --headless --chrome --chromedriver")
        .arg(&browser.chromedriver)
        .arguments("-- --test scenarios -- --include-ignored")
        .env("TIDEWIRE_SCENARIO_ORIGIN", &server.origin)
        .env("TIDEWIRE_SCENARIO_CONTROL", &server.control)
        // A slow machine must not fail the tests.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "600")
        .run()
}

/// A server process that is killed on drop.
struct Server {
    child: Child,
    origin: String,
    control: String,
}

impl Server {
    fn start(workspace: &Workspace) -> Result<Self, Failure> {
        let mut child = Program::new(workspace.server_program())
            .arg("--config")
            .arg(workspace.path("tests/scenarios/server.json"))
            .arguments("--demo --control 0 --port 0")
            .dir(workspace.root())
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line).or_fail("read where the server listens")?;
        }
        let ready: Value = serde_json::from_str(&line).unwrap_or_default();
        let address = |key: &str| ready[key].as_str().map(|at| format!("http://{at}"));
        match (address("listening"), address("control")) {
            (Some(origin), Some(control)) => Ok(Self { child, origin, control }),
            _ => Err(Failure::new("The reference server did not start.")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails if the server has already ended, which is not an error.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
