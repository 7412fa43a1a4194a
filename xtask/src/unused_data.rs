//! Finds and clears the data of a linked module that no code uses any more.
//!
//! The linker keeps the data of the code that it keeps, and `panics` removes code after it: the messages of panics, the
//! source files and lines that they name, and the tables of formatting would stay. The linker's relocations
//! (`--emit-relocs`) list all references to functions and data, so that what is used can be followed from the exports.
//! See <https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md>.

use crate::failure::{Failure, OrFail};
use rustc_demangle::demangle;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use walrus::ir::Value;
use walrus::{ConstExpr, DataKind, Module};
use wasmparser::{
    DataKind as SegmentKind, ExternalKind, KnownCustom, Linking, Name, Operator, Parser, Payload,
    RelocationType, SymbolInfo, TypeRef,
};

/// A reference in code or data: its position in the file, and the number of the symbol that it refers to.
type Reference = (usize, usize);

/// A module with the linker's relocations. Positions are those in the file.
#[derive(Debug, Default)]
struct Linked {
    imported_functions: usize,
    /// The bodies of the functions that are not imported.
    bodies: Vec<Range<usize>>,
    names: BTreeMap<usize, String>,
    /// The functions that are called from outside.
    roots: Vec<usize>,
    /// The segments of data, each with its address.
    segments: Vec<(Range<usize>, usize)>,
    symbols: Vec<Symbol>,
    references: Vec<Reference>,
}

/// The size of a `core::panic::Location`.
const LOCATION_BYTES: usize = 16;

#[derive(Debug)]
enum Symbol {
    Function(usize),
    Data(Range<usize>),
    Other,
}

/// The addresses of the data that is not used if no function whose name `is_removed` runs. `module` is what the linker made.
///
/// # Errors
/// When it is no module, or has no relocations.
pub(crate) fn find(
    module: &[u8],
    is_removed: impl Fn(&str) -> bool,
) -> Result<BTreeSet<usize>, Failure> {
    let linked = Linked::read(module).or_fail("read the relocations of the engine")?;
    if linked.references.is_empty() {
        return Err(Failure::new("The engine was linked without relocations."));
    }
    Ok(linked.unused(module, is_removed))
}

/// Sets the data at these addresses to zero, which takes no space: memory is zero from the start.
pub(crate) fn clear(module: &mut Module, unused: &BTreeSet<usize>) {
    let segments: Vec<_> = module.data.iter().map(walrus::Data::id).collect();
    for id in segments {
        let segment = module.data.get_mut(id);
        let DataKind::Active { offset: ConstExpr::Value(Value::I32(address)), .. } = segment.kind
        else {
            continue;
        };
        for (byte, address) in segment.value.iter_mut().zip(address.unsigned_abs() as usize..) {
            if unused.contains(&address) {
                *byte = 0;
            }
        }
    }
}

impl Linked {
    fn unused(&self, module: &[u8], is_removed: impl Fn(&str) -> bool) -> BTreeSet<usize> {
        let used = self.used(&self.locations(module), is_removed);
        let mut unused = BTreeSet::new();
        for symbol in &self.symbols {
            if let Symbol::Data(data) = symbol {
                unused.extend(data.clone());
            }
        }
        for (start, end) in used {
            for position in start..end {
                unused.remove(&position);
            }
        }
        unused.into_iter().filter_map(|position| self.address(position)).collect()
    }

