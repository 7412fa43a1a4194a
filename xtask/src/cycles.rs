//! Finds import cycles between the files of a crate.
//!
//! An import is any path that begins with `crate`, `super`, `self` or the name of a child module,
//! in a `use` or in an expression, or with a name that a `use` above it imported. A name that a module re-exports leads to
//! the file that defines it. A module that re-exports its children therefore imports them, and they must not import what
//! it defines itself. Code that is compiled only for tests is skipped.

use crate::failure::{Failure, OrFail};
use crate::stamp::entries;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module's path, from the crate's root.
type Module = Vec<String>;

/// Returns the cycles of the crate below `root`, each with its files in order, and the number of files that were read.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn find(root: &Path) -> Result<(Vec<Vec<String>>, usize), Failure> {
    let mut sources = BTreeMap::new();
    collect(root, root, &mut sources)?;
    let read = sources.len();
    let cycles = cycles(&sources);
    Ok((cycles, read))
}

fn collect(
    root: &Path,
    directory: &Path,
    sources: &mut BTreeMap<String, String>,
) -> Result<(), Failure> {
    for entry in entries(directory) {
        if entry.is_dir() {
            collect(root, &entry, sources)?;
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let name = entry.strip_prefix(root).unwrap_or(&entry).to_string_lossy().into_owned();
            let text = fs::read_to_string(&entry).or_fail(format!("read {}", entry.display()))?;
            sources.insert(name, text);
        }
    }
    Ok(())
}

/// The cycles among these files, by their names below the root.
fn cycles(sources: &BTreeMap<String, String>) -> Vec<Vec<String>> {
    let root = if sources.contains_key("lib.rs") { "lib.rs" } else { "main.rs" };
    // Next to a library, `main.rs` is a separate crate, which nothing imports.
    let files: BTreeMap<Module, &str> = sources
        .keys()
        .filter(|name| *name != "main.rs" || root == "main.rs")
        .map(|name| (module_of(name, root), name.as_str()))
        .collect();
    let mut parsed: BTreeMap<&Module, Source> = files
        .iter()
        .map(|(module, name)| {
            (module, Source::parse(module, sources.get(*name).map_or("", |text| text)))
        })
        .collect();
    let test_modules: Vec<Module> =
        parsed.values().flat_map(|source| source.tests.clone()).collect();
    parsed.retain(|module, _| !test_modules.iter().any(|test| module.starts_with(test)));
    let mut imports: BTreeMap<&Module, BTreeSet<&Module>> = BTreeMap::new();
    for (module, source) in &parsed {
        let targets = source.paths.iter().filter_map(|path| target(&parsed, path, 0));
        imports.insert(module, targets.filter(|target| target != module).collect());
    }
    let reach: BTreeMap<&Module, BTreeSet<&Module>> =
        imports.keys().map(|module| (*module, reachable(&imports, module))).collect();
    let mut found: BTreeSet<Vec<String>> = BTreeSet::new();
    for (module, reached) in &reach {
        if reached.contains(module) {
            let same =
                |other: &&&Module| reach.get(**other).is_some_and(|back| back.contains(module));
            let cycle = reached.iter().filter(same);
            found.insert(
                cycle.filter_map(|other| files.get(*other)).map(|&name| name.to_owned()).collect(),
            );
        }
    }
    found.into_iter().collect()
}

fn module_of(name: &str, root: &str) -> Module {
    if name == root {
        return Vec::new();
    }
    let path = name.trim_end_matches(".rs");
    path.trim_end_matches("/mod").split('/').map(str::to_owned).collect()
}

/// Returns the file that defines what a path names; follows re-exports.
fn target<'m>(
    parsed: &BTreeMap<&'m Module, Source>,
    path: &[String],
    depth: usize,
) -> Option<&'m Module> {
    let length =
        (0..=path.len()).rev().find(|length| parsed.contains_key(&path[..*length].to_vec()))?;
    let (module, source) = parsed.get_key_value(&path[..length].to_vec())?;
    match path.get(length).and_then(|name| source.exports.get(name)) {
        Some(exported) if depth < 9 => {
            let rest = path.iter().skip(length + 1).cloned();
            let through: Vec<String> = exported.iter().cloned().chain(rest).collect();
            target(parsed, &through, depth + 1)
        }
        _ => Some(module),
    }
}

fn reachable<'m>(
    imports: &BTreeMap<&'m Module, BTreeSet<&'m Module>>,
    from: &Module,
) -> BTreeSet<&'m Module> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Module> = imports.get(from).into_iter().flatten().copied().collect();
    while let Some(module) = next.pop() {
        if reached.insert(module) {
            next.extend(imports.get(module).into_iter().flatten());
        }
    }
    reached
}

/// The imports and exports of one file.
#[derive(Debug, Default)]
struct Source {
    /// All paths of this crate, absolute.
    paths: Vec<Vec<String>>,
    /// The names that it re-exports, with the paths of their definitions.
    exports: BTreeMap<String, Vec<String>>,
    /// The modules that it declares only for tests.
    tests: Vec<Module>,
}

