//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::Parser;
use lexopt::prelude::{Long, Short};

use crate::config::{Config, PublishAccess};

/// What `--help` prints.
pub const HELP: &str = "\
tidewire-server: the reference server of the tidewire protocol

  --host ADDRESS        listen on this address (127.0.0.1)
  --port N              listen on this port, 0 for any (4321)
  --config FILE         keys, limits and access, as JSON; flags take precedence
  --anonymous           accept connections without a token
  --publish-open        let anybody use POST /publish
  --data DIR            store logs in DIR, across restarts
  --static DIR          serve the files of DIR
  --table PATTERN       a table behind this channel, or behind those of a prefix with *
  --limit NAME=N        set a limit of the config file, e.g. --limit logCount=50
  --phoenix             serve Phoenix Channels too, at /socket/websocket
  --supabase            serve a subset of Supabase too, at /realtime/v1, /rest/v1 and /auth/v1
  --demo                both of these, /demo/token, /demo/notes, open POST /publish, tables behind the
                        channels `notes` and `board:*`
  --demo-traffic        publish an event to the channel `feed` about once a second
  --domains             tables of interviews, bills, calls and more, with REST endpoints at /api;
                        on with --demo
  --domain-traffic [N]  let other people act in these, N times a second (2)
  --seed N              the same seed gives the same traffic (1)
  --control [PORT]      a control endpoint with fault switches, on loopback (any port)
  --help                this
  --version             the version

