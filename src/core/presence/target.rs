//! The desired presence in one channel, and the accepted one to which it falls back.

use alloc::rc::Rc;
use alloc::string::String;

use super::types::PresenceAction;

/// A presence that the app requested.
#[derive(Debug)]
pub(super) struct Desired<P> {
    /// The requested key.
    pub(super) key: Option<String>,
    /// The metadata that other members receive.
    pub(super) meta: P,
    /// The number of the action that requested it.
    pub(super) serial: u64,
}

/// The desired presence, and the last one that the server accepted: it stays tracked when a later
/// request fails.
#[derive(Debug)]
pub(super) struct Target<P> {
    desired: Option<Rc<Desired<P>>>,
    /// The latest presence that the server accepted, in any membership, until the app removes it.
    accepted: Option<Rc<Desired<P>>>,
    /// The number of the last action of a former user.
    former_user: u64,
}

impl<P> Default for Target<P> {
    fn default() -> Self {
        Self { desired: None, accepted: None, former_user: 0 }
    }
}

impl<P> Target<P> {
    /// The desired presence, if there is one.
    pub(super) const fn desired(&self) -> Option<&Rc<Desired<P>>> {
        self.desired.as_ref()
    }

    /// Applies an action of the app. An update keeps the key.
    pub(super) fn act(&mut self, action: PresenceAction<P>, serial: u64) {
        let (key, meta) = match action {
            PresenceAction::Track { key, meta } => (key, meta),
            PresenceAction::Update { meta } => {
                (self.desired.as_ref().and_then(|desired| desired.key.clone()), meta)
            }
            PresenceAction::Untrack => {
                self.desired = None;
                return;
            }
        };
        self.desired = Some(Rc::new(Desired { key, meta, serial }));
    }

    /// Stores the presence that the server accepted, unless it is a former user's.
    pub(super) fn accept(&mut self, presence: Option<Rc<Desired<P>>>) {
        self.accepted = presence.filter(|presence| presence.serial > self.former_user);
    }

    /// Whether this is the presence that the server accepted last.
    pub(super) fn is_accepted(&self, presence: Option<&Rc<Desired<P>>>) -> bool {
        presence.is_some() && serial(presence) == serial(self.accepted.as_ref())
    }

    /// Forgets the accepted presence, so that it is not tracked again.
    pub(super) fn forget_accepted(&mut self) {
        self.accepted = None;
    }

    /// Makes the accepted presence the desired one, because the latter failed.
    pub(super) fn restore(&mut self) {
        self.desired = self.accepted.clone();
    }

    /// Restores the accepted presence after this one failed, unless a later one is desired.
    pub(super) fn fail(&mut self, presence: &Desired<P>) {
        if serial(self.desired.as_ref()) == Some(presence.serial) {
            self.restore();
        }
    }

    /// Restores the accepted presence, if the desired one is of an action with a number up to
    /// `mark`.
    pub(super) fn fail_until(&mut self, mark: u64) {
        if self.desired.as_ref().is_some_and(|desired| desired.serial <= mark) {
            self.restore();
        }
    }

    /// Applies a change of the user: actions with numbers up to `mark` are the former user's.
    pub(super) fn change_user(&mut self, mark: u64) {
        self.former_user = mark;
        self.accepted.take_if(|presence| presence.serial <= mark);
    }
}

fn serial<P>(presence: Option<&Rc<Desired<P>>>) -> Option<u64> {
    presence.map(|presence| presence.serial)
}

#[cfg(test)]
mod tests {
    use super::{PresenceAction, Target};

    fn track(target: &mut Target<&'static str>, meta: &'static str, serial: u64) {
        target.act(PresenceAction::Track { key: Some("ann".to_owned()), meta }, serial);
    }

    fn desired(target: &Target<&'static str>) -> Option<&'static str> {
        target.desired().map(|desired| desired.meta)
    }

    /// A target whose first presence, "on", was accepted.
    fn accepted() -> Target<&'static str> {
        let mut target = Target::default();
        track(&mut target, "on", 1);
        target.accept(target.desired().cloned());
        target
    }

    #[test]
    fn update_keeps_the_key_and_untrack_removes_all() {
        let mut target = accepted();
        target.act(PresenceAction::Update { meta: "busy" }, 2);
        let key = target.desired().and_then(|desired| desired.key.clone());
        assert_eq!((desired(&target), key), (Some("busy"), Some("ann".to_owned())));
        target.act(PresenceAction::Untrack, 3);
        assert_eq!(desired(&target), None);
    }

    #[test]
    fn failed_presence_is_replaced_by_the_accepted_one() {
        let mut target = accepted();
        track(&mut target, "busy", 2);
        assert!(!target.is_accepted(target.desired()));
        target.fail_until(2);
        assert_eq!(desired(&target), Some("on"));
        assert!(target.is_accepted(target.desired()));
    }

    #[test]
    fn later_presence_stays_desired_after_the_failure_of_an_earlier_one() {
        let mut target = accepted();
        track(&mut target, "busy", 2);
        let failed = target.desired().cloned().expect("desired");
        track(&mut target, "away", 3);
        target.fail(&failed);
        target.fail_until(2);
        assert_eq!(desired(&target), Some("away"));
    }

    #[test]
    fn former_user_s_presence_is_neither_restored_nor_accepted_later() {
        let mut target = accepted();
        let former = target.desired().cloned();
        target.change_user(1);
        target.fail_until(1);
        assert_eq!(desired(&target), None);
        target.accept(former);
        target.restore();
        assert_eq!(desired(&target), None);
    }

    #[test]
    fn absent_presence_is_not_the_accepted_one() {
        let target = Target::<&str>::default();
        assert!(!target.is_accepted(None));
    }
}
