//! The paths of this repository.

use crate::failure::{Failure, OrFail};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The repository this program was compiled from.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the repository from the path of this crate's manifest.
    pub(crate) fn locate() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: here.parent().unwrap_or(here).to_path_buf() }
    }

    /// The repository's top directory.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the repository.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// The folder of cargo's output: `CARGO_TARGET_DIR`, by default `target`.
    pub(crate) fn cargo_target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.path("target"), |dir| self.root.join(dir))
    }

    /// The folder in which the npm package is built. Always `target/npm`, whatever `CARGO_TARGET_DIR` is: scripts and
    /// documents use this path.
    pub(crate) fn npm_target(&self) -> PathBuf {
        self.path("target/npm")
    }

    /// The folder of the glue and the module, which the package's build reads.
    pub(crate) fn glue(&self) -> PathBuf {
        self.npm_target().join("glue")
    }

    /// The path of the package file.
    pub(crate) fn tarball(&self) -> PathBuf {
        self.npm_target().join("tidewire.tgz")
    }

    /// The path of the reference server's program.
    pub(crate) fn server_program(&self) -> PathBuf {
        self.cargo_target()
            .join("debug")
            .join(format!("tidewire-server{}", env::consts::EXE_SUFFIX))
    }

    /// The version of a dependency in `Cargo.lock`.
    ///
    /// # Errors
    /// When there is no lock file or it has no such package.
    pub(crate) fn locked_version(&self, package: &str) -> Result<String, Failure> {
        let lock = fs::read_to_string(self.path("Cargo.lock")).or_fail("read Cargo.lock")?;
        version_in_lock(&lock, package).ok_or_else(|| {
            Failure::new(format!("Cargo.lock has no `{package}`; run `cargo generate-lockfile`."))
        })
    }
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let named = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != named);
    lines.next()?;
    let version = lines.next()?.strip_prefix("version = \"")?;
    version.strip_suffix('"').map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-shared\"\nversion = \"0.1.9\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";

    #[test]
    fn locked_version_is_found_by_the_whole_name() {
        assert_eq!(version_in_lock(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
    }

    #[test]
    fn unlocked_package_has_no_version() {
        assert_eq!(version_in_lock(LOCK, "wasm"), None);
    }
}