When it listens it prints one line: {\"listening\":\"ADDRESS:PORT\",\"control\":\"…\"|null}
";

/// The default rate of actions in the domains, per second.
const DOMAIN_RATE: f64 = 2.0;

/// A parsed command.
#[derive(Debug)]
pub enum Command {
    /// Run a server.
    Serve(Box<Config>),
    /// Print [`HELP`].
    Help,
    /// Print the version.
    Version,
}

/// Parses the arguments after the program's name.
///
/// # Errors
/// A message that names the argument.
pub fn parse(args: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Command, String> {
    let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
    let mut arguments = Arguments::default();
    if let Some(command) = arguments.read(&args)? {
        return Ok(command);
    }
    // The file is read first, wherever its flag is, so that flags take precedence.
    if let Some(file) = arguments.file {
        arguments = Arguments::default();
        arguments.config.read_file(&file)?;
        arguments.read(&args)?;
    }
    let mut config = arguments.config;
    if config.demo && config.publish == PublishAccess::Closed {
        config.publish = PublishAccess::Open;
    }
    Ok(Command::Serve(Box::new(config)))
}

#[derive(Default)]
struct Arguments {
    config: Config,
    /// The config file.
    file: Option<PathBuf>,
}

impl Arguments {
    /// Applies the arguments; returns the command if it is not to serve.
    fn read(&mut self, args: &[OsString]) -> Result<Option<Command>, String> {
        let config = &mut self.config;
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next().map_err(|e| e.to_string())? {
            match arg {
                Long("help") | Short('h') => return Ok(Some(Command::Help)),
                Long("version") | Short('V') => return Ok(Some(Command::Version)),
                Long("host") => {
                    let host = text(&mut parser, "--host", "an address")?;
                    config.host = if host == "localhost" { "127.0.0.1" } else { host.as_str() }
                        .parse()
                        .map_err(|_| format!("--host {host} is not an IP address"))?;
                }
                Long("port") => {
                    config.port = port("--port", &text(&mut parser, "--port", "a port")?)?;
                }
                Long("config") => {
                    let file = value(&mut parser).ok_or("--config needs a file")?;
                    self.file.get_or_insert(file.into());
                }
                Long("anonymous") => config.anonymous = true,
                Long("publish-open") => config.publish = PublishAccess::Open,
                Long("data") => {
                    let directory = value(&mut parser).ok_or("--data needs a directory")?;
                    config.data = Some(directory.into());
                }
                Long("static") => {
                    let directory = value(&mut parser).ok_or("--static needs a directory")?;
                    config.static_dir = Some(directory.into());
                }
                Long("limit") => {
                    let pair = text(&mut parser, "--limit", "NAME=N")?;
                    let (name, number) = pair.split_once('=').ok_or("--limit needs NAME=N")?;
                    let number = number
                        .parse()
                        .map_err(|_| format!("--limit {pair}: {number} is not a whole number"))?;
                    config.limits.set(name, number)?;
                }
                Long("table") => {
                    let pattern = text(&mut parser, "--table", "a channel, or a prefix with *")?;
                    config.tables.entry(pattern).or_default();
                }
                Long("phoenix") => drop(config.phoenix.get_or_insert_default()),
                Long("supabase") => drop(config.supabase.get_or_insert_default()),
                Long("demo") => config.demo = true,
                Long("demo-traffic") => config.demo_traffic = true,
                Long("domains") => config.domains = true,
                Long("domain-traffic") => {
                    config.domain_traffic = Some(match value(&mut parser) {
                        Some(rate) => per_second(&string("--domain-traffic", rate)?)?,
                        None => DOMAIN_RATE,
                    });
                    config.domains = true;
                }
                Long("seed") => {
                    let seed = text(&mut parser, "--seed", "a number")?;
                    config.seed =
                        seed.parse().map_err(|_| format!("--seed {seed} is not a whole number"))?;
                }
                Long("control") => {
                    config.control = Some(match value(&mut parser) {
                        Some(given) => port("--control", &string("--control", given)?)?,
                        None => 0,
                    });
                }
                other => return Err(format!("{}; --help lists all", other.unexpected())),
            }
        }
        Ok(None)
    }
}

/// The value of the option just read, if any. An argument with a leading dash is the next option.
fn value(parser: &mut Parser) -> Option<OsString> {
    parser.values().ok()?.next()
}

fn text(parser: &mut Parser, flag: &str, what: &str) -> Result<String, String> {
    string(flag, value(parser).ok_or_else(|| format!("{flag} needs {what}"))?)
}

fn string(flag: &str, value: OsString) -> Result<String, String> {
    value.into_string().map_err(|value| format!("{flag} {} is not UTF-8", value.display()))
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
    fn control_is_off_by_default_and_its_port_is_optional() {
        assert_eq!(serve(&[]).expect("valid").control, None);
        assert_eq!(serve(&["--control", "--demo"]).expect("valid").control, Some(0));
        assert_eq!(serve(&["--control", "9000"]).expect("valid").control, Some(9000));
        assert_eq!(serve(&["--control=9000"]).expect("valid").control, Some(9000));
    }

    #[test]
    fn domain_traffic_has_its_own_rate_and_requires_domains() {
        let config = serve(&["--domain-traffic", "--seed", "7"]).expect("valid");
        assert_eq!((config.domain_traffic, config.seed, config.domains), (Some(2.0), 7, true));
        assert_eq!(serve(&["--domain-traffic=0.5"]).expect("valid").domain_traffic, Some(0.5));
        assert_eq!(serve(&["--domains"]).expect("valid").domain_traffic, None);
        assert!(serve(&["--domain-traffic", "0"]).expect_err("never").contains("rate"));
    }

    #[test]
    fn publish_is_open_in_the_demo_only() {
        assert_eq!(serve(&["--demo"]).expect("valid").publish, PublishAccess::Open);
        assert_eq!(serve(&[]).expect("valid").publish, PublishAccess::Closed);
    }

    #[test]
    fn other_protocols_are_off_by_default() {
        let config = serve(&[]).expect("valid");
        assert!(config.phoenix.is_none() && config.supabase.is_none());
        let config = serve(&["--phoenix", "--supabase"]).expect("valid");
        assert!(config.phoenix.is_some() && config.supabase.is_some());
    }

    #[test]
    fn invalid_argument_is_named_in_the_error() {
        assert!(serve(&["--prot", "1"]).expect_err("unknown").contains("--prot"));
        assert!(serve(&["--port", "x"]).expect_err("no port").contains("--port x"));
        assert!(serve(&["--limit", "nope=1"]).expect_err("no limit").contains("nope"));
        assert!(serve(&["news"]).expect_err("no flag").contains("news"));
        assert!(serve(&["--demo=1"]).expect_err("no value").contains("--demo"));
        assert_eq!(serve(&["--data", "--demo"]).expect_err("no value"), "--data needs a directory");
    }

    #[test]
    fn single_limit_can_be_set() {
        let config = serve(&["--limit", "logCount=5"]).expect("valid");
        assert_eq!(config.limits.log_count, 5);
        assert_eq!(config.limits.heartbeat_ms, 30_000);
    }
}
