//! The token as a subprotocol (`auth_token` of Phoenix 1.8).

use alloc::string::String;

use crate::core::token::Token;

/// The subprotocol that is offered with the one that contains the token. The server selects this
/// one.
pub const SUBPROTOCOL: &str = "phoenix";

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The subprotocol that contains the token, in base64 without padding. The alphabet is the standard
/// one despite the name, as in Phoenix's own client and server.
#[must_use]
pub fn bearer(token: &Token) -> String {
    let mut text = String::from("base64url.bearer.phx.");
    for chunk in token.reveal().as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..=chunk.len() {
            let value = (bits >> (18 - 6 * digit)) & 63;
            text.extend(ALPHABET.get(value as usize).map(|letter| char::from(*letter)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::bearer;
    use crate::core::token::Token;

    fn offered(token: &str) -> String {
        bearer(&Token::new(token.to_owned()))
    }

    #[test]
    fn token_is_base64_of_the_standard_alphabet_without_padding() {
        assert_eq!(offered(""), "base64url.bearer.phx.");
        assert_eq!(offered("f"), "base64url.bearer.phx.Zg");
        assert_eq!(offered("fo"), "base64url.bearer.phx.Zm8");
        assert_eq!(offered("foo"), "base64url.bearer.phx.Zm9v");
        assert_eq!(offered("~~?"), "base64url.bearer.phx.fn4/");
    }
}
