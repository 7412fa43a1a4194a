//! This client's entry in the server's presence state of one channel.

use alloc::string::String;

use super::target::Desired;
use super::types::Request;

/// An entry that the server confirmed.
#[derive(Debug)]
pub(super) struct Entry<P> {
    /// The server's id of the presence.
    presence: Option<P>,
    /// The requested key.
    key: Option<String>,
}

/// The client's entry at the server, as far as it is known.
#[derive(Debug)]
pub(super) enum ServerEntry<P> {
    /// There is none.
    None,
    /// It is unknown whether there is one: a request was not answered.
    Unknown,
    /// There is the entry of a former membership, which the server stores for its grace period.
    Former(Entry<P>),
    /// There is the entry of this membership.
    Present(Entry<P>),
}

impl<P: Clone> ServerEntry<P> {
    /// Whether this membership has an entry.
    pub(super) const fn is_present(&self) -> bool {
        matches!(self, Self::Present(_))
    }

    /// Whether an untrack is not needed in this membership.
    pub(super) const fn is_absent(&self) -> bool {
        matches!(self, Self::None | Self::Former(_))
    }

    /// Applies the acceptance of this presence, with the server's id of it; `None` is an untrack.
    pub(super) fn accepted(&mut self, desired: Option<&Desired<P>>, presence: Option<P>) {
        *self = desired.map_or(Self::None, |desired| {
            Self::Present(Entry { presence, key: desired.key.clone() })
        });
    }

    /// Makes the entry one of a former membership.
    pub(super) fn membership_ended(&mut self) {
        *self = match core::mem::replace(self, Self::None) {
            Self::Present(entry) | Self::Former(entry) => Self::Former(entry),
            Self::None | Self::Unknown => Self::None,
        };
    }

    /// Applies a change of the user: the former one's entry can be removed, but not replaced.
    pub(super) fn change_user(&mut self) {
        *self = match self {
            Self::Present(_) | Self::Unknown => Self::Unknown,
            Self::None | Self::Former(_) => Self::None,
        };
    }

    /// The request that makes the entry the desired one; `None` is an untrack.
    pub(super) fn request(&self, desired: Option<&Desired<P>>) -> Request<P> {
        let Some(Desired { key, meta, .. }) = desired else { return Request::Untrack };
        let replaces = match self {
            Self::Present(entry) if entry.key == *key => {
                return Request::Update { meta: meta.clone() };
            }
            Self::Present(entry) | Self::Former(entry) => entry.presence.clone(),
            Self::None | Self::Unknown => None,
        };
        Request::Track { key: key.clone(), meta: meta.clone(), replaces }
    }
}

#[cfg(test)]
mod tests {
    use super::{Desired, Request, ServerEntry};

    fn desired(key: Option<&str>) -> Desired<&'static str> {
        Desired { key: key.map(str::to_owned), meta: "on", serial: 1 }
    }

    fn track(key: Option<&str>, replaces: Option<&'static str>) -> Request<&'static str> {
        Request::Track { key: key.map(str::to_owned), meta: "on", replaces }
    }

    /// The entry "p1" under no key of its own.
    fn present() -> ServerEntry<&'static str> {
        let mut entry = ServerEntry::None;
        entry.accepted(Some(&desired(None)), Some("p1"));
        entry
    }

    #[test]
    fn entry_is_tracked_updated_and_replaced_under_another_key() {
        assert_eq!(ServerEntry::None.request(Some(&desired(None))), track(None, None));
        assert_eq!(present().request(Some(&desired(None))), Request::Update { meta: "on" });
        assert_eq!(present().request(Some(&desired(Some("ann")))), track(Some("ann"), Some("p1")));
        assert_eq!(present().request(None), Request::Untrack);
    }

    #[test]
    fn entry_of_a_former_membership_is_replaced() {
        let mut entry = present();
        for _ in 0..2 {
            entry.membership_ended();
            assert!(entry.is_absent() && !entry.is_present());
            assert_eq!(entry.request(Some(&desired(None))), track(None, Some("p1")));
        }
    }

    #[test]
    fn untracked_and_unknown_entries_are_not_replaced() {
        let mut entry = present();
        entry.accepted(None, None);
        assert!(entry.is_absent());
        let mut unknown = ServerEntry::Unknown;
        assert!(!unknown.is_absent());
        unknown.membership_ended();
        for entry in [entry, unknown, ServerEntry::Unknown] {
            assert_eq!(entry.request(Some(&desired(None))), track(None, None));
        }
    }

    #[test]
    fn another_user_removes_an_entry_and_does_not_replace_it() {
        let mut entry = present();
        entry.change_user();
        assert!(!entry.is_absent(), "it is to be removed");
        assert_eq!(entry.request(Some(&desired(None))), track(None, None));
        let mut former = present();
        former.membership_ended();
        former.change_user();
        assert!(former.is_absent());
        assert_eq!(former.request(Some(&desired(None))), track(None, None));
    }
}
