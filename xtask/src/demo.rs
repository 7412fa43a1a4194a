//! `cargo xtask demo`: the page and the reference server, by the quick route.

use crate::command::Program;
use crate::failure::{Failure, OrFail};
use crate::npm;
use crate::pack;
use crate::stamp::{Stage, sources};
use crate::workspace::Workspace;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdout};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// Where the page is served unless `--port` is given.
pub(crate) const DEFAULT_PORT: u16 = 4400;

/// How often other people act on the demo's pages, in all domains together, a second: lively, and
/// no domain too fast to read.
const DOMAIN_TRAFFIC: u32 = 3;

/// How many ports are tried when the wanted one is taken.
const PORTS_TRIED: u16 = 50;

/// How long the server may take to close its connections before it is ended.
const GRACE: Duration = Duration::from_secs(5);

enum Happening {
    Listening { page: String, control: Option<u16> },
    ServerEnded,
    Interrupted,
}

/// Builds everything, starts the server and stays until Ctrl-C.
///
/// # Errors
/// When something does not build, no port is free, or the server ends by itself.
pub(crate) fn run(workspace: &Workspace, port: u16) -> Result<(), Failure> {
    pack::run(workspace)?;
    build_page(workspace)?;
    build_server(workspace)?;
    let port = free_port(port)?;

    let (sender, happenings) = mpsc::channel();
    let interrupt = sender.clone();
    ctrlc::set_handler(move || {
        // The receiver is dropped after the wait; then there is nothing left to stop.
        drop(interrupt.send(Happening::Interrupted));
    })
    .or_fail("listen for Ctrl-C")?;
    let mut server = start_server(workspace, port)?;
    if let Some(output) = server.stdout.take() {
        thread::spawn(move || relay(output, &sender));
    }
    attend(&mut server, &happenings)
}

/// Builds the reference server; its program is then at [`Workspace::server_program`].
///
/// # Errors
/// When it does not compile.
pub(crate) fn build_server(workspace: &Workspace) -> Result<(), Failure> {
    println!("  Reference server: compiling.");
    Program::cargo().arguments("build --package tidewire-server").dir(workspace.root()).run()
}

fn build_page(workspace: &Workspace) -> Result<(), Failure> {
    let page = workspace.path("www");
    let mut inputs = sources(&page);
    inputs.retain(|entry| !entry.ends_with("server"));
    inputs.push(workspace.path("pkg-template/dist"));
    inputs.push(workspace.path("package-lock.json"));
    let stage = Stage {
        name: "Demo page",
        inputs,
        settings: String::new(),
        outputs: vec![page.join("dist/index.html")],
    };
    stage.run(workspace, || npm::script(workspace, "build").arguments("--workspace www").run())
}

fn start_server(workspace: &Workspace, port: u16) -> Result<Child, Failure> {
    Program::new(workspace.server_program())
        .arg("--static")
        .arg(workspace.path("www/dist"))
        .arguments("--demo --demo-traffic --control 0")
        .arg(format!("--domain-traffic={DOMAIN_TRAFFIC}"))
        .arg("--port")
        .arg(port.to_string())
        .dir(workspace.root())
        .spawn()
}

/// The wanted port, or the next one that is free.
fn free_port(wanted: u16) -> Result<u16, Failure> {
    let last = wanted.saturating_add(PORTS_TRIED);
    let free = (wanted..=last).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    match free {
        Some(port) if port == wanted => Ok(port),
        Some(port) => {
            println!("  Port {wanted} is taken; using {port}.");
            Ok(port)
        }
        None => Err(Failure::new(format!(
            "Ports {wanted} to {last} are all taken; choose another with --port."
        ))),
    }
}

/// Passes on what the server prints, and reports when it listens and when it has ended.
fn relay(output: ChildStdout, sender: &Sender<Happening>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        match readiness(&line) {
            Some(ready) => drop(sender.send(ready)),
            None => println!("{line}"),
        }
    }
    drop(sender.send(Happening::ServerEnded));
}

/// Reads the line with which the server reports that it listens.
fn readiness(line: &str) -> Option<Happening> {
    let ready: Value = serde_json::from_str(line).ok()?;
    let page = ready["listening"].as_str()?.to_owned();
    let control =
        ready["control"].as_str().and_then(|address| address.rsplit_once(':')?.1.parse().ok());
    Some(Happening::Listening { page, control })
}

/// Waits for the end: the person's or the server's.
fn attend(server: &mut Child, happenings: &Receiver<Happening>) -> Result<(), Failure> {
    loop {
        match happenings.recv() {
            Ok(Happening::Listening { page, control }) => {
                let query = control.map_or_else(String::new, |port| format!("?control={port}"));
                println!("\n  The demo runs at  http://{page}/{query}\n  Ctrl-C ends it.");
            }
            Ok(Happening::Interrupted) => {
                println!("\nStopping.");
                return stop(server, happenings);
            }
            Ok(Happening::ServerEnded) | Err(_) => {
                let status = server.wait().or_fail("wait for the server")?;
                return Err(Failure::new(format!(
                    "The server ended by itself ({status}); its output is above."
                )));
            }
        }
    }
}

/// Lets the server close its connections, then ends it. A Ctrl-C of the terminal has reached it
/// already; a signal to this program alone has not.
fn stop(server: &mut Child, happenings: &Receiver<Happening>) -> Result<(), Failure> {
    if cfg!(unix) {
        let signal = Program::new("kill").arg(server.id().to_string()).output();
        // It may have ended meanwhile, which is what was wanted.
        drop(signal);
    }
    loop {
        match happenings.recv_timeout(GRACE) {
            Ok(Happening::ServerEnded) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(Happening::Listening { .. }) => {}
            Ok(Happening::Interrupted) | Err(RecvTimeoutError::Timeout) => {
                server.kill().or_fail("end the server")?;
                break;
            }
        }
    }
    server.wait().or_fail("wait for the server").map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_readiness_line_is_understood() {
        let line = r#"{"listening":"127.0.0.1:4400","control":"127.0.0.1:4322"}"#;
        assert!(matches!(
            readiness(line),
            Some(Happening::Listening { page, control: Some(4322) }) if page == "127.0.0.1:4400"
        ));
    }

    #[test]
    fn a_server_without_a_control_endpoint_is_ready_too() {
        let line = r#"{"listening":"127.0.0.1:4400","control":null}"#;
        assert!(matches!(readiness(line), Some(Happening::Listening { control: None, .. })));
    }

    #[test]
    fn other_lines_are_not_a_readiness_line() {
        assert!(readiness("accepted a connection").is_none());
    }

    #[test]
    fn a_taken_port_gives_the_next_free_one() -> Result<(), Failure> {
        let taken = TcpListener::bind(("127.0.0.1", 0)).or_fail("bind")?;
        let port = taken.local_addr().or_fail("read the port")?.port();
        assert!(free_port(port)? > port);
        Ok(())
    }
}
