//! Finds the browser that the tests run in, and its WebDriver.

use crate::command::{Program, on_path};
use crate::failure::Failure;
use crate::npm;
use crate::workspace::Workspace;
use std::env;
use std::path::{Path, PathBuf};

/// Names under which Chromium or Chrome is installed.
const CHROMIUM: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// The same browser without a window. Tests take half the time in it.
const HEADLESS_SHELL: &str = "chromium-headless-shell";

/// The path of Chrome on macOS, where applications are not on `PATH`.
const CHROME_ON_MACOS: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// An installed Chromium with its driver.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The browser; `CHROMIUM` in the environment overrides the search.
    pub(crate) chromium: PathBuf,
    /// Its WebDriver; `CHROMEDRIVER` in the environment overrides the search.
    pub(crate) chromedriver: PathBuf,
    /// The program that opens the pages of tests: the headless shell if there is one, else the browser itself.
    pub(crate) headless: PathBuf,
}

impl Browser {
    /// Finds the browser; on Debian, as root, installs it if it is missing.
    ///
    /// # Errors
    /// When it is missing and cannot be installed. Its absence is never a reason to skip tests.
    pub(crate) fn require() -> Result<Self, Failure> {
        if let Some(found) = Self::find()? {
            return Ok(found.with_headless_shell());
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
        Self::find()?.map(Self::with_headless_shell).ok_or_else(|| {
            Failure::new("apt-get installed Chromium, but it or chromedriver is not on PATH.")
        })
    }

    /// A script of the top `package.json` that runs Playwright in this browser, with the package and
    /// the reference server that were built last.
    pub(crate) fn script(&self, workspace: &Workspace, name: &str) -> Program {
        npm::script(workspace, name)
            .env("TIDEWIRE_SERVER", workspace.server_program())
            .env("TIDEWIRE_TARBALL", workspace.tarball())
            .env("CHROMIUM", &self.headless)
    }

    /// Adds the headless shell, which only saves time; a failed installation is not an error.
    fn with_headless_shell(self) -> Self {
        if self.headless != self.chromium || env::var_os("CHROMIUM").is_some() || !is_debian_root()
        {
            return self;
        }
        println!("  Chromium's headless shell: installing it with apt-get.");
        let installed = apt_get("update")
            .and_then(|()| apt_get(&format!("install --yes {HEADLESS_SHELL}")))
            .ok()
            .and_then(|()| on_path(HEADLESS_SHELL));
        match installed {
            Some(headless) => Self { headless, ..self },
            None => self,
        }
    }

    fn find() -> Result<Option<Self>, Failure> {
        let given = named("CHROMIUM")?;
        let headless = given.clone().or_else(|| on_path(HEADLESS_SHELL));
        let chromium = given
            .or_else(|| CHROMIUM.iter().find_map(|name| on_path(name)))
            .or_else(|| Some(PathBuf::from(CHROME_ON_MACOS)).filter(|path| path.is_file()));
        let chromedriver = named("CHROMEDRIVER")?.or_else(|| on_path("chromedriver"));
        Ok(chromium.zip(chromedriver).map(|(chromium, chromedriver)| {
            let headless = headless.unwrap_or_else(|| chromium.clone());
            Self { chromium, chromedriver, headless }
        }))
    }
}

/// The program that an environment variable names, if it is set.
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

fn apt_get(arguments: &str) -> Result<(), Failure> {
    Program::new("apt-get")
        .arg("--quiet=2")
        .arguments(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run()
}
