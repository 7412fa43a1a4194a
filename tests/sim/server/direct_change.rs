//! Access to the table without the channel: loads, changes by request, and the server's own changes.

use std::rc::Rc;

use super::message::Parts;
use super::{Origin, Server, epoch_name, message_id, number_of};
use crate::action::{Change, Topic};
use crate::value::{Value, object};

impl Server {
    /// All rows, and the position of the channel's log; `None` while the server is down.
    pub(crate) fn load(&self, now: u64) -> Option<(Vec<Value>, (String, u64))> {
        if now < self.down_until {
            return None;
        }
        let channel = self.channel(Topic::Table);
        let rows = channel.table.rows().map(|(_, row)| row.clone()).collect();
        let epoch = epoch_name(channel.log.epoch()).as_ref().to_owned();
        Some((rows, (epoch, channel.log.head())))
    }

    /// Makes a change by request, and publishes it with the mutation's id if `named`. A repeated mutation
    /// is not made again, and gets the same response.
    pub(crate) fn store(
        &mut self,
        now: u64,
        user: u8,
        (mutation, named): (&str, bool),
        (event, payload): (&str, Value),
    ) -> Result<Value, &'static str> {
        self.now = now;
        if now < self.down_until {
            return Err("unavailable");
        }
        let number = number_of(mutation).ok_or("invalid")?;
        let user: Option<Rc<str>> = Some(format!("u{user}").into());
        let mutation: Rc<str> = mutation.into();
        let channel = self.channel(Topic::Table);
        if let Some(stored) = channel.memory.answer(&mutation, user.as_ref()) {
            return Ok(stored.clone());
        }
        let parts = Parts {
            number,
            id: format!("r{number}").into(),
            mutation: Some(mutation.clone()).filter(|_| named),
            event: Some(event.into()),
            payload,
        };
        let stored = self.take(0, Topic::Table, parts)?.unwrap_or(Value::Null);
        let channel = &mut self.channels[Topic::Table as usize];
        let place = (number, channel.log.last());
        channel.memory.note(now, place, (mutation, user), stored.clone());
        Ok(stored)
    }

    /// Makes a change of the server's own, to the `nth` row if there is one.
    pub(crate) fn change(&mut self, now: u64, change: Change, nth: u8) {
        self.now = now;
        let rows: Vec<_> = self.channel(Topic::Table).table.rows().map(|(key, _)| key).collect();
        let key = rows.get(usize::from(nth) % rows.len().max(1)).map(|key| Value::from(*key));
        let number = self.message_records.number(Origin::Server, Topic::Table);
        let value = u64::from(number);
        let (event, payload) = match (change, key) {
            (Change::Insert, _) => {
                ("insert", object! { "row": object! { "a": value, "tag": value } })
            }
            (_, None) => return,
            (Change::Update, Some(key)) => {
                ("update", object! { "row": object! { "id": key, "a": value } })
            }
            (Change::Delete, Some(key)) => ("delete", object! { "key": key }),
        };
        let id = message_id(number);
        let parts = Parts {
            number,
            id: id.clone(),
            mutation: Some(id),
            event: Some(event.into()),
            payload,
        };
        let made = self.take(0, Topic::Table, parts);
        debug_assert!(made.is_ok(), "the server changes existing rows only");
    }
}
