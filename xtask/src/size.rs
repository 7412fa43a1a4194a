//! What of the package travels to a browser, and the budget it is held to.
//!
//! Followed from `dist/index.js` as a browser would: what it imports statically comes with the page,
//! what is imported dynamically comes with the first use.

use crate::failure::{Failure, OrFail};
use crate::workspace::Workspace;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The file that holds the budget, in gzipped bytes per part.
const BUDGET: &str = "size-budget.json";

/// Sizes of one part in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    raw: usize,
    gzip: usize,
    /// What `gzip` may come to; a part the file does not name is free.
    budget: Option<usize>,
}

/// The transferred parts of the package by name.
#[derive(Debug)]
pub(crate) struct Sizes(BTreeMap<&'static str, Weight>);

impl Sizes {
    /// Measures what the last pack left in `pkg-template/dist`.
    ///
    /// # Errors
    /// When nothing was packed yet, or the budget cannot be read.
    pub(crate) fn measure(workspace: &Workspace) -> Result<Self, Failure> {
        let entry = workspace.path("pkg-template/dist/index.js");
        if !entry.exists() {
            return Err(Failure::new(
                "There is no built package yet; run `cargo xtask pack` first.",
            ));
        }
        let eager = reach(BTreeSet::from([entry]), Import::Static)?;
        let all = reach(eager.clone(), Import::Any)?;
        let lazy: BTreeSet<PathBuf> = all.difference(&eager).cloned().collect();
        let mut sizes = BTreeMap::from([("facade", weigh(&eager)?), ("engine", weigh(&lazy)?)]);
        for (name, file) in [
            ("script", "pkg-template/dist/tidewire.global.js"),
            ("module", "target/npm/glue/tidewire_bg.wasm"),
            ("tarball", "target/npm/tidewire.tgz"),
        ] {
            let file = workspace.path(file);
            if file.exists() {
                sizes.insert(name, weigh(&BTreeSet::from([file]))?);
            }
        }
        let budget = read_budget(workspace)?;
        for (name, weight) in &mut sizes {
            weight.budget = budget[*name]
                .as_u64()
                .and_then(|bytes| bytes.try_into().ok());
        }
        Ok(Self(sizes))
    }

    /// Compares every part with its budget.
    ///
    /// # Errors
    /// When a part is over it.
    pub(crate) fn hold_to_budget(&self) -> Result<(), Failure> {
        for (name, Weight { gzip, budget, .. }) in &self.0 {
            if let Some(budget) = budget.filter(|budget| gzip > budget) {
                return Err(Failure::new(format!(
                    "The {name} grew to {gzip} bytes gzipped and its budget is {budget}: make it \
                     smaller, or raise the number in {BUDGET} and say why in the commit."
                )));
            }
        }
        Ok(())
    }

    /// The two sizes that matter to a page, on one line.
    pub(crate) fn note(&self) -> String {
        let gzip = |name| self.0.get(name).map_or(0, |weight: &Weight| weight.gzip);
        format!(
            "facade {}, engine {} (gzip)",
            kilobytes(gzip("facade")),
            kilobytes(gzip("engine"))
        )
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (raw, gzip, budget) = ("raw", "gzip", "budget");
        write!(formatter, "  {:10}{raw:>12}{gzip:>12}{budget:>12}", "part")?;
        for (name, Weight { raw, gzip, budget }) in &self.0 {
            let (raw, gzip) = (kilobytes(*raw), kilobytes(*gzip));
            let budget = budget.map_or_else(String::new, kilobytes);
            let line = format!("  {name:10}{raw:>12}{gzip:>12}{budget:>12}");
            write!(formatter, "\n{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn read_budget(workspace: &Workspace) -> Result<Value, Failure> {
    let text = fs::read_to_string(workspace.path(BUDGET)).or_fail(format!("read {BUDGET}"))?;
    serde_json::from_str(&text).or_fail(format!("understand {BUDGET}"))
}

fn kilobytes(bytes: usize) -> String {
    format!("{}.{:02} kB", bytes / 1000, bytes % 1000 / 10)
}

fn weigh(files: &BTreeSet<PathBuf>) -> Result<Weight, Failure> {
    let mut sum = Weight::default();
    for file in files {
        let content = fs::read(file).or_fail(format!("read {}", file.display()))?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder
            .write_all(&content)
            .or_fail("measure what gzip makes of a file")?;
        let gzip = encoder
            .finish()
            .or_fail("measure what gzip makes of a file")?;
        sum.raw += content.len();
        sum.gzip += gzip.len();
    }
    Ok(sum)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Import {
    Static,
    Any,
}

/// All files reached from some by imports of one kind.
fn reach(from: BTreeSet<PathBuf>, kind: Import) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut reached = from.clone();
    let mut left: Vec<PathBuf> = from.into_iter().collect();
    while let Some(file) = left.pop() {
        let text = fs::read_to_string(&file).or_fail(format!("read {}", file.display()))?;
        let directory = file.parent().unwrap_or(Path::new(""));
        for specifier in imports(&text, kind) {
            let target = directory.join(specifier.trim_start_matches("./"));
            if target.is_file() && reached.insert(target.clone()) {
                left.push(target);
            }
        }
    }
    Ok(reached)
}

/// The relative specifiers a built module imports. Built modules are regular enough to be read
/// without a parser: a specifier is a string that follows `from`, `import` or `import(`.
fn imports(text: &str, kind: Import) -> Vec<&str> {
    let mut found = Vec::new();
    for quote in ['"', '\''] {
        for (at, _) in text.match_indices(&format!("{quote}./")) {
            let before = text[..at].trim_end();
            let counts = match kind {
                Import::Static => before.ends_with("from") || before.ends_with("import"),
                Import::Any => {
                    before.ends_with("from")
                        || before.ends_with("import")
                        || before.ends_with("import(")
                }
            };
            let specifier = text[at + 1..].split(quote).next();
            found.extend(specifier.filter(|_| counts));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = "import{a}from\"./chunk.js\";import './side.js';\
                          export const b=()=>import(\"./engine.js\");const c=\"./not.js\";";

    #[test]
    fn only_static_imports_come_with_the_page() {
        assert_eq!(imports(MODULE, Import::Static), ["./chunk.js", "./side.js"]);
    }

    #[test]
    fn dynamic_imports_come_with_the_first_use() {
        assert_eq!(
            imports(MODULE, Import::Any),
            ["./chunk.js", "./engine.js", "./side.js"]
        );
    }

    #[test]
    fn a_part_over_its_budget_is_named_with_both_numbers() {
        let over = Weight {
            raw: 9000,
            gzip: 4001,
            budget: Some(4000),
        };
        let sizes = Sizes(BTreeMap::from([("facade", over)]));
        let sentence = sizes.hold_to_budget().err().map(|f| f.to_string());
        assert!(sentence.is_some_and(|s| s.contains("facade grew to 4001") && s.contains("4000")));
    }

    #[test]
    fn a_part_without_a_budget_is_free() {
        let free = Weight {
            raw: 9000,
            gzip: 4001,
            budget: None,
        };
        assert!(
            Sizes(BTreeMap::from([("script", free)]))
                .hold_to_budget()
                .is_ok()
        );
    }

    #[test]
    fn kilobytes_are_thousands() {
        assert_eq!(kilobytes(45_120), "45.12 kB");
    }
}
