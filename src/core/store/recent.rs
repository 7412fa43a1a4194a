//! What is remembered of settled changes: their keys, and that their echo is still to come.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::ChangeKind;
use super::mutation::is_of;

/// Real keys remembered by the temporary ones they replaced.
const ALIASES: usize = 256;

/// Settled changes remembered until their echo comes.
const ECHOES: usize = 64;

/// A settled change that became one of the server's rows before its echo came.
#[derive(Debug)]
pub(super) struct Echo {
    wire: Rc<str>,
    pub(super) key: Rc<str>,
    pub(super) kind: ChangeKind,
}

#[derive(Debug, Default)]
pub(super) struct Recent {
    aliases: Vec<(Rc<str>, Rc<str>)>,
    echoes: Vec<Echo>,
}

impl Recent {
    /// The key that a row of this one has now.
    pub(super) fn real(&self, key: &str) -> Rc<str> {
        let known = self.aliases.iter().find(|(temporary, _)| **temporary == *key);
        known.map_or_else(|| key.into(), |(_, real)| real.clone())
    }

    /// The row of this key has got another one.
    pub(super) fn renamed(&mut self, from: &Rc<str>, to: &Rc<str>) {
        for echo in self.echoes.iter_mut().filter(|echo| echo.key == *from) {
            echo.key = to.clone();
        }
        if self.aliases.len() == ALIASES {
            self.aliases.remove(0);
        }
        self.aliases.push((from.clone(), to.clone()));
    }

    /// An echo of this change may still come.
    pub(super) fn expect(&mut self, wire: &Rc<str>, key: &Rc<str>, kind: ChangeKind) {
        if self.echoes.len() == ECHOES {
            self.echoes.remove(0);
        }
        self.echoes.push(Echo { wire: wire.clone(), key: key.clone(), kind });
    }

    /// The change whose echo this message is.
    pub(super) fn told_by(&mut self, message: &str) -> Option<Echo> {
        let at = self.echoes.iter().position(|echo| is_of(message, &echo.wire))?;
        Some(self.echoes.remove(at))
    }

    /// The kind of the newest change of this key whose echo is still to come.
    pub(super) fn expected(&self, key: &str) -> Option<ChangeKind> {
        self.echoes.iter().rev().find(|echo| *echo.key == *key).map(|echo| echo.kind)
    }

    /// Everything remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.aliases.len() + self.echoes.len()
    }
}
