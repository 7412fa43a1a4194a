//! Removes the composition of panic messages from a module.
//!
//! The engine ends in a trap, without a message. The standard library is compiled beforehand, so its panics
//! still compose a message and include formatting: 2.4 KB of the transfer. Here their bodies are replaced by
//! the trap that they end in; wasm-opt then removes what is no longer called.

use crate::failure::Failure;
use std::collections::BTreeSet;
use walrus::ir::{Call, RefFunc, Visitor, dfs_in_order};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module};

/// Functions of the standard library that never return.
const PANICS: [&str; 8] = [
    "::panicking::",
    "::panic_already_",
    "::unwrap_failed",
    "::expect_failed",
    "_fail",
    "::handle_error",
    "::handle_alloc_error",
    "::panic_poisoned",
];

/// Code that is kept only because a table of functions refers to it: formatting, which only panics use, and
/// an executor for futures, of which the engine has none.
const UNCALLED: [&str; 2] = ["::fmt::", "js_sys::futures::"];

/// Replaces all panics in `module` by traps. Its functions must still have their names.
///
/// # Errors
/// When remaining code calls removed code: the engine would trap where it formats.
pub(crate) fn cut(module: &mut Module) -> Result<(), Failure> {
    let panics = named(module, is_panic);
    let uncalled = named(module, is_uncalled);
    let removed: BTreeSet<FunctionId> = panics.union(&uncalled).copied().collect();
    for (id, function) in module.funcs.iter_local() {
        if removed.contains(&id) {
            continue;
        }
        let mut calls = Calls(Vec::new());
        dfs_in_order(&mut calls, function, function.entry_block());
        if let Some(callee) = calls.0.iter().find(|callee| uncalled.contains(callee)) {
            let name = |id| module.funcs.get(id).name.as_deref().unwrap_or("an unnamed function");
            return Err(Failure::new(format!(
                "The engine is built without formatting and futures, but {} calls {}.",
                name(id),
                name(*callee)
            )));
        }
    }
    for id in removed {
        replace_by_trap(module, id);
    }
    Ok(())
}

/// Whether `cut` removes the function with this name.
pub(crate) fn is_removed(name: &str) -> bool {
    is_panic(name) || is_uncalled(name)
}

fn is_uncalled(name: &str) -> bool {
    UNCALLED.iter().any(|part| name.contains(part))
}

fn named(module: &Module, is: impl Fn(&str) -> bool) -> BTreeSet<FunctionId> {
    let locals = module.funcs.iter_local().map(|(id, _)| id);
    locals.filter(|id| module.funcs.get(*id).name.as_deref().is_some_and(&is)).collect()
}

fn is_panic(name: &str) -> bool {
    let of_std = ["core", "alloc"]
        .iter()
        .any(|library| name.strip_prefix(library).is_some_and(|rest| rest.starts_with(['[', ':'])));
    of_std && PANICS.iter().any(|part| name.contains(part))
}

fn replace_by_trap(module: &mut Module, id: FunctionId) {
    let ty = module.types.get(module.funcs.get(id).ty());
    let (params, results) = (ty.params().to_vec(), ty.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    builder.func_body().unreachable();
    let params = params.into_iter().map(|kind| module.locals.add(kind)).collect();
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(params));
}

/// The functions that a function calls or references.
struct Calls(Vec<FunctionId>);

impl Visitor<'_> for Calls {
    fn visit_call(&mut self, call: &Call) {
        self.0.push(call.func);
    }

    fn visit_ref_func(&mut self, reference: &RefFunc) {
        self.0.push(reference.func);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module of named functions; each may call an earlier one, given by its index.
    fn module(functions: &[(&str, Option<usize>)]) -> Module {
        let mut module = Module::default();
        let mut made: Vec<FunctionId> = Vec::new();
        for (name, callee) in functions {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
            builder.name((*name).to_owned());
            if let Some(callee) = callee {
                builder.func_body().call(made[*callee]);
            }
            made.push(builder.finish(Vec::new(), &mut module.funcs));
        }
        module
    }

    fn calls_of(module: &Module, name: &str) -> Option<usize> {
        let id = module.funcs.by_name(name)?;
        let function = module.funcs.get(id).kind.unwrap_local();
        let mut calls = Calls(Vec::new());
        dfs_in_order(&mut calls, function, function.entry_block());
        Some(calls.0.len())
    }

    #[test]
    fn replaced_panic_handler_calls_nothing_and_the_rest_is_unchanged() -> Result<(), Failure> {
        let mut module = module(&[
            ("<u32 as core[1f]::fmt::Display>::fmt", None),
            ("core[1f]::panicking::panic_fmt", Some(0)),
            ("tidewire::panicking::own", Some(1)),
        ]);
        cut(&mut module)?;
        assert_eq!(calls_of(&module, "core[1f]::panicking::panic_fmt"), Some(0));
        assert_eq!(calls_of(&module, "tidewire::panicking::own"), Some(1));
        Ok(())
    }

    #[test]
    fn formatting_code_is_rejected() {
        let mut module = module(&[("core[1f]::fmt::write", None), ("tidewire::formats", Some(0))]);
        let message = cut(&mut module).err().map(|failure| failure.to_string());
        assert!(message.is_some_and(|message| message.contains("tidewire::formats")));
    }
}
