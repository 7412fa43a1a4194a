//! `cargo xtask outages`: measures how fast a client reconnects after an outage of its server.

use crate::browser::Browser;
use crate::demo;
use crate::failure::Failure;
use crate::npm;
use crate::pack;
use crate::workspace::Workspace;

/// Measures 30 outages of 1.5 to 7 s for each protocol in Chromium against the reference server;
/// prints the median and the maximum of the time from the server's return to the first message.
///
/// # Errors
/// When something is missing, or a median exceeds its limit.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    npm::install(workspace)?;
    let browser = Browser::require()?;
    pack::run(workspace)?;
    demo::build_server(workspace)?;
    browser.script(workspace, "outages").run()
}
