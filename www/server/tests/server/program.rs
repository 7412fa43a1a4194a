//! The program itself: its output, its signals, its files.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::client::{Client, ClientEvent, within};
use crate::setup::{ALL, SECRET, get, in_seconds, token};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tidewire-server");

/// A running program, which is killed when this is dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) control: Value,
}

impl Program {
    pub(crate) async fn start(args: &[&str]) -> Self {
        Self::spawn(Command::new(PROGRAM).args(["--port", "0"]).args(args)).await
    }

    /// Starts the program with at most `count` file descriptors.
    async fn with_descriptors(count: u32, args: &[&str]) -> Self {
        let script = format!("ulimit -n {count}; exec \"$@\"");
        let mut shell = Command::new("sh");
        Self::spawn(shell.args(["-c", &script, "sh", PROGRAM, "--port", "0"]).args(args)).await
    }

    async fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let line = within("line", lines.next_line()).await.expect("reads").expect("a line");
        let ready: Value = serde_json::from_str(&line).expect("JSON");
        let address = ready["listening"].as_str().and_then(|a| a.parse().ok()).expect("an address");
        Self { child, address, control: ready["control"].clone() }
    }

    /// Its peak memory so far, in MiB, if the system reports it.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib / 1_024)
    }

    /// Kills the program, as a crash would.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("killed");
    }

    /// Sends a signal and waits for the exit; returns the status and stderr.
    pub(crate) async fn signal(&mut self, signal: &str) -> (ExitStatus, String) {
        let id = self.child.id().expect("running").to_string();
        let sent = Command::new("kill").args([signal, &id]).status().await.expect("kill runs");
        assert!(sent.success());
        let status = within("exit", self.child.wait()).await.expect("waits");
        let mut log = String::new();
        let stderr = self.child.stderr.as_mut().expect("piped");
        stderr.read_to_string(&mut log).await.expect("reads");
        (status, log)
    }
}

/// Creates an empty directory for one test.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("tidewire-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a directory");
    path
}

#[tokio::test]
async fn signal_closes_every_connection_and_exits_with_success() {
    for signal in ["-TERM", "-INT"] {
        let mut program = Program::start(&["--anonymous"]).await;
        assert_eq!(program.control, Value::Null);
        let mut client = Client::open(program.address, "", &[]).await;
        client.auth(None, ALL).await;
        let ((status, _), end) = tokio::join!(program.signal(signal), client.until_closed());
        assert_eq!((status.code(), end), (Some(0), ClientEvent::Closed(1012)));
    }
}

#[tokio::test]
async fn config_file_sets_keys_and_limits_and_no_token_is_logged() {
    let directory = scratch("config");
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/server/keys/rs256-public.pem");
    let config = json!({
        "keys": [
            { "alg": "HS256", "secret": String::from_utf8_lossy(SECRET) },
            { "alg": "RS256", "kid": "r", "file": keys },
        ],
        "publish": { "bearer": "a bearer for the test" },
        "limits": { "heartbeatMs": 1234 },
        "tables": { "notes": {
            "rules": [{ "field": "title", "maxLength": 3 }],
            "keys": "integer",
            "rows": [{ "title": "one" }],
        } },
    });
    let file = directory.join("config.json");
    std::fs::write(&file, config.to_string()).expect("written");
    let path = file.to_str().expect("a path");
    let mut program = Program::start(&["--config", path, "--control", "0"]).await;
    assert!(program.control.as_str().is_some_and(|at| at.starts_with("127.0.0.1:")));
    let good = token(&json!({ "sub": "ann", "exp": in_seconds(60.0) }));
    let bad = format!("{good}x");
    let mut client = Client::open(program.address, "", &["jwt", &bad]).await;
    client.send(json!({ "type": "auth", "token": bad, "features": ALL })).await;
    let error = client.expect("error").await.to_string();
    assert_eq!(client.next_event().await, ClientEvent::Closed(4001));
    let mut client = Client::open(program.address, "", &["jwt", &good]).await;
    client.auth(Some(&good), ALL).await;
    assert_eq!(client.auth_success["heartbeatMs"], 1234);
    let row = json!({ "row": { "title": "two" } });
    let ack = client.change("notes", "m1", "insert", row).await;
    assert_eq!(ack["payload"], json!({ "id": 2, "title": "two", "version": 1 }));
    let row = json!({ "row": { "title": "three" } });
    assert_eq!(client.change("notes", "m2", "insert", row).await["code"], "invalid");
    let ((status, log), _) = tokio::join!(program.signal("-TERM"), client.until_closed());
    assert!(status.success());
    for secret in [&good, &bad, "a bearer for the test"] {
        assert!(!log.contains(secret) && !error.contains(secret));
    }
    std::fs::remove_dir_all(directory).expect("removed");
}

