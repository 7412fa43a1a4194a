//! Removes from a module what only describes why it ends.
//!
//! The engine ends in a trap, without a message. The standard library is compiled beforehand, so its panics
//! still compose a message and bring formatting along: 2.4 KB of the transfer. Here their bodies become
//! the trap they end in; wasm-opt then drops what is no longer called.

use crate::failure::Failure;
use std::collections::BTreeSet;
use walrus::ir::{Call, RefFunc, Visitor, dfs_in_order};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module};

/// Functions of the standard library that never return.
const ENDS: [&str; 8] = [
    "::panicking::",
    "::panic_already_",
    "::unwrap_failed",
    "::expect_failed",
    "_fail",
    "::handle_error",
    "::handle_alloc_error",
    "::panic_poisoned",
];

/// Code that stays only because a table of functions names it: formatting, which panics alone use, and
/// an executor for futures, of which the engine has none.
const UNCALLED: [&str; 2] = ["::fmt::", "js_sys::futures::"];

/// Makes traps of all panics in `module`, whose functions must still have their names.
///
/// # Errors
/// When code that stays calls code that is removed: the engine would trap where it means to format.
pub(crate) fn cut(module: &mut Module) -> Result<(), Failure> {
    let ends = named(module, ends);
    let uncalled = named(module, uncalled);
    let gone: BTreeSet<FunctionId> = ends.union(&uncalled).copied().collect();
    for (id, function) in module.funcs.iter_local() {
        if gone.contains(&id) {
            continue;
        }
        let mut calls = Calls(Vec::new());
        dfs_in_order(&mut calls, function, function.entry_block());
        if let Some(callee) = calls.0.iter().find(|callee| uncalled.contains(callee)) {
            let name = |id| module.funcs.get(id).name.as_deref().unwrap_or("a nameless function");
            return Err(Failure::new(format!(
                "The engine is built without formatting and futures, but {} calls {}.",
                name(id),
                name(*callee)
            )));
        }
    }
    for id in gone {
        end(module, id);
    }
    Ok(())
}

/// Whether `cut` removes the function with this name.
pub(crate) fn is_removed(name: &str) -> bool {
    ends(name) || uncalled(name)
}

fn uncalled(name: &str) -> bool {
    UNCALLED.iter().any(|part| name.contains(part))
}

fn named(module: &Module, is: impl Fn(&str) -> bool) -> BTreeSet<FunctionId> {
    let locals = module.funcs.iter_local().map(|(id, _)| id);
    locals.filter(|id| module.funcs.get(*id).name.as_deref().is_some_and(&is)).collect()
}

fn ends(name: &str) -> bool {
    let of_std = ["core", "alloc"]
        .iter()
        .any(|library| name.strip_prefix(library).is_some_and(|rest| rest.starts_with(['[', ':'])));
    of_std && ENDS.iter().any(|part| name.contains(part))
}

fn end(module: &mut Module, id: FunctionId) {
    let ty = module.types.get(module.funcs.get(id).ty());
    let (params, results) = (ty.params().to_vec(), ty.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    builder.func_body().unreachable();
    let params = params.into_iter().map(|kind| module.locals.add(kind)).collect();
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(params));
}

/// Whom a function calls by name.
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

    /// A module of functions that have names, and call one another.
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