    /// The functions and the data that code uses, as ranges of positions: what can be reached from the roots, without the
    /// `locations`.
    fn used(
        &self,
        locations: &BTreeSet<usize>,
        is_removed: impl Fn(&str) -> bool,
    ) -> BTreeSet<(usize, usize)> {
        let body = |function: usize| {
            let name = self.names.get(&function);
            let runs = !name.is_some_and(|name| is_removed(&demangle(name).to_string()));
            runs.then(|| self.bodies.get(function.checked_sub(self.imported_functions)?)).flatten()
        };
        let mut waiting: Vec<_> = self.roots.iter().filter_map(|root| body(*root)).collect();
        let mut used = BTreeSet::new();
        while let Some(range) = waiting.pop() {
            if !used.insert((range.start, range.end)) {
                continue;
            }
            let within = self.references_in(range).iter();
            waiting.extend(within.filter_map(|(_, symbol)| match self.symbols.get(*symbol)? {
                Symbol::Function(function) => body(*function),
                Symbol::Data(data) => Some(data).filter(|data| !locations.contains(&data.start)),
                Symbol::Other => None,
            }));
        }
        used
    }

    fn references_in(&self, range: &Range<usize>) -> &[Reference] {
        let from = self.references.partition_point(|(at, _)| *at < range.start);
        let to = self.references.partition_point(|(at, _)| *at < range.end);
        self.references.get(from..to).unwrap_or_default()
    }

    fn address(&self, position: usize) -> Option<usize> {
        let mut segments = self.segments.iter();
        let (segment, address) = segments.find(|(segment, _)| segment.contains(&position))?;
        Some(address + position - segment.start)
    }

