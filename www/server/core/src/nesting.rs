//! How deep JSON text is nested.

use serde_json::value::RawValue;

use crate::rejection::Rejection;

/// The deepest value that is accepted: each array and each object around a value counts one.
/// The protocol defines it; clients reject deeper values when they traverse them.
pub const MAX_DEPTH: usize = 128;

/// Rejects JSON text that is nested too deeply; `what` names it.
pub fn check(what: &str, json: &str) -> Result<(), Rejection> {
    if is_deeper(json, MAX_DEPTH) {
        return Err(Rejection::invalid(format!("{what} is nested deeper than {MAX_DEPTH}")));
    }
    Ok(())
}

/// Rejects a value that is nested too deeply, if there is one; `what` names it.
pub fn check_value(what: &str, value: Option<&RawValue>) -> Result<(), Rejection> {
    value.map_or(Ok(()), |value| check(what, value.get()))
}

/// Whether the text is nested deeper than `most` arrays and objects. The result is exact for valid
/// JSON, otherwise only up to the syntax error. Not recursive.
fn is_deeper(json: &str, most: usize) -> bool {
    // Every level takes two characters.
    if json.len() <= 2 * most {
        return false;
    }
    let mut depth = 0_usize;
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                if depth > most {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => drop(bytes.next()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(open: &str, close: &str, depth: usize) -> String {
        format!("{}0{}", open.repeat(depth), close.repeat(depth))
    }

    #[test]
    fn nesting_depth_is_the_deepest_value() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[ {\"b\" :[0,", "]}]")] {
            let levels = open.matches(['[', '{']).count();
            let fitting = nested(open, close, MAX_DEPTH / levels);
            let rest = MAX_DEPTH % levels;
            let fitting = format!("{}{fitting}{}", "[".repeat(rest), "]".repeat(rest));
            assert!(serde_json::from_str::<&RawValue>(&fitting).is_ok());
            assert!(check("x", &fitting).is_ok(), "{fitting}");
            let deeper = format!("[1,{fitting},2]");
            assert_eq!(check("x", &deeper).map_err(|rejection| rejection.code), Err("invalid"));
        }
        assert!(check("x", &nested("[", "]", 1_000_000)).is_err());
    }

    #[test]
    fn brackets_in_strings_and_siblings_do_not_count_as_depth() {
        let text = serde_json::to_string(&"[{\"\\".repeat(1_000)).expect("JSON");
        assert!(check("x", &text).is_ok());
        assert!(check("x", &format!("{{{text}:{text}}}")).is_ok());
        let siblings = format!("[{}0]", "[[]],".repeat(1_000));
        assert!(check("x", &siblings).is_ok());
    }

    #[test]
    fn nesting_check_of_invalid_json_does_not_panic() {
        for text in ["\"".repeat(999), "\\".repeat(999), "]".repeat(999), "\"\\".repeat(999)] {
            assert!(check("x", &text).is_ok());
        }
    }
}
