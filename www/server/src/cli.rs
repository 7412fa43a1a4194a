//! The command line.

use std::path::PathBuf;

use crate::config::{Config, PublishAccess};

/// What `--help` prints.
pub const HELP: &str = "\
tidewire-server: the reference server of the tidewire protocol

  --host ADDRESS        listen on this address (127.0.0.1)
  --port N              listen on this port, 0 for any (4321)
  --config FILE         keys, limits and access, as JSON; flags win over it
  --anonymous           let connections in that have no token
  --publish-open        let anybody use POST /publish
  --data DIR            keep logs in DIR, across restarts
  --static DIR          serve the files of DIR
  --table PATTERN       a table behind this channel, or behind those of a prefix with *
  --limit NAME=N        set a limit of the config file, e.g. --limit logCount=50
  --phoenix             speak Phoenix Channels too, at /socket/websocket
  --supabase            speak a subset of Supabase too, at /realtime/v1, /rest/v1 and /auth/v1
  --demo                both of these, /demo/token, /demo/notes, open POST /publish, tables behind the
                        channels `notes` and `board:*`
  --demo-traffic        publish an event to the channel `feed` about once a second
  --domains             tables of interviews, bills, calls and more, with REST endpoints at /api;
                        on with --demo
  --domain-traffic [N]  let other people act in these, N times a second (2)
  --seed N              what these people do is the same for the same seed (1)
  --control [PORT]      a control endpoint with fault switches, on loopback (any port)
  --help                this
  --version             the version

When it listens it prints one line: {\"listening\":\"ADDRESS:PORT\",\"control\":\"…\"|null}
";

/// How often somebody acts in the domains, a second, unless it is said.
const DOMAIN_RATE: f64 = 2.0;

/// What the command line asks for.
#[derive(Debug)]
pub enum Command {
    /// Run a server.
    Serve(Box<Config>),
    /// Print [`HELP`].
    Help,
    /// Print the version.
    Version,
}

/// Reads the arguments after the program's name.
///
/// # Errors
/// In a sentence that names the argument.
pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let args: Vec<String> = args.into_iter().flat_map(split_assignment).collect();
    let mut config = Config::default();
    // The file comes first, wherever it stands, so that flags win over it.
    if let Some(at) = args.iter().position(|a| a == "--config") {
        let file = args.get(at + 1).ok_or("--config needs a file")?;
        config.read_file(&PathBuf::from(file))?;
    }
    let mut args = args.into_iter().peekable();
    while let Some(flag) = args.next() {
        let mut value = |what: &str| {
            args.next_if(|a| !a.starts_with("--")).ok_or(format!("{flag} needs {what}"))
        };
        match flag.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--version" | "-V" => return Ok(Command::Version),
            "--host" => {
                let host = value("an address")?;
                config.host = if host == "localhost" { "127.0.0.1" } else { host.as_str() }
                    .parse()
                    .map_err(|_| format!("--host {host} is not an IP address"))?;
            }
            "--port" => config.port = port("--port", &value("a port")?)?,
            "--config" => drop(value("a file")?),
            "--anonymous" => config.anonymous = true,
            "--publish-open" => config.publish = PublishAccess::Open,
            "--data" => config.data = Some(value("a directory")?.into()),
            "--static" => config.static_dir = Some(value("a directory")?.into()),
            "--limit" => {
                let pair = value("NAME=N")?;
                let (name, number) = pair.split_once('=').ok_or("--limit needs NAME=N")?;
                let number = number
                    .parse()
                    .map_err(|_| format!("--limit {pair}: {number} is not a whole number"))?;
                config.limits.set(name, number)?;
            }
            "--table" => {
                let pattern = value("a channel, or a prefix with *")?;
                config.tables.entry(pattern).or_default();
            }
            "--phoenix" => drop(config.phoenix.get_or_insert_default()),
            "--supabase" => drop(config.supabase.get_or_insert_default()),
            "--demo" => config.demo = true,
            "--demo-traffic" => config.demo_traffic = true,
            "--domains" => config.domains = true,
            "--domain-traffic" => {
                let given = value("a rate").ok();
                let rate = given.map_or(Ok(DOMAIN_RATE), |rate| per_second(&rate))?;
                config.domain_traffic = Some(rate);
                config.domains = true;
            }
            "--seed" => {
                let seed = value("a number")?;
                config.seed =
                    seed.parse().map_err(|_| format!("--seed {seed} is not a whole number"))?;
            }
            "--control" => {
                let given = value("a port").ok();
                config.control = Some(given.map_or(Ok(0), |p| port("--control", &p))?);
            }
            other => return Err(format!("unknown argument {other}; --help lists all")),
        }
    }
    if config.demo && config.publish == PublishAccess::Closed {
        config.publish = PublishAccess::Open;
    }
    Ok(Command::Serve(Box::new(config)))
}