    fn read(module: &[u8]) -> wasmparser::Result<Self> {
        let mut linked = Self::default();
        // The sections that relocations can be in, by their numbers: the positions of their contents.
        let mut sections: Vec<usize> = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            if let Some((_, range)) = payload.as_section() {
                sections.push(range.start);
            }
            match payload {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        if matches!(import?.ty, TypeRef::Func(_)) {
                            linked.imported_functions += 1;
                        }
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            linked.roots.push(export.index as usize);
                        }
                    }
                }
                Payload::StartSection { func, .. } => linked.roots.push(func as usize),
                Payload::CodeSectionEntry(body) => linked.bodies.push(body.range()),
                Payload::DataSection(segments) => {
                    for segment in segments {
                        linked.add_segment(&segment?)?;
                    }
                }
                Payload::CustomSection(section) => linked.add_custom(&section, &sections)?,
                _ => {}
            }
        }
        linked.references.sort_unstable();
        Ok(linked)
    }

    fn add_segment(&mut self, segment: &wasmparser::Data<'_>) -> wasmparser::Result<()> {
        let position = segment.range.end - segment.data.len()..segment.range.end;
        let address = match &segment.kind {
            SegmentKind::Active { offset_expr, .. } => {
                match offset_expr.get_operators_reader().read()? {
                    Operator::I32Const { value } => value.unsigned_abs() as usize,
                    _ => 0,
                }
            }
            SegmentKind::Passive => 0,
        };
        self.segments.push((position, address));
        Ok(())
    }

    fn add_custom(
        &mut self,
        section: &wasmparser::CustomSectionReader<'_>,
        sections: &[usize],
    ) -> wasmparser::Result<()> {
        match section.as_known() {
            KnownCustom::Name(names) => {
                for name in names {
                    let Name::Function(functions) = name? else { continue };
                    for function in functions {
                        let function = function?;
                        self.names.insert(function.index as usize, function.name.to_owned());
                    }
                }
            }
            KnownCustom::Linking(linking) => {
                for part in linking.subsections() {
                    let Linking::SymbolTable(symbols) = part? else { continue };
                    for symbol in symbols {
                        let symbol = self.symbol(&symbol?);
                        self.symbols.push(symbol);
                    }
                }
            }
            KnownCustom::Reloc(relocations) => {
                let start = sections.get(relocations.section_index() as usize).copied();
                for entry in relocations.entries() {
                    let entry = entry?;
                    // Its index is that of a type; all others are of symbols.
                    if entry.ty != RelocationType::TypeIndexLeb {
                        let at = start.unwrap_or_default() + entry.offset as usize;
                        self.references.push((at, entry.index as usize));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The positions of all `core::panic::Location`s, which code passes to panics and nothing reads: a pointer to the name of
    /// a source file, which ends with a zero, its length, a line and a column.
    fn locations(&self, module: &[u8]) -> BTreeSet<usize> {
        let data = |symbol: &Symbol| match symbol {
            Symbol::Data(data) => Some(data.clone()),
            Symbol::Function(_) | Symbol::Other => None,
        };
        let is_location = |of: &Range<usize>| {
            let [(at, file)] = self.references_in(of) else { return false };
            let file = self.symbols.get(*file).and_then(data);
            let name = file.and_then(|file| module.get(file));
            of.len() == LOCATION_BYTES
                && *at == of.start
                && name.is_some_and(|name| name.ends_with(b".rs\0"))
        };
        self.symbols.iter().filter_map(data).filter(is_location).map(|of| of.start).collect()
    }

    fn symbol(&self, info: &SymbolInfo<'_>) -> Symbol {
        match info {
            SymbolInfo::Func { index, .. } => Symbol::Function(*index as usize),
            SymbolInfo::Data { symbol: Some(data), .. } => {
                let segment = self.segments.get(data.index as usize);
                segment.map_or(Symbol::Other, |(segment, _)| {
                    let start = segment.start + data.offset as usize;
                    Symbol::Data(start..start + data.size as usize)
                })
            }
            _ => Symbol::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: usize = 1_024;

    /// A module with two functions, of which the first one is a root, and data from position 20 on.
    fn linked(data: &[Range<usize>], references: &[Reference]) -> Linked {
        let data = data.iter().cloned().map(Symbol::Data);
        let functions = [0, 1].map(Symbol::Function);
        Linked {
            imported_functions: 0,
            bodies: vec![0..10, 10..20],
            names: [(0, "runs".to_owned()), (1, "panics".to_owned())].into(),
            roots: vec![0],
            segments: vec![(20..100, ADDRESS)],
            symbols: functions.into_iter().chain(data).collect(),
            references: references.to_vec(),
        }
    }

    fn unused(linked: &Linked, module: &[u8]) -> Vec<usize> {
        linked.unused(module, |name| name == "panics").into_iter().collect()
    }

    #[test]
    fn data_of_a_removed_function_is_unused_and_what_other_code_reaches_is_not() {
        // The root calls the other function and uses the first data, which refers to the second.
        let data = [20..28, 30..32, 40..42];
        let linked = linked(&data, &[(1, 1), (5, 2), (11, 4), (24, 3)]);
        assert_eq!(unused(&linked, &[0; 100]), [ADDRESS + 20, ADDRESS + 21]);
    }

    #[test]
    fn data_within_data_in_use_is_used() {
        let linked = linked(&[20..28, 24..28, 26..30], &[(5, 2), (11, 3), (12, 4)]);
        assert_eq!(unused(&linked, &[0; 100]), [ADDRESS + 8, ADDRESS + 9]);
    }

    #[test]
    fn location_of_a_panic_and_its_file_are_unused_though_code_refers_to_it() {
        let linked = linked(&[20..25, 28..44], &[(5, 3), (28, 2)]);
        let named = |name: &[u8]| [&[0; 20], name, &[0; 75]].concat();
        assert_eq!(unused(&linked, &named(b"a.rs\0")).len(), 5 + LOCATION_BYTES);
        assert_eq!(unused(&linked, &named(b"a text")), [0; 0]);
    }

    #[test]
    fn only_unused_data_becomes_zero() {
        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 1, None, None);
        let offset = ConstExpr::Value(Value::I32(1_024));
        let id = module.data.add(DataKind::Active { memory, offset }, b"abcd".to_vec());
        clear(&mut module, &[ADDRESS + 1, ADDRESS + 2, ADDRESS + 9].into());
        assert_eq!(module.data.get(id).value, b"a\0\0d");
    }

    #[test]
    fn module_without_relocations_is_an_error() {
        let module = Module::default().emit_wasm();
        assert!(find(&module, |_| false).is_err());
    }
}
