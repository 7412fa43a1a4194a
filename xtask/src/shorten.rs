//! Short names between the module and its glue.
//!
//! wasm-bindgen names every import by what it does and a hash, on both sides. Nobody reads them
//! there, and hashes do not compress: short ones save about 2 KB of the transfer.

use crate::failure::{Failure, OrFail};
use std::fs;
use std::path::Path;
use walrus::ModuleConfig;

/// Gives the imports of `glue/tidewire_bg.wasm` short names, in the module and in `tidewire.js`.
///
/// # Errors
/// When either cannot be read or written, or the glue does not know an import of the module.
pub(crate) fn shorten(glue: &Path) -> Result<(), Failure> {
    let attempt = "shorten the names between the engine and its glue";
    let (module_path, script_path) = (glue.join("tidewire_bg.wasm"), glue.join("tidewire.js"));
    let mut module = ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse_file(&module_path)
        .or_fail(attempt)?;
    let mut script = fs::read_to_string(&script_path).or_fail(attempt)?;
    for (number, import) in module.imports.iter_mut().enumerate() {
        let short = format!("{}_", letters(number));
        // Followed by a colon it is the member of the object the glue hands in, and nothing else.
        let (from, to) = (format!(" {}:", import.name), format!(" {short}:"));
        if script.matches(&from).count() != 1 {
            return Err(Failure::new(format!(
                "Could not {attempt}: the glue has `{}` not once.",
                import.name
            )));
        }
        script = script.replace(&from, &to);
        import.name = short;
    }
    module.emit_wasm_file(&module_path).or_fail(attempt)?;
    fs::write(&script_path, script).or_fail(attempt)
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