impl Source {
    fn parse(module: &Module, text: &str) -> Self {
        let tokens = tokens(text);
        let mut reader = Reader {
            tokens: &tokens,
            at: 0,
            module: module.clone(),
            children: children(&tokens),
            imported: BTreeMap::new(),
            source: Self::default(),
        };
        reader.items();
        reader.source
    }
}

/// The modules in files of their own that a file declares.
fn children(tokens: &[String]) -> BTreeSet<String> {
    let declared = tokens.windows(3).filter(|window| window[0] == "mod" && window[2] == ";");
    declared.map(|window| window[1].clone()).collect()
}

struct Reader<'t> {
    tokens: &'t [String],
    at: usize,
    /// The module, with the enclosing inline modules.
    module: Module,
    children: BTreeSet<String>,
    /// The path of each imported name.
    imported: BTreeMap<String, Vec<String>>,
    source: Source,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| token)
    }

    /// Reads items up to the closing brace of the current block.
    fn items(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.tokens.len() {
            match self.peek(0) {
                "#" if self.is_test_only() => self.skip_test(),
                "mod" if self.peek(2) == "{" => {
                    self.module.push(self.peek(1).to_owned());
                    self.at += 3;
                    self.items();
                    self.module.pop();
                }
                "use" => self.import(),
                // The path of a visibility is not an import.
                "pub" if self.peek(1) == "(" && self.peek(2) == "in" => {
                    while !matches!(self.peek(0), ")" | "") {
                        self.at += 1;
                    }
                }
                "{" => {
                    depth += 1;
                    self.at += 1;
                }
                "}" => {
                    self.at += 1;
                    if depth == 0 {
                        return;
                    }
                    depth -= 1;
                }
                _ => self.path(),
            }
        }
    }

    /// Whether `#[cfg(test)]` follows.
    fn is_test_only(&self) -> bool {
        let expected = ["#", "[", "cfg", "(", "test", ")", "]"];
        expected.iter().enumerate().all(|(ahead, token)| self.peek(ahead) == *token)
    }

    /// Skips the item after `#[cfg(test)]`.
    fn skip_test(&mut self) {
        self.at += 7;
        let mut depth = 0_usize;
        while self.at < self.tokens.len() {
            let (token, next) = (self.peek(0).to_owned(), self.peek(1).to_owned());
            self.at += 1;
            match token.as_str() {
                "mod" if depth == 0 && self.peek(1) == ";" => {
                    let test = self.module.iter().cloned().chain([next]).collect();
                    self.source.tests.push(test);
                }
                ";" if depth == 0 => return,
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
    }

    /// Reads a `use`.
    fn import(&mut self) {
        let exported = self.at > 0 && matches!(self.tokens[self.at - 1].as_str(), "pub" | ")");
        self.at += 1;
        let mut leaves = Vec::new();
        self.tree(&[], &mut leaves);
        for (path, name) in leaves {
            let Some(path) = self.absolute(&path) else { continue };
            if exported {
                self.source.exports.insert(name.clone(), path.clone());
            }
            self.imported.insert(name, path.clone());
            self.source.paths.push(path);
        }
    }

    /// Reads a tree of a `use` up to the comma or bracket after it. Its leaves are paths, with the names that they
    /// get.
    fn tree(&mut self, before: &[String], leaves: &mut Vec<(Vec<String>, String)>) {
        let mut path = before.to_vec();
        let mut name = String::new();
        while self.at < self.tokens.len() {
            let token = self.peek(0).to_owned();
            match token.as_str() {
                "{" => {
                    self.at += 1;
                    while !matches!(self.peek(0), "}" | "") {
                        self.tree(&path, leaves);
                        self.at += usize::from(self.peek(0) == ",");
                    }
                    self.at += 1;
                    return;
                }
                "," | "}" | ";" => break,
                "as" => {
                    name = self.peek(1).to_owned();
                    self.at += 2;
                    continue;
                }
                "::" | "*" => {}
                "self" if !path.is_empty() => {}
                _ => {
                    name.clone_from(&token);
                    path.push(token);
                }
            }
            self.at += 1;
        }
        leaves.push((path, name));
    }

    /// Reads a path of an expression or a type, or skips one token.
    fn path(&mut self) {
        let follows = self.at > 0 && matches!(self.tokens[self.at - 1].as_str(), "::" | ".");
        let mut path = vec![self.peek(0).to_owned()];
        self.at += 1;
        while self.peek(0) == "::" && is_name(self.peek(1)) {
            path.push(self.peek(1).to_owned());
            self.at += 2;
        }
        if path.len() > 1 && !follows {
            let absolute = self.absolute(&path);
            self.source.paths.extend(absolute);
        }
    }

    /// A path from the crate's root, if it is one of this crate's.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let mut base = self.module.clone();
        let first = path.first()?;
        let mut rest = path;
        match first.as_str() {
            "crate" => {
                base.clear();
                rest = &path[1..];
            }
            "super" | "self" => {
                while let Some(step) =
                    rest.first().filter(|step| matches!(step.as_str(), "super" | "self"))
                {
                    if step == "super" {
                        base.pop()?;
                    }
                    rest = &rest[1..];
                }
            }
            child if self.children.contains(child) => {}
            name => {
                base.clone_from(self.imported.get(name)?);
                rest = &path[1..];
            }
        }
        base.extend(rest.iter().cloned());
        Some(base)
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphanumeric() || first == '_')
}