#[tokio::test]
async fn invalid_start_fails_with_a_message() {
    let output = Command::new(PROGRAM)
        .args(["--config", "/nowhere/config.json"])
        .output()
        .await
        .expect("the program runs");
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/config.json"));
}

#[tokio::test]
async fn data_directory_is_locked_by_one_server() {
    let directory = scratch("shared");
    let data = directory.to_str().expect("a path");
    let first = Program::start(&["--anonymous", "--data", data]).await;
    let second =
        Command::new(PROGRAM).args(["--port", "0", "--anonymous", "--data", data]).output();
    let output = within("exit", second).await.expect("the program runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains(data));
    first.kill().await;
    std::fs::remove_dir_all(directory).expect("removed");
}

/// Whether a connection without a request is rejected at once; an accepted one receives nothing.
async fn is_rejected(stream: &mut TcpStream) -> bool {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_millis(300), stream.read_to_end(&mut answer));
    match read.await {
        Ok(Ok(_)) => {
            let answer = String::from_utf8_lossy(&answer);
            assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
            true
        }
        Ok(Err(_)) => true,
        Err(_) => false,
    }
}

#[tokio::test]
async fn without_descriptors_new_connections_are_rejected_and_control_still_answers() {
    let mut program = Program::with_descriptors(64, &["--anonymous", "--control", "0"]).await;
    let control = program.control.as_str().and_then(|at| at.parse().ok()).expect("an address");
    let mut ann = Client::open(program.address, "", &[]).await;
    ann.auth(None, ALL).await;
    let mut others = Vec::new();
    for _ in 0..100 {
        others.push(
            within("connection", TcpStream::connect(program.address)).await.expect("connects"),
        );
    }
    let rejected = others.iter_mut().map(is_rejected);
    let rejected = futures_util::future::join_all(rejected).await;
    let count = rejected.iter().filter(|rejected| **rejected).count();
    assert!((45..95).contains(&count), "{count}");
    for _ in 0..3 {
        assert_eq!(get(control, "/stats").await.1["opened"], 1);
        let mut late = TcpStream::connect(program.address).await.expect("connects");
        assert!(is_rejected(&mut late).await);
    }
    assert_eq!(ann.subscribe("c").await["channel"], "c", "open connections stay open");
    drop(others);
    let mut bob = loop {
        match Client::try_open(program.address, "", &[]).await {
            Ok(client) => break client,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    bob.auth(None, ALL).await;
    assert_eq!(bob.subscribe("c").await["channel"], "c", "new connections are accepted again");
    let ((_, log), _) = tokio::join!(program.signal("-TERM"), ann.until_closed());
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("no room"), "{log}");
}

#[tokio::test]
async fn total_connections_are_limited() {
    let limits = ["--limit", "maxConnections=3"];
    let program = Program::start(&[&["--anonymous"], &limits[..]].concat()).await;
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(TcpStream::connect(program.address).await.expect("connects"));
    }
    let rejected = futures_util::future::join_all(all.iter_mut().map(is_rejected)).await;
    assert_eq!(rejected, [false, false, false, true, true, true]);
}

#[tokio::test]
async fn idle_http_connection_is_aborted_and_an_idle_websocket_is_not() {
    let limits = ["--limit", "httpIdleMs=200"];
    let program = Program::start(&[&["--anonymous"], &limits[..]].concat()).await;
    let mut ann = Client::open(program.address, "", &[]).await;
    ann.auth(None, ALL).await;
    let mut idle = TcpStream::connect(program.address).await.expect("connects");
    let mut slow = TcpStream::connect(program.address).await.expect("connects");
    slow.write_all(b"GET /ws/realtime HTTP/1.1\r\nHost: x\r\n").await.expect("writes");
    for stream in [&mut idle, &mut slow] {
        let mut answer = Vec::new();
        let _ = within("end", stream.read_to_end(&mut answer)).await;
    }
    assert_eq!(ann.subscribe("c").await["channel"], "c");
}
