//! Short names between the module and its glue.
//!
//! wasm-bindgen names every import by what it does and a hash, on both sides. No code depends on them
//! there, and hashes do not compress: short ones save about 2 KB of the transfer.

use crate::failure::Failure;
use walrus::Module;

/// Gives the imports of `module` short names, in it and in `script`, its glue.
///
/// # Errors
/// When the glue does not know an import of the module.
pub(crate) fn shorten(module: &mut Module, script: &mut String) -> Result<(), Failure> {
    for (number, import) in module.imports.iter_mut().enumerate() {
        let short = format!("{}_", letters(number));
        // Followed by a colon it is the member of the object the glue hands in, and nothing else.
        let (from, to) = (format!(" {}:", import.name), format!(" {short}:"));
        if script.matches(&from).count() != 1 {
            return Err(Failure::new(format!("The glue has `{}` not once.", import.name)));
        }
        *script = script.replace(&from, &to);
        import.name = short;
    }
    Ok(())
}

/// a, b, … z, aa, ab, …
fn letters(number: usize) -> String {
    let last = char::from(b'a' + u8::try_from(number % 26).unwrap_or_default());
    match number / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letters(more - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn names_are_short_and_all_different() {
        let names: std::collections::BTreeSet<_> = (0..800).map(letters).collect();
        assert_eq!(names.len(), 800);
        assert_eq!((letters(0), letters(25), letters(26)), ("a".into(), "z".into(), "aa".into()));
    }
}