/// Splits code into names, `::` and single characters; comments and literals are skipped.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = literal(rest) {
            length
        } else if is_name(rest) {
            rest.find(|sign: char| !(sign.is_alphanumeric() || sign == '_')).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        let is_code =
            !token.starts_with("//") && !token.starts_with("/*") && literal(token).is_none();
        if is_code && !first.is_whitespace() {
            tokens.push(token.to_owned());
        }
        rest = after;
    }
    tokens
}

/// The length of the string or character literal that begins here.
fn literal(text: &str) -> Option<usize> {
    let quoted = text.trim_start_matches(['b', 'c']);
    let prefix = text.len() - quoted.len();
    if prefix > 1 {
        return None;
    }
    if let Some(raw) = quoted.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if !raw[hashes..].starts_with('"') {
            return None;
        }
        let end = format!("\"{}", "#".repeat(hashes));
        let begin = prefix + 1 + hashes + 1;
        return Some(text[begin..].find(&end).map_or(text.len(), |at| begin + at + end.len()));
    }
    let quote = quoted.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let mut escaped = false;
    for (at, sign) in quoted.char_indices().skip(1) {
        if sign == quote && !escaped {
            return Some(prefix + at + 1);
        }
        // A lifetime is not a character literal.
        if quote == '\''
            && !escaped
            && sign != '\\'
            && !quoted[at + sign.len_utf8()..].starts_with('\'')
            && !quoted.starts_with("'\\")
        {
            return None;
        }
        escaped = sign == '\\' && !escaped;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{cycles, tokens};

    fn cycles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let sources = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        cycles(&sources.collect())
    }

    #[test]
    fn two_files_that_import_each_other_are_a_cycle() {
        let found = cycles_of(&[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::B; pub struct A;"),
            ("b.rs", "use super::{a::A, c}; pub struct B;"),
            ("c.rs", "pub struct C;"),
        ]);
        assert_eq!(found, [["a.rs", "b.rs"]]);
    }

    #[test]
    fn a_path_in_an_expression_is_an_import() {
        let found = cycles_of(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "fn a() { crate::b::b() }"),
            ("b.rs", "fn b() -> crate::a::A { todo!() }"),
        ]);
        assert_eq!(found, [["a.rs", "b.rs"]]);
    }

    #[test]
    fn a_path_through_an_imported_module_is_an_import() {
        let found = cycles_of(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b; fn a() { b::c::c() }"),
            ("b/mod.rs", "pub mod c;"),
            ("b/c.rs", "use crate::a; fn c() { a::a() }"),
        ]);
        assert_eq!(found, [["a.rs", "b/c.rs"]]);
    }

    #[test]
    fn path_of_a_visibility_is_not_an_import() {
        let found = cycles_of(&[
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod b; pub use b::B;"),
            ("a/b.rs", "pub(in crate::a) struct B;"),
        ]);
        assert_eq!(found, Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_re_export_leads_to_the_file_that_defines_the_name() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a/mod.rs", "mod x; mod y; pub use x::X; pub use y::Y;"),
            ("a/x.rs", "use crate::b::B; pub struct X;"),
            ("a/y.rs", "pub struct Y;"),
        ];
        let b = |text| cycles_of(&[&files[..], &[("b.rs", text)]].concat());
        assert_eq!(b("use crate::a::X; pub struct B;"), [["a/x.rs", "b.rs"]]);
        assert!(b("use crate::a::Y; pub struct B;").is_empty());
    }

    #[test]
    fn a_child_that_imports_what_the_re_exporting_module_defines_is_a_cycle() {
        let child = ("a/x.rs", "use super::A; pub struct X;");
        let module = |text| cycles_of(&[("lib.rs", "mod a;"), ("a/mod.rs", text), child]);
        assert_eq!(module("mod x; pub use x::X; pub struct A;"), [["a/mod.rs", "a/x.rs"]]);
        assert!(module("mod x; pub struct A;").is_empty());
    }

    #[test]
    fn code_for_tests_only_is_skipped() {
        let found = cycles_of(&[
            ("lib.rs", "mod a; #[cfg(test)] mod testing;"),
            ("a.rs", "pub struct A; #[cfg(test)] mod tests { use crate::testing::Harness; }"),
            ("testing.rs", "use crate::a::A; pub struct Harness;"),
            ("main.rs", "use crate::a; fn main() {}"),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn comments_and_literals_are_skipped() {
        let text = "a /* b */ \"c \\\" crate::d\" 'e' &'f br#\"g\" h\"# // i\n j::k '\\'' '\\\\' l";
        let expected = ["a", "&", "'", "f", "j", "::", "k", "l"];
        assert_eq!(tokens(text), expected);
    }
}
