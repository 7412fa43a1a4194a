//! Skips work whose inputs did not change.
//!
//! Inputs are compared by content: a checkout changes the modification time of every file.

use crate::failure::{Failure, OrFail};
use crate::workspace::Workspace;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

/// Directories that contain results, not sources.
const RESULTS: [&str; 6] = ["node_modules", "dist", "target", ".git", ".vite", "results"];

/// A build step with its input and output files.
#[derive(Debug)]
pub(crate) struct Stage {
    /// The name of the result, for messages and for the file of the stamp.
    pub(crate) name: &'static str,
    /// Files and directories read. One that does not exist counts as empty.
    pub(crate) inputs: Vec<PathBuf>,
    /// Everything else that affects the result: versions, flags.
    pub(crate) settings: String,
    /// Files that must exist for the work to count as done.
    pub(crate) outputs: Vec<PathBuf>,
}

impl Stage {
    /// Does the work unless its outputs exist and its inputs are those of the last run.
    ///
    /// # Errors
    /// When an input cannot be read, or the work fails; the work is then done again in the next run.
    pub(crate) fn run(
        &self,
        workspace: &Workspace,
        work: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let slug = self.name.to_lowercase().replace(' ', "-");
        let stamp = workspace.path("target/stamps").join(slug);
        let current = self.outputs.iter().all(|output| output.exists())
            && fs::read_to_string(&stamp).is_ok_and(|last| last == self.fingerprint());
        if current {
            println!("  {}: up to date.", self.name);
            return Ok(());
        }
        println!("  {}: building.", self.name);
        // An interrupted run must not leave incomplete outputs with a valid stamp.
        if stamp.exists() {
            fs::remove_file(&stamp).or_fail(format!("remove {}", stamp.display()))?;
        }
        work()?;
        // Computed afterwards, because the work may write one of its inputs (a lock file).
        write(&stamp, self.fingerprint().as_bytes())
    }

    fn fingerprint(&self) -> String {
        let mut hasher = DefaultHasher::new();
        hasher.write(self.settings.as_bytes());
        for input in &self.inputs {
            absorb(input, &mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }
}

/// Writes a file, and creates its directory.
pub(crate) fn write(file: &Path, content: &[u8]) -> Result<(), Failure> {
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory).or_fail(format!("create {}", directory.display()))?;
    }
    fs::write(file, content).or_fail(format!("write {}", file.display()))
}

fn absorb(path: &Path, hasher: &mut DefaultHasher) {
    hasher.write(path.as_os_str().as_encoded_bytes());
    hasher.write_u8(0);
    if path.is_dir() {
        for entry in sources(path) {
            absorb(&entry, hasher);
        }
    } else if let Ok(content) = fs::read(path) {
        hasher.write_usize(content.len());
        hasher.write(&content);
    }
}

/// The entries of a directory in a stable order; none if it cannot be read.
pub(crate) fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// The entries of a directory without those that contain results.
pub(crate) fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut found = entries(directory);
    found.retain(|entry| !RESULTS.iter().any(|result| entry.ends_with(result)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(directory: &Path, settings: &str) -> Stage {
        Stage {
            name: "Test stage",
            inputs: vec![directory.to_path_buf()],
            settings: settings.into(),
            outputs: Vec::new(),
        }
    }

    fn scratch(name: &str) -> Result<PathBuf, Failure> {
        let directory = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        write(&directory.join("source.rs"), b"one")?;
        Ok(directory)
    }

    #[test]
    fn rewriting_a_file_keeps_the_fingerprint_and_editing_changes_it() -> Result<(), Failure> {
        let directory = scratch("edit")?;
        let before = stage(&directory, "").fingerprint();
        write(&directory.join("source.rs"), b"one")?;
        assert_eq!(before, stage(&directory, "").fingerprint());
        write(&directory.join("source.rs"), b"two")?;
        assert_ne!(before, stage(&directory, "").fingerprint());
        fs::remove_dir_all(directory).or_fail("clean up")
    }

    #[test]
    fn results_in_a_source_directory_do_not_change_the_fingerprint() -> Result<(), Failure> {
        let directory = scratch("results")?;
        let before = stage(&directory, "").fingerprint();
        write(&directory.join("node_modules/x/index.js"), b"x")?;
        assert_eq!(before, stage(&directory, "").fingerprint());
        fs::remove_dir_all(directory).or_fail("clean up")
    }

    #[test]
    fn other_settings_change_the_fingerprint() -> Result<(), Failure> {
        let directory = scratch("settings")?;
        assert_ne!(stage(&directory, "-Oz").fingerprint(), stage(&directory, "-O3").fingerprint());
        fs::remove_dir_all(directory).or_fail("clean up")
    }
}
