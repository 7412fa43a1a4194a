//! A schedule: all actions of one run, drawn before it begins.

use std::fmt;
use std::str::FromStr;

use crate::action::{Action, Unreadable};
use crate::setup::Setup;

/// The setup and the actions, in order. Running it is deterministic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) setup: Setup,
    pub(crate) actions: Vec<Action>,
}

impl fmt::Display for Schedule {
    /// One line for the setup, then the actions, several to a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WIDTH: usize = 80;
        writeln!(f, "{}:", self.setup)?;
        let mut column = 0;
        for action in &self.actions {
            let text = format!("{action};");
            if column > 0 && column + text.len() >= WIDTH {
                writeln!(f)?;
                column = 0;
            }
            if column > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&text)?;
            column += text.len() + 1;
        }
        writeln!(f)
    }
}

impl FromStr for Schedule {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let (setup, actions) = text.split_once(':').ok_or("a schedule begins `seed …:`")?;
        let actions = actions.split(';').map(str::trim).filter(|action| !action.is_empty());
        Ok(Self {
            setup: setup.trim().parse()?,
            actions: actions.map(str::parse).collect::<Result<_, _>>()?,
        })
    }
}
