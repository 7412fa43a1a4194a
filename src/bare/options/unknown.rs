//! Names of options that do not exist, and the nearest ones that do.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use js_sys::Array;
use wasm_bindgen::prelude::*;

use crate::abi::option_names::{Group, OptionsOf};
use crate::web::{entries, items};

/// The path of an unknown name, and of the nearest known one, if one is similar.
#[derive(Debug)]
pub(crate) struct UnknownName {
    pub(crate) path: String,
    pub(crate) nearest: Option<String>,
}

/// The unknown names in options. Those whose value is undefined are ignored.
pub(crate) fn unknown_names(options: &JsValue, kind: OptionsOf) -> Vec<UnknownName> {
    let mut found = Vec::new();
    search(options, &kind.groups(), "", &mut found);
    found
}

fn search(options: &JsValue, groups: &[Group], path: &str, found: &mut Vec<UnknownName>) {
    let Some(Group { names, .. }) = groups.iter().find(|group| group.path == path) else { return };
    for entry in entries(options).unwrap_or_default() {
        let entry: Array = entry.unchecked_into();
        let (Some(name), value) = (entry.get(0).as_string(), entry.get(1)) else { continue };
        if value.is_undefined() {
            continue;
        }
        let within = |name: &str| match path {
            "" => name.to_owned(),
            path => [path, ".", name].concat(),
        };
        if !names.contains(&&*name) {
            let nearest = nearest(&name, names).map(within);
            found.push(UnknownName { path: within(&name), nearest });
        } else if value.is_object() {
            let parts = items(&value).unwrap_or_else(|| Array::of1(&value));
            for part in parts.iter().filter(JsValue::is_object) {
                search(&part, groups, &within(&name), found);
            }
        }
    }
}

fn nearest(name: &str, names: &[&'static str]) -> Option<&'static str> {
    let given = name.to_lowercase();
    let rated = names.iter().map(|known| {
        let other = known.to_lowercase();
        let is_part = other.contains(&given) || given.contains(&other);
        (if is_part { 1 } else { distance(&given, &other) }, known.len(), *known)
    });
    let (distance, _, nearest) = rated.min()?;
    // No more than half of it differs.
    (distance <= name.chars().count() / 2 + 1).then_some(nearest)
}

/// The edit distance: the number of letters to add, remove or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut before = i;
        let mut left = i + 1;
        for (to, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let replaced = before + usize::from(from != *to);
            before = *cell;
            left = replaced.min(*cell + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
