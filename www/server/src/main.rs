//! The program: reads the command line, serves, and shuts down on a signal.

use std::io::Write;
use std::process::ExitCode;

use tidewire_server::Server;
use tidewire_server::cli::{self, Command};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let result = cli::parse(std::env::args_os().skip(1)).and_then(|command| match command {
        Command::Help => print_line(cli::HELP.trim_end()),
        Command::Version => print_line(concat!("tidewire-server ", env!("CARGO_PKG_VERSION"))),
        Command::Serve(config) => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|e| format!("cannot start: {e}"))?
            .block_on(serve(*config)),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("tidewire-server: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: tidewire_server::config::Config) -> Result<(), String> {
    let describe = |e: std::io::Error| format!("cannot wait for signals: {e}");
    let mut terminate = signal(SignalKind::terminate()).map_err(describe)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(describe)?;
    let server = Server::start(config).await?;
    let control = server.control().map_or("null".into(), |at| format!("\"{at}\""));
    print_line(&format!(r#"{{"listening":"{}","control":{control}}}"#, server.address()))?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    server.shutdown().await;
    Ok(())
}

fn print_line(line: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|e| format!("cannot print: {e}"))
}
