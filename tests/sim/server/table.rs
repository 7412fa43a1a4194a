//! The table of a channel.

use std::borrow::Cow;
use std::rc::Rc;

use crate::value::{Value, object};

/// The code of a rejected change.
pub(crate) type Code = &'static str;

/// A change that was made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// The row in the answer to the mutation's sender.
    pub(crate) stored: Value,
    /// The payload that members receive, without the mutation's id.
    pub(crate) message: Value,
}

/// Rows by key, in the order of their insertion. A row has `id`, `version` and the fields of the app.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Rows,
    made: u64,
    /// The rows before the change of the message of this number.
    before: Vec<(u32, Rows)>,
}

type Rows = Vec<(Rc<str>, Value)>;

impl Table {
    /// All rows.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&Rc<str>, &Value)> {
        self.rows.iter().map(|(key, row)| (key, row))
    }

    /// Makes the change of the message with this number, or returns why it is rejected.
    pub(crate) fn change(
        &mut self,
        number: u32,
        event: &str,
        payload: &Value,
    ) -> Result<Made, Code> {
        let before = self.rows.clone();
        let made = match event {
            "insert" => self.insert(payload.get("row").ok_or("invalid")?),
            "update" => self.update(payload.get("row").ok_or("invalid")?),
            _ => self.delete(payload.text_of("key").ok_or("invalid")?),
        }?;
        self.before.push((number, before));
        Ok(made)
    }

    /// A crash loses changes together with their messages.
    pub(crate) fn lose(&mut self, numbers: &[u32]) {
        if let Some(first) = self.before.iter().position(|(number, _)| numbers.contains(number)) {
            self.rows.clone_from(&self.before[first].1);
            self.before.truncate(first);
        }
    }

    fn insert(&mut self, row: &Value) -> Result<Made, Code> {
        self.made += 1;
        let key = match row.text_of("id") {
            Some(own) => own.clone(),
            None => format!("k{}", self.made).into(),
        };
        if self.place(&key).is_some() {
            return Err("conflict");
        }
        let row = row.merged([
            (Cow::Borrowed("id"), Value::from(&key)),
            (Cow::Borrowed("version"), Value::from(1)),
        ]);
        self.rows.push((key, row.clone()));
        Ok(Made { message: object! { "row": row.clone() }, stored: row })
    }

    fn update(&mut self, patch: &Value) -> Result<Made, Code> {
        let key = patch.text_of("id").ok_or("invalid")?;
        let place = self.place(key).ok_or("not_found")?;
        let row = &mut self.rows[place].1;
        let version = row.whole("version").unwrap_or_default();
        if patch.whole("version").is_some_and(|based_on| based_on != version) {
            return Err("conflict");
        }
        let next = (Cow::Borrowed("version"), Value::from(version + 1));
        *row = row.merged(patch.entries().iter().cloned().chain([next]));
        Ok(Made { message: object! { "row": row.clone() }, stored: row.clone() })
    }

    fn delete(&mut self, key: &str) -> Result<Made, Code> {
        let place = self.place(key).ok_or("not_found")?;
        self.rows.remove(place);
        Ok(Made { stored: Value::Null, message: object! { "key": key } })
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.rows.iter().position(|(known, _)| &**known == key)
    }
}
