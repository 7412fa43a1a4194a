//! Shortens the names of the imports, and of the exports that call closures, which the module and its glue share.
//!
//! wasm-bindgen names each of them by its function and a hash. No other code uses these names, and hashes do not
//! compress: short names save about 2 KB of the transfer.

use crate::failure::Failure;
use std::cmp::Reverse;
use walrus::Module;

/// The part of its name that an export has that calls a closure.
const CLOSURE: &str = "__closures_____invoke__h";

/// Gives the imports of `module`, and its exports that call closures, short names, in the module and in `script`, its glue.
///
/// # Errors
/// When the glue does not have an import of the module exactly once, or does not call an export.
pub(crate) fn shorten(module: &mut Module, script: &mut String) -> Result<(), Failure> {
    for (number, import) in module.imports.iter_mut().enumerate() {
        let short = format!("{}_", letters(number));
        // Followed by a colon, the name can only be a member of the object that the glue passes as imports.
        let (from, to) = (format!(" {}:", import.name), format!(" {short}:"));
        if script.matches(&from).count() != 1 {
            return Err(Failure::new(format!(
                "The glue does not have `{}` exactly once.",
                import.name
            )));
        }
        *script = script.replace(&from, &to);
        import.name = short;
    }
    let closures = module.exports.iter_mut().filter(|export| export.name.contains(CLOSURE));
    let mut closures: Vec<_> = closures.collect();
    // A name may be the beginning of another one.
    closures.sort_by_key(|export| Reverse(export.name.len()));
    for (number, export) in closures.into_iter().enumerate() {
        if !script.contains(&format!("wasm.{}(", export.name)) {
            return Err(Failure::new(format!("The glue does not call `{}`.", export.name)));
        }
        let short = format!("invoke_{}_", letters(number));
        *script = script.replace(&export.name, &short);
        export.name = short;
    }
    Ok(())
}

/// The name with this number: a, b, … z, aa, ab, …
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
