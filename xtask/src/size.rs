//! The sizes of what a browser downloads. The measured files and their limits are defined by the package's build:
//! `pkg-template/build/budget.mjs` and `size-budget.json`.

use crate::failure::Failure;
use crate::npm;
use crate::workspace::Workspace;
use std::fmt;

/// The sizes of the last pack, as a table.
#[derive(Debug)]
pub(crate) struct Sizes(String);

impl Sizes {
    /// Measures the files in `pkg-template/dist`.
    ///
    /// # Errors
    /// When nothing was packed yet, or a part is over its limit.
    pub(crate) fn measure(workspace: &Workspace) -> Result<Self, Failure> {
        if !workspace.path("pkg-template/dist/index.js").exists() {
            return Err(Failure::new(
                "There is no built package yet; run `cargo xtask pack` first.",
            ));
        }
        npm::node().arg(workspace.path("xtask/sizes.mjs")).output().map(Self)
    }

    /// The sizes of facade and engine, on one line.
    pub(crate) fn note(&self) -> String {
        let gzip = |part| self.gzip(part).unwrap_or("?");
        format!("facade {} B, engine {} B (gzip)", gzip("facade"), gzip("engine"))
    }

    /// The third column of a part's row: name, raw, gzip.
    fn gzip(&self, part: &str) -> Option<&str> {
        let mut rows = self.0.lines().map(str::split_whitespace);
        rows.find_map(|mut row| (row.next() == Some(part)).then(|| row.nth(1))?)
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn note_has_the_gzipped_sizes() {
        let table = "bytes     raw   gzip  brotli\n\
                     facade   9000   3900    3500  index.js\n\
                     engine  70000  41000   40000  core.js + core-inline.js\n";
        assert_eq!(Sizes(table.into()).note(), "facade 3900 B, engine 41000 B (gzip)");
    }

    #[test]
    fn unlisted_part_has_no_size() {
        assert_eq!(Sizes(String::new()).gzip("facade"), None);
    }
}
