//! `cargo xtask demo`: builds and serves the demo page with the reference server.

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

/// The default of `--port`.
pub(crate) const DEFAULT_PORT: u16 = 4400;

/// The simulated actions of other users per second, in all domains together: enough to show activity, and slow
/// enough to read.
const DOMAIN_TRAFFIC: u32 = 3;

/// How many ports are tried if the requested one is in use.
const PORTS_TRIED: u16 = 50;

/// How long the server may take to close its connections before it is killed.
const GRACE: Duration = Duration::from_secs(5);

enum ServerEvent {
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

    let (sender, events) = mpsc::channel();
    let interrupt = sender.clone();
    ctrlc::set_handler(move || {
        // Fails once the receiver is dropped: the server has ended then.
        drop(interrupt.send(ServerEvent::Interrupted));
    })
    .or_fail("listen for Ctrl-C")?;
    let mut server = start_server(workspace, port)?;
    if let Some(output) = server.stdout.take() {
        thread::spawn(move || relay(output, &sender));
    }
    wait_for_end(&mut server, &events)
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

/// The requested port, or the next one that is free.
fn free_port(requested: u16) -> Result<u16, Failure> {
    let last = requested.saturating_add(PORTS_TRIED);
    let free = (requested..=last).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    match free {
        Some(port) if port == requested => Ok(port),
        Some(port) => {
            println!("  Port {requested} is in use; using {port}.");
            Ok(port)
        }
        None => Err(Failure::new(format!(
            "Ports {requested} to {last} are all in use; choose another with --port."
        ))),
    }
}

/// Prints the output of the server, and reports when it listens and when it has ended.
fn relay(output: ChildStdout, sender: &Sender<ServerEvent>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        match readiness(&line) {
            Some(ready) => drop(sender.send(ready)),
            None => println!("{line}"),
        }
    }
    drop(sender.send(ServerEvent::ServerEnded));
}

/// Parses the line that the server prints when it listens.
fn readiness(line: &str) -> Option<ServerEvent> {
    let ready: Value = serde_json::from_str(line).ok()?;
    let page = ready["listening"].as_str()?.to_owned();
    let control =
        ready["control"].as_str().and_then(|address| address.rsplit_once(':')?.1.parse().ok());
    Some(ServerEvent::Listening { page, control })
}

/// Waits for Ctrl-C, then stops the server. An end of the server itself is an error.
fn wait_for_end(server: &mut Child, events: &Receiver<ServerEvent>) -> Result<(), Failure> {
    loop {
        match events.recv() {
            Ok(ServerEvent::Listening { page, control }) => {
                let query = control.map_or_else(String::new, |port| format!("?control={port}"));
                println!("\n  The demo runs at  http://{page}/{query}\n  Ctrl-C ends it.");
            }
            Ok(ServerEvent::Interrupted) => {
                println!("\nStopping.");
                return stop(server, events);
            }
            Ok(ServerEvent::ServerEnded) | Err(_) => {
                let status = server.wait().or_fail("wait for the server")?;
                return Err(Failure::new(format!(
                    "The server ended by itself ({status}); its output is above."
                )));
            }
        }
    }
}

/// Lets the server close its connections, then ends it. The terminal sends a Ctrl-C to the server too; a
/// signal to this program alone does not reach it.
fn stop(server: &mut Child, events: &Receiver<ServerEvent>) -> Result<(), Failure> {
    if cfg!(unix) {
        let signal = Program::new("kill").arg(server.id().to_string()).output();
        // Fails if the server has already ended, which is not an error.
        drop(signal);
    }
    loop {
        match events.recv_timeout(GRACE) {
            Ok(ServerEvent::ServerEnded) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(ServerEvent::Listening { .. }) => {}
            Ok(ServerEvent::Interrupted) | Err(RecvTimeoutError::Timeout) => {
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
    fn readiness_line_contains_the_page_and_the_control_port() {
        let line = r#"{"listening":"127.0.0.1:4400","control":"127.0.0.1:4322"}"#;
        assert!(matches!(
            readiness(line),
            Some(ServerEvent::Listening { page, control: Some(4322) }) if page == "127.0.0.1:4400"
        ));
    }

    #[test]
    fn readiness_line_without_a_control_endpoint_is_parsed() {
        let line = r#"{"listening":"127.0.0.1:4400","control":null}"#;
        assert!(matches!(readiness(line), Some(ServerEvent::Listening { control: None, .. })));
    }

    #[test]
    fn other_output_is_not_a_readiness_line() {
        assert!(readiness("accepted a connection").is_none());
    }

    #[test]
    fn port_in_use_is_replaced_by_the_next_free_one() -> Result<(), Failure> {
        let in_use = TcpListener::bind(("127.0.0.1", 0)).or_fail("bind")?;
        let port = in_use.local_addr().or_fail("read the port")?.port();
        assert!(free_port(port)? > port);
        Ok(())
    }
}
