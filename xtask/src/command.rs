//! Runs other programs.

use crate::failure::{Failure, OrFail};
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A program to run, and its command line for messages.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
    shown: String,
}

impl Program {
    /// A program by name (looked up on `PATH`) or by path.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let shown =
            Path::new(program).file_name().unwrap_or(program).to_string_lossy().into_owned();
        Self { command: Command::new(program), shown }
    }

    /// The cargo that runs this program, so that a toolchain override applies to its children too.
    pub(crate) fn cargo() -> Self {
        let mut program = Self::new("cargo");
        if let Some(cargo) = env::var_os("CARGO") {
            program.command = Command::new(cargo);
        }
        program
    }

    /// Adds arguments that are separated by blanks.
    pub(crate) fn arguments(mut self, arguments: &str) -> Self {
        for argument in arguments.split_whitespace() {
            self = self.arg(argument);
        }
        self
    }

    /// Adds one argument, which may contain blanks.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        let argument = argument.as_ref();
        self.shown.push(' ');
        self.shown.push_str(&argument.to_string_lossy());
        self.command.arg(argument);
        self
    }

    /// Sets a variable of the program's environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Puts directories in front of the program's `PATH`.
    pub(crate) fn path_first(self, directories: &[PathBuf]) -> Result<Self, Failure> {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let all = directories.iter().cloned().chain(env::split_paths(&inherited));
        let joined = env::join_paths(all).or_fail("extend PATH")?;
        Ok(self.env("PATH", joined))
    }

    /// Sets the directory the program starts in.
    pub(crate) fn dir(mut self, directory: impl AsRef<Path>) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// Runs to the end; the program uses the same terminal.
    ///
    /// # Errors
    /// When it cannot be started or ends with a non-zero code.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        let status = self.command.status().or_fail(format!("start `{}`", self.shown))?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::new(format!("`{}` failed ({status}); its output is above.", self.shown)))
    }

    /// Runs to the end and returns what it wrote to standard output.
    ///
    /// # Errors
    /// When it cannot be started or ends with a non-zero code; the message then contains what
    /// it wrote to standard error.
    pub(crate) fn output(mut self) -> Result<String, Failure> {
        let output = self.command.output().or_fail(format!("start `{}`", self.shown))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(Failure::new(format!(
            "`{}` failed ({}): {}",
            self.shown,
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        )))
    }

    /// Starts the program with its standard output piped to this process.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn spawn(mut self) -> Result<Child, Failure> {
        self.command.stdout(Stdio::piped()).spawn().or_fail(format!("start `{}`", self.shown))
    }
}

/// The path of a program on `PATH`, if it is there.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|directory| directory.join(&file))
        .find(|candidate| candidate.is_file())
}
