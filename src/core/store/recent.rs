//! What is remembered of settled changes: their keys, and that their echo is still to come.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::ChangeKind;
use super::mutation::{Effect, Mutation, is_of};
use crate::core::payload::Payload;

/// Real keys remembered by the temporary ones they replaced.
const ALIASES: usize = 256;

/// Settled changes remembered until their echo comes.
pub(super) const ECHOES: usize = 64;

/// A settled change that became one of the server's rows before its echo came.
#[derive(Debug)]
pub(super) struct Echo {
    wire: Rc<str>,
    pub(super) key: Rc<str>,
    pub(super) kind: ChangeKind,
    /// The fields it touched.
    fields: Vec<String>,
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
    pub(super) fn expect<P: Payload>(&mut self, mutation: &Mutation<P>) {
        if self.echoes.len() == ECHOES {
            self.echoes.remove(0);
        }
        let fields = match &mutation.effect {
            Effect::Update(update) => update.patch.keys(),
            Effect::Insert { .. } | Effect::Remove => Vec::new(),
        };
        let (wire, key, kind) = (mutation.wire.clone(), mutation.key.clone(), mutation.kind());
        self.echoes.push(Echo { wire, key, kind, fields });
    }

    /// Echoes may have been lost. Only the real keys of inserts are still waited for.
    pub(super) fn lose_echoes(&mut self) {
        self.echoes.retain(|echo| echo.kind == ChangeKind::Insert);
    }

    /// The change whose echo this message is. Echoes of earlier changes of its row come no more.
    pub(super) fn told_by(&mut self, message: &str) -> Option<Echo> {
        let at = self.echoes.iter().position(|echo| is_of(message, &echo.wire))?;
        let told = self.echoes.remove(at);
        let mut index = 0;
        self.echoes.retain(|echo| {
            index += 1;
            index > at || echo.key != told.key
        });
        Some(told)
    }

    /// Whether the row of this key was removed, and the echo of that is still to come.
    pub(super) fn is_removed(&self, key: &str) -> bool {
        self.of(key).any(|echo| echo.kind == ChangeKind::Remove)
    }

    /// Whether a change whose echo is still to come touched this field.
    pub(super) fn touches(&self, key: &str, field: &str) -> bool {
        self.of(key).any(|echo| echo.fields.iter().any(|touched| touched == field))
    }

    fn of(&self, key: &str) -> impl Iterator<Item = &Echo> {
        self.echoes.iter().filter(move |echo| *echo.key == *key)
    }

    /// Everything remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.aliases.len() + self.echoes.len()
    }
}
