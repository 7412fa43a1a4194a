//! The texts and limits that both surfaces, the package and the bare module, have of their own: of errors that neither
//! the engine nor the core makes, and of the console.

/// Declares texts: each with its name in TypeScript, in Rust, and itself.
macro_rules! texts {
    ($(#[doc = $about:literal])* $list:ident {
        $($(#[doc = $doc:literal])* $name:ident $constant:ident = $text:literal,)*
    }) => {
        $($(#[doc = $doc])* pub const $constant: &str = $text;)*

        $(#[doc = $about])*
        pub const $list: &[(&str, &str, &str)] =
            &[$((stringify!($name), $constant, concat!($($doc),*))),*];
    };
}

texts! {
    /// Texts of the calls.
    CALLS {
        /// What a required name must be, such as that of a channel.
        Name NAME = "a non-empty string",
        /// What a callback must be.
        Function FUNCTION = "a function",
        /// What options must be.
        Object OBJECT = "an object",
        /// What a message must be.
        Json PLAIN_JSON = "plain JSON",
        /// What Supabase's `url` must be.
        Project PROJECT = "the project's address",
        /// The message where a callback threw.
        Threw THREW = "A callback threw.",
        /// The hint where a callback threw.
        SeeCause SEE_CAUSE = "See the cause.",
        /// The hint for what the app cancelled.
        Cancelled CANCELLED = "The app cancelled it.",
        /// What lines of the console begin with.
        Prefix PREFIX = "[tidewire]",
    }
}

texts! {
    /// Texts of what runs with the engine.
    SESSION {
        /// What a name in options must be.
        Text TEXT = "a string",
        /// What a time, or a number that may be 0, must be.
        FromZero FROM_ZERO = "a number from 0 on",
        /// The fault of a `load`.
        NoRows NO_ROWS = "load gave neither rows nor { rows }",
        /// The fault of a `dedupKey`.
        NoDedupKey NO_DEDUP_KEY = "dedupKey must give a string",
        /// The row that `persist` gave.
        StoredRow STORED_ROW = "the stored row",
        /// What `conflict` gave.
        Resolved RESOLVED = "conflict()",
        /// What `key` gave.
        RowKey ROW_KEY = "key()",
        /// The message for a change of a released collection.
        Released RELEASED = "The collection was released.",
        /// The hint for a change of a released collection.
        OpenAgain OPEN_AGAIN = "Open it again.",
        /// The hint for an unknown option that resembles none.
        NoEffect NO_EFFECT = "It has no effect. Check its name.",
        /// The fault of an address.
        NoAddress NO_ADDRESS = "not a WebSocket address: ",
        /// In place of a token.
        Token TOKEN = "[token]",
    }
}

texts! {
    /// Parts of the channels' names in the registry of the older API.
    REGISTRY {
        /// What the name of a company's channel begins with, before the company's id.
        Company COMPANY = "company-",
        /// What separates the company's id from the project's.
        Project COMPANY_PROJECT = "-project-",
    }
}

/// The most warnings that are kept to print none twice, and the most that are printed.
pub const MAX_WARNINGS: usize = 100;

/// How many tokens of a client are redacted: a server may still speak of one that was replaced.
pub const MAX_SECRETS: usize = 4;

/// What is redacted because it looks like a JWT, as a regular expression.
pub const JWT: &str = r"\beyJ[\w-]+\.[\w-]+\.[\w-]*";
