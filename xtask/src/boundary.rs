//! Checks the rules of the layering that the compiler does not enforce.
//!
//! Dependencies point one way: `engine → web → core`, `bare → web → core` and `engine → abi → core`. A browser
//! crate in `core` fails the host build. Checked here is what compiles: `web` that uses `engine` or `bare`; a part of
//! the core that uses another part, which only `client` may do, or names a protocol; a clock, a thread or a file in the
//! server's protocol core; and files that import each other in a cycle.

use crate::cycles;
use crate::failure::{Failure, OrFail};
use crate::stamp::entries;
use crate::workspace::Workspace;
use std::fs;
use std::path::Path;

/// Each layer with a layer that it must not name.
const LAYERS: [(&str, &str); 11] = [
    ("src/engine", "crate::bare"),
    ("src/web", "crate::bare"),
    ("src/web", "crate::engine"),
    ("src/web", "crate::abi"),
    ("src/abi", "crate::bare"),
    ("src/abi", "crate::engine"),
    ("src/abi", "crate::web"),
    ("src/core", "crate::abi"),
    ("src/core", "crate::bare"),
    ("src/core", "crate::engine"),
    ("src/core", "crate::web"),
];

/// The parts of the core: the path and the name of each. None may name another one.
const PARTS: [(&str, &str); 6] = [
    ("src/core/connection", "connection"),
    ("src/core/channel", "channel"),
    ("src/core/outbox", "outbox"),
    ("src/core/collection", "collection"),
    ("src/core/presence", "presence"),
    ("src/core/typing.rs", "typing"),
];

/// The names of protocols, which in `src/core` only the files of [`PROTOCOL_FILES`] may contain.
const PROTOCOLS: [&str; 4] = ["protocol::", "Protocol::", "supabase", "phoenix"];

/// The files and folders that may name protocols; tests use every protocol.
const PROTOCOL_FILES: [&str; 6] =
    ["client", "protocol", "config.rs", "profile.rs", "testing.rs", "tests"];

/// The crates whose files must not import each other in a cycle.
const CRATES: [&str; 3] = ["src", "www/server/core/src", "www/server/src"];

/// The protocol core of the reference server, and the items of the standard library that it must not name:
/// they compile for browsers, and panic there.
const SERVER_CORE: &str = "www/server/core/src";
const IO: [&str; 7] =
    ["Instant", "SystemTime", "std::thread", "std::fs", "std::env", "std::process", "TcpStream"];

/// Checks every rule; returns how many files were read.
///
/// # Errors
/// When a file names a layer above its own, a part of the core another part or a protocol, the
/// server's protocol core IO, or files import each other in a cycle.
pub(crate) fn check(workspace: &Workspace) -> Result<usize, Failure> {
    let mut read = 0;
    for (layer, upper) in LAYERS {
        search(&workspace.path(layer), upper, &mut read)?;
    }
    for (part, name) in PARTS {
        for (_, other) in PARTS.iter().filter(|(_, other)| *other != name) {
            for forbidden in [format!("core::{other}"), format!("super::{other}")] {
                search(&workspace.path(part), &forbidden, &mut read)?;
            }
        }
    }
    search_protocols(&workspace.path("src/core"), &mut read)?;
    search_io(&workspace.path(SERVER_CORE), &mut read)?;
    for root in CRATES {
        let (found, files) = cycles::find(&workspace.path(root))?;
        read += files;
        if let Some(cycle) = found.first() {
            let cycle: Vec<String> = cycle.iter().map(|file| format!("{root}/{file}")).collect();
            return Err(Failure::new(format!(
                "These files import each other in a cycle: {}. Move what they share into a file of \
                 its own.",
                cycle.join(", ")
            )));
        }
    }
    Ok(read)
}

fn search_io(directory: &Path, read: &mut usize) -> Result<(), Failure> {
    for entry in entries(directory) {
        if entry.is_dir() {
            search_io(&entry, read)?;
            continue;
        }
        let text = fs::read_to_string(&entry).or_fail(format!("read {}", entry.display()))?;
        *read += 1;
        let found = IO.iter().find_map(|name| Some((offending_line(&text, name)?, *name)));
        if let Some((line, name)) = found {
            return Err(Failure::new(format!(
                "{}:{line} names `{name}`, but the server's protocol core has no IO: the driver passes in what it needs.",
                entry.display()
            )));
        }
    }
    Ok(())
}

fn search_protocols(directory: &Path, read: &mut usize) -> Result<(), Failure> {
    for entry in entries(directory) {
        if PROTOCOL_FILES.iter().any(|name| entry.ends_with(name)) {
            continue;
        }
        if entry.is_dir() {
            search_protocols(&entry, read)?;
            continue;
        }
        let text = fs::read_to_string(&entry).or_fail(format!("read {}", entry.display()))?;
        *read += 1;
        if let Some((line, name)) = named_protocol(&text) {
            return Err(Failure::new(format!(
                "{}:{line} names `{name}`, but the parts of the core use the `ProtocolProfile`.",
                entry.display()
            )));
        }
    }
    Ok(())
}

/// Finds the first line that names a protocol; tests are skipped.
fn named_protocol(text: &str) -> Option<(usize, &'static str)> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    PROTOCOLS.iter().find_map(|name| Some((offending_line(code, name)?, *name)))
}

fn search(path: &Path, upper: &str, read: &mut usize) -> Result<(), Failure> {
    if path.is_dir() {
        for entry in entries(path) {
            search(&entry, upper, read)?;
        }
        return Ok(());
    }
    let text = fs::read_to_string(path).or_fail(format!("read {}", path.display()))?;
    *read += 1;
    match offending_line(&text, upper) {
        None => Ok(()),
        Some(line) => Err(Failure::new(format!(
            "{}:{line} names `{upper}`, but dependencies point one way: engine → web → core, and only \
             the client may use all parts of the core.",
            path.display()
        ))),
    }
}

/// Returns the number of the first line that names the layer; comments are skipped.
fn offending_line(text: &str, upper: &str) -> Option<usize> {
    text.lines()
        .position(|line| {
            let code = line.split("//").next().unwrap_or_default();
            code.contains(upper)
        })
        .map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_the_repository_follows_the_rules() {
        if let Err(failure) = check(&Workspace::locate()) {
            panic!("{failure}");
        }
    }

    #[test]
    fn code_that_names_the_layer_above_is_found() {
        assert_eq!(offending_line("mod a;\nuse crate::engine::Engine;", "crate::engine"), Some(2));
    }

    #[test]
    fn a_part_that_names_a_protocol_is_found_but_not_its_tests() {
        let part = "use super::config::Config;\nfn a() -> bool { b == Protocol::Phoenix }\n";
        assert_eq!(named_protocol(part), Some((2, "Protocol::")));
        let tests = "// protocol::a\n#[cfg(test)]\nmod tests {\n    use super::protocol::b;\n}\n";
        assert_eq!(named_protocol(tests), None);
    }

    #[test]
    fn comment_that_names_the_layer_above_is_ignored() {
        assert_eq!(offending_line("// see crate::engine::Engine", "crate::engine"), None);
    }
}
