//! The rules of the layering that the compiler does not enforce.
//!
//! Dependencies point one way: `api → web → core`. A browser crate in `core` fails the host build;
//! `web` reaching up into `api` compiles, so it is looked for here. So is a part of the core that
//! uses another part, which is for `client` alone.

use crate::failure::{Failure, OrFail};
use crate::stamp::entries;
use crate::workspace::Workspace;
use std::fs;
use std::path::Path;

/// What each layer, and each part of the core, must not name.
const FORBIDDEN: [(&str, &str); 9] = [
    ("src/web", "crate::api"),
    ("src/core", "crate::api"),
    ("src/core", "crate::web"),
    ("src/core/link", "core::channel"),
    ("src/core/link", "core::outbox"),
    ("src/core/channel", "core::link"),
    ("src/core/channel", "core::outbox"),
    ("src/core/outbox.rs", "super::link"),
    ("src/core/outbox.rs", "super::channel"),
];

/// Checks every rule; returns how many files were read.
///
/// # Errors
/// When a file names a layer above its own.
pub(crate) fn check(workspace: &Workspace) -> Result<usize, Failure> {
    let mut read = 0;
    for (layer, upper) in FORBIDDEN {
        search(&workspace.path(layer), upper, &mut read)?;
    }
    Ok(read)
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
            "{}:{line} names `{upper}`, but dependencies point one way: api → web → core, and only \
             the client knows all parts of the core.",
            path.display()
        ))),
    }
}

/// The number of the first line of code, not of comment, that names the layer.
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
    fn code_that_names_the_layer_above_is_found() {
        assert_eq!(offending_line("mod a;\nuse crate::api::Engine;", "crate::api"), Some(2));
    }

    #[test]
    fn a_comment_may_name_it() {
        assert_eq!(offending_line("// see crate::api::Engine", "crate::api"), None);
    }
}
