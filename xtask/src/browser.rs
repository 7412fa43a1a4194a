//! The browser the tests run in, and the program that drives it.

use crate::command::{Program, on_path};
use crate::failure::Failure;
use std::env;
use std::path::{Path, PathBuf};

/// Names under which Chromium or Chrome is installed.
const CHROMIUM: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Where macOS keeps applications, which are not on `PATH`.
const CHROME_ON_MACOS: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// An installed Chromium with its driver.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The browser; `CHROMIUM` in the environment overrides the search.
    pub(crate) chromium: PathBuf,
    /// Its WebDriver; `CHROMEDRIVER` in the environment overrides the search.
    pub(crate) chromedriver: PathBuf,
}

impl Browser {
    /// Finds the browser; on Debian, as root, installs it when it is missing.
    ///
    /// # Errors
    /// When it is missing and cannot be installed. Its absence is never a reason to skip tests.
    pub(crate) fn require() -> Result<Self, Failure> {
        if let Some(found) = Self::find()? {
            return Ok(found);
        }
        if !is_debian_root() {
            return Err(Failure::new(
                "Chromium and chromedriver are needed and were not both found. Install them (on \
                 Debian: `apt-get install chromium chromium-driver`; elsewhere Chrome and the \
                 chromedriver of the same version), put them on PATH, or name them in CHROMIUM \
                 and CHROMEDRIVER. `cargo xtask test --fast` runs what needs no browser.",
            ));
        }
        println!("  Chromium and chromedriver: installing them with apt-get.");
        apt_get("update")?;
        apt_get("install --yes chromium chromium-driver")?;
        Self::find()?.ok_or_else(|| {
            Failure::new("apt-get installed Chromium, but it or chromedriver is not on PATH.")
        })
    }

    fn find() -> Result<Option<Self>, Failure> {
        let chromium = named("CHROMIUM")?
            .or_else(|| CHROMIUM.iter().find_map(|name| on_path(name)))
            .or_else(|| Some(PathBuf::from(CHROME_ON_MACOS)).filter(|path| path.is_file()));
        let chromedriver = named("CHROMEDRIVER")?.or_else(|| on_path("chromedriver"));
        Ok(chromium
            .zip(chromedriver)
            .map(|(chromium, chromedriver)| Self { chromium, chromedriver }))
    }
}

/// The program a variable of the environment names, if it is set.
fn named(variable: &str) -> Result<Option<PathBuf>, Failure> {
    match env::var_os(variable).map(PathBuf::from) {
        Some(path) if !path.is_file() => Err(Failure::new(format!(
            "{variable} names `{}`, which is not a file.",
            path.display()
        ))),
        path => Ok(path),
    }
}

fn is_debian_root() -> bool {
    let is_root = || Program::new("id").arg("-u").output().is_ok_and(|user| user.trim() == "0");
    Path::new("/etc/debian_version").exists() && on_path("apt-get").is_some() && is_root()
}

fn apt_get(words: &str) -> Result<(), Failure> {
    Program::new("apt-get")
        .arg("--quiet=2")
        .words(words)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run()
}