/// `--port=4321` is `--port 4321`.
fn split_assignment(arg: String) -> Vec<String> {
    match arg.split_once('=') {
        Some((flag, value)) if flag.starts_with("--") => vec![flag.into(), value.into()],
        _ => vec![arg],
    }
}

fn per_second(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.01..=1_000.0).contains(rate));
    rate.ok_or(format!("--domain-traffic {text} is not a rate (0.01 to 1000 a second)"))
}

fn port(flag: &str, text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("{flag} {text} is not a port (0 to 65535)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serve(args: &[&str]) -> Result<Config, String> {
        match parse(args.iter().map(|a| (*a).to_owned()))? {
            Command::Serve(config) => Ok(*config),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn control_exists_only_when_asked_for_and_its_port_is_optional() {
        assert_eq!(serve(&[]).expect("valid").control, None);
        assert_eq!(serve(&["--control", "--demo"]).expect("valid").control, Some(0));
        assert_eq!(serve(&["--control", "9000"]).expect("valid").control, Some(9000));
        assert_eq!(serve(&["--control=9000"]).expect("valid").control, Some(9000));
    }

    #[test]
    fn traffic_has_a_rate_of_its_own_and_needs_the_domains() {
        let config = serve(&["--domain-traffic", "--seed", "7"]).expect("valid");
        assert_eq!((config.domain_traffic, config.seed, config.domains), (Some(2.0), 7, true));
        assert_eq!(serve(&["--domain-traffic=0.5"]).expect("valid").domain_traffic, Some(0.5));
        assert_eq!(serve(&["--domains"]).expect("valid").domain_traffic, None);
        assert!(serve(&["--domain-traffic", "0"]).expect_err("never").contains("rate"));
    }

    #[test]
    fn publishing_is_open_in_the_demo_and_closed_otherwise() {
        assert_eq!(serve(&["--demo"]).expect("valid").publish, PublishAccess::Open);
        assert_eq!(serve(&[]).expect("valid").publish, PublishAccess::Closed);
    }

    #[test]
    fn other_protocols_are_spoken_only_when_asked_for() {
        let config = serve(&[]).expect("valid");
        assert!(config.phoenix.is_none() && config.supabase.is_none());
        let config = serve(&["--phoenix", "--supabase"]).expect("valid");
        assert!(config.phoenix.is_some() && config.supabase.is_some());
    }

    #[test]
    fn a_wrong_argument_is_named() {
        assert!(serve(&["--prot", "1"]).expect_err("unknown").contains("--prot"));
        assert!(serve(&["--port", "x"]).expect_err("no port").contains("--port x"));
        assert!(serve(&["--limit", "nope=1"]).expect_err("no limit").contains("nope"));
    }

    #[test]
    fn a_limit_can_be_set_alone() {
        let config = serve(&["--limit", "logCount=5"]).expect("valid");
        assert_eq!(config.limits.log_count, 5);
        assert_eq!(config.limits.heartbeat_ms, 30_000);
    }
}
