//! Comma-separated lists in filters.

/// Splits at the commas outside of quotes and parentheses.
pub(crate) fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quoted, mut escaped) =
        (Vec::new(), 0, 0, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' | '{' if !quoted => depth += 1,
            ')' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_inside_lists_and_quotes_do_not_separate() {
        assert_eq!(
            split(r#"a=in.(1,2),b=eq."x,\"y",c=eq.1"#),
            ["a=in.(1,2)", r#"b=eq."x,\"y""#, "c=eq.1"]
        );
    }
}
