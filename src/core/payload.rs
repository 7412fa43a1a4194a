//! The trait of JSON values, implemented by the driver.

use alloc::string::String;
use alloc::vec::Vec;

/// The deepest nesting of objects and arrays in a value that is traversed: rows, presence metadata,
/// payloads of acknowledgements, and all values of the app. Other values have the depth 0.
/// `pkg-template/src/serialize.ts` mirrors it.
pub const MAX_DEPTH: usize = 128;
/// The most values in such a value, including itself and all members and items. It bounds the
/// traversal of cyclic values.
pub const MAX_VALUES: u32 = 1 << 20;

/// A JSON value. In the browser it is a reference to a JavaScript value, on the host a tree. The
/// methods that read it are for control frames and envelopes only.
pub trait Payload: Clone {
    /// The own member `key` of an object; `None` if this is not an object or has no such member. A
    /// member that is `null` is returned as a value.
    fn field(&self, key: &'static str) -> Option<Self>;
    /// Like [`Payload::field`], for a name that is not a constant.
    fn member(&self, key: &str) -> Option<Self>;
    /// The names of an object's own members, in its order; empty for other values.
    fn keys(&self) -> Vec<String>;
    /// The text of a string.
    fn as_text(&self) -> Option<String>;
    /// The value of a number.
    fn as_number(&self) -> Option<f64>;
    /// The value of a boolean.
    fn as_bool(&self) -> Option<bool>;
    /// The members of an array.
    fn items(&self) -> Option<Vec<Self>>;
    /// Whether this is an object, and not an array.
    fn is_object(&self) -> bool;
    /// Whether this is a string; cheaper than reading it.
    fn is_string(&self) -> bool;

    /// Whether this is not JSON but bytes, which are sent and received unchanged.
    fn is_bytes(&self) -> bool;

    /// Whether this has at most this depth, and at most [`MAX_VALUES`] values.
    fn fits(&self, depth: usize) -> bool {
        self.fits_within(depth, &mut { MAX_VALUES })
    }

    /// Whether this has at most this depth, and at most `left` values, which are subtracted from
    /// `left`.
    fn fits_within(&self, depth: usize, left: &mut u32) -> bool {
        let items = self.items();
        if items.is_none() && !self.is_object() {
            return take_one(left);
        }
        let members = || self.keys().iter().filter_map(|key| self.member(key)).collect();
        let mut fits = |value: &Self| value.fits_within(depth.wrapping_sub(1), left);
        depth > 0 && items.unwrap_or_else(members).iter().all(&mut fits) && take_one(left)
    }

    /// Whether both are equal as JSON, in any order of members. Values deeper than [`MAX_DEPTH`]
    /// are not equal to any value.
    fn eq_json(&self, other: &Self) -> bool;
    /// A new object: the own members of this one, overwritten by these.
    #[must_use]
    fn merged(&self, members: Vec<(String, Self)>) -> Self;
    /// This value as a payload to be sent, and its size in bytes of JSON;
    /// [`Payload::from_serialized`] reverses it. `None` if it cannot be JSON, for example because
    /// of a cycle.
    fn serialize(&self) -> Option<(Self, usize)>;

    /// The value of a payload that [`Payload::serialize`] made. In the browser such a payload is
    /// JSON text.
    #[must_use]
    fn from_serialized(payload: &Self) -> Self;

    /// The JSON text of this value.
    fn json(&self) -> String;

    /// The value of a JSON text; `None` if it is not JSON.
    fn parse(text: &str) -> Option<Self>;

    /// A string.
    fn text(value: &str) -> Self;
    /// A boolean.
    fn boolean(value: bool) -> Self;
    /// A number.
    fn number(value: f64) -> Self;
    /// `null`.
    fn null() -> Self;
    /// An array.
    fn array(items: Vec<Self>) -> Self;
    /// An object; keys are distinct.
    fn object(fields: Vec<(&'static str, Self)>) -> Self;
}

/// Subtracts a value from `left`; `false` if none may follow.
pub fn take_one(left: &mut u32) -> bool {
    *left = left.saturating_sub(1);
    *left > 0
}
