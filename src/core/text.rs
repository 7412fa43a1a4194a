//! Texts.

use alloc::string::String;

/// Concatenates texts. The standard library's `concat` for any kind of slices is 1 KB of the engine.
#[must_use]
pub fn concat(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}

/// Appends a text as a JSON string.
pub fn push_json(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.push('\\'),
            '\0'..='\x1f' => {
                json.push_str("\\u00");
                for digit in [character as u32 / 16, character as u32 % 16] {
                    json.extend(char::from_digit(digit, 16));
                }
                continue;
            }
            _ => {}
        }
        json.push(character);
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::push_json;

    #[test]
    fn json_of_a_text_is_read_back_as_the_text() {
        let controls: String = ('\0'..='\x20').collect();
        for text in ["", "plain", "\"quoted\" \\ back/slash", "é \u{2028} 🦀 \u{7f}", &controls]
        {
            let mut json = String::new();
            push_json(&mut json, text);
            assert_eq!(serde_json::from_str::<String>(&json).ok().as_deref(), Some(text));
        }
    }
}
