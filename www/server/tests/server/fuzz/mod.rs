//! Hostile clients of every protocol together with well-behaved ones: the server keeps running, the
//! well-behaved clients are not affected, and memory stays within the limits.

mod hostile;
mod mutate;

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;
use serde_json::{Value, json};

use self::hostile::{FAMILIES, attack};
use crate::client::Client;
use crate::phoenix::Socket;
use crate::program::{Program, scratch};
use crate::setup::{ALL, SECRET, get, token};

/// Hostile connections of each family, and the frames of each.
const EACH: usize = 2;
const FRAMES: usize = 60;

/// The number of messages of each well-behaved sender.
const MESSAGES: u32 = 100;

/// The server's memory limit, in MiB: buffers for incoming data, and its logs.
const MEMORY: u64 = 400;

fn config() -> Value {
    json!({
        "keys": [{ "alg": "HS256", "secret": String::from_utf8_lossy(SECRET) }],
        "anonymous": true,
        "publish": "open",
        "tables": { "notes": {}, "board:*": {} },
        "phoenix": {},
        "supabase": {
            "anyKey": true, "connectRejectionDelayMs": 5, "joinRejectionDelayMs": 5, "subscribeDelayMs": 5,
            "messagesPerSecond": 100_000, "joinsPerSecond": 100_000,
        },
        "limits": {
            "madeChannels": 50, "userMadeChannels": 200, "logBytes": 1 << 20, "logBytesTotal": 8 << 20,
            "ackMemoryBytes": 8 << 20, "tableBytes": 1 << 20, "tableBytesTotal": 4 << 20, "outboundBytes": 1 << 20,
            "maxFrameBytes": 1 << 20, "countedChannels": 100, "closeTimeoutMs": 500,
        },
    })
}

async fn member(address: SocketAddr, user: &str) -> Client {
    let mut client = Client::open(address, "", &[]).await;
    client.auth(Some(&token(&json!({ "sub": user }))), ALL).await;
    client
}

/// One client sends to a channel, with acks, and another receives all of it in order.
async fn native_members(address: SocketAddr) {
    let (mut ann, mut bob) = (member(address, "ann").await, member(address, "bob").await);
    bob.subscribe("good").await;
    let send = async {
        for n in 0..MESSAGES {
            let ack = ann.publish("good", &format!("good-{n}"), json!({ "good": n })).await;
            assert_eq!(ack["status"], "ok", "{ack}");
        }
    };
    let receive = async {
        let mut next = 0;
        while next < MESSAGES {
            let message = bob.until("channel_message").await;
            // Hostile clients may send to this channel too.
            if message["id"] == format!("good-{next}") {
                assert_eq!(message["payload"]["good"], next);
                next += 1;
            }
        }
    };
    tokio::join!(send, receive);
    bob.subscribe("good again").await;
}

/// The same in a topic of the other protocols.
async fn members(address: SocketAddr, path: &str, topic: &str, event: &str) {
    let (mut ann, mut bob) = (Socket::open(address, path).await, Socket::open(address, path).await);
    let config = json!({ "config": { "broadcast": { "ack": true } } });
    assert_eq!(ann.join(topic, config.clone()).await["status"], "ok");
    assert_eq!(bob.join(topic, config).await["status"], "ok");
    let send = async {
        for n in 0..MESSAGES {
            let payload = json!({ "type": "broadcast", "event": "good", "payload": { "good": n } });
            ann.push(topic, &format!("good-{n}"), topic, event, payload).await;
            loop {
                let reply = ann.until("phx_reply").await;
                if reply[1] == format!("good-{n}") {
                    assert_eq!(reply[4]["status"], "ok", "{reply}");
                    break;
                }
            }
        }
    };
    let receive = async {
        let mut next = 0;
        while next < MESSAGES {
            let message = bob.until(event).await;
            if message[4]["event"] == "good" {
                assert_eq!(message[4]["payload"]["good"], next, "{message}");
                next += 1;
            }
        }
    };
    tokio::join!(send, receive);
}

async fn run(seed: u64) {
    let directory = scratch(&format!("fuzz-{seed}"));
    let file = directory.join("config.json");
    std::fs::write(&file, config().to_string()).expect("written");
    let path = file.to_str().expect("a path");
    let mut program = Program::start(&["--config", path, "--control", "0"]).await;
    let address = program.address;
    let control = program.control.as_str().and_then(|at| at.parse().ok()).expect("an address");
    let attacks = (0..EACH * FAMILIES.len()).map(|n| {
        let family = FAMILIES[n % FAMILIES.len()];
        async move {
            let outcome =
                attack(address, family, seed.wrapping_mul(1_000) + n as u64, FRAMES).await;
            let is_answered = outcome.rejections > 0 || outcome.code.is_some();
            assert!(is_answered, "seed {seed}: {family:?} {n} got no answer: {outcome:?}");
        }
    });
    let supabase = "/realtime/v1/websocket?apikey=any&vsn=2.0.0";
    tokio::join!(
        join_all(attacks),
        native_members(address),
        members(address, "/socket/websocket?vsn=2.0.0", "room:good", "moved"),
        members(address, supabase, "realtime:apart", "broadcast"),
    );
    let stats = get(control, "/stats").await.1;
    let at_most = |name: &str, most: u64| {
        let count = stats[name].as_u64().unwrap_or(u64::MAX);
        assert!(count <= most, "seed {seed}: {count} {name}");
    };
    at_most("channels", 260);
    at_most("members", 200 * 12);
    at_most("ids", 8 << 20);
    at_most("accounts", 40);
    for counter in ["subscribes", "unsubscribes", "publishes"] {
        assert!(stats[counter].as_object().is_some_and(|names| names.len() <= 100), "seed {seed}");
    }
    if let Some(peak) = program.peak_memory() {
        assert!(peak <= MEMORY, "seed {seed}: {peak} MiB");
    }
    let (status, log) = program.signal("-TERM").await;
    assert!(status.success() && !log.contains("panicked"), "seed {seed}: {log}");
    std::fs::remove_dir_all(directory).expect("removed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_clients_of_every_protocol_do_not_affect_server_or_others() {
    for seed in [1, 2, 3] {
        run(seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_clients_with_a_fresh_seed_do_not_affect_others() {
    let given = |name: &str| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as u64;
    let seed = given("TIDEWIRE_SERVER_FUZZ_SEED").unwrap_or(now % 1_000_000_000);
    for seed in seed..seed + given("TIDEWIRE_SERVER_FUZZ_SEEDS").unwrap_or(1) {
        // Bypasses the test harness, which shows the output of failed tests only.
        let _ = writeln!(std::io::stderr(), "TIDEWIRE_SERVER_FUZZ_SEED={seed}");
        run(seed).await;
    }
}
