//! Enums whose members have stable numbers and names. The TypeScript of the package contains the
//! same ones, generated from here (`src/abi`).

/// One member of an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The identifier in Rust.
    pub identifier: &'static str,
    /// The stable name; empty if it has none.
    pub name: &'static str,
    /// The lines of its description.
    pub docs: &'static [&'static str],
}

/// Declares such an enum. The number of a member is its index; without `= "name"` its name is its
/// identifier.
macro_rules! named {
    ($(#[doc = $about:literal])* pub enum $enum:ident {$(
        $(#[doc = $doc:literal])* $member:ident $(= $name:literal)?,
    )*}) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum $enum {$( $(#[doc = $doc])* $member, )*}

        impl $enum {
            /// All members, by their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$member),*];

            /// Their names, by their numbers.
            pub const NAMES: &'static [&'static str] =
                &[$($crate::core::named::name_of!($member $($name)?)),*];

            /// The members' descriptions, for the generator.
            pub const MEMBERS: &'static [$crate::core::named::Member] = &[$(
                $crate::core::named::Member {
                    identifier: stringify!($member),
                    name: $crate::core::named::name_of!($member $($name)?),
                    docs: &[$($doc),*],
                },
            )*];

            /// The lines of the enum's description, for the generator.
            pub const ABOUT: &'static [&'static str] = &[$($about),*];

            /// Its bit, where the members are flags.
            #[must_use]
            pub const fn bit(self) -> u32 {
                1 << self as u32
            }

            /// The stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }
        }
    };
}

macro_rules! name_of {
    ($member:ident $name:literal) => {
        $name
    };
    ($member:ident) => {
        stringify!($member)
    };
}

pub(crate) use {name_of, named};
