//! The mutations: one line of the core made wrong, and the invariant of the simulator that has to
//! see it. `docs/simulation.md` lists them for people.

/// One line made wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mutation {
    /// What no longer holds, in the words of the docs.
    pub(crate) breaks: &'static str,
    /// The file, in `src/core`.
    pub(crate) file: &'static str,
    /// What stands there once.
    pub(crate) line: &'static str,
    /// What stands there instead.
    pub(crate) instead: &'static str,
    /// The invariant that has to fail.
    pub(crate) caught_by: &'static str,
}

macro_rules! mutations {
    ($($caught_by:literal: $breaks:literal, $file:literal, $line:literal => $instead:literal;)*) => {
        &[$(Mutation {
            breaks: $breaks,
            file: $file,
            line: $line,
            instead: $instead,
            caught_by: $caught_by,
        }),*]
    };
}

/// All of them; every invariant has at least one.
pub(crate) const MUTATIONS: &[Mutation] = mutations! {
    "order-once": "A message at the position is delivered again", "channel/reorder.rs",
        "if seq <= position.seq {" => "if seq < position.seq {";
    "order-once": "The position moves to the highest seq seen", "channel/reorder.rs",
        "if seq > position.seq + 1 {" => "if false {";
    "order-once": "A gap is not reported", "channel/inbox.rs",
        "Continuation::Gap(gap) => (Continuity::Gap, Some(gap))," =>
        "Continuation::Gap(_) => (Continuity::Gap, None),";
    "order-once": "Ids are not remembered", "channel/dedup.rs",
        "else { return true };" => "else { return false };";
    "order-once": "Buffered messages stay buffered in another epoch", "channel/reorder.rs",
        "self.release_until(if same { place.seq } else { u64::MAX }, ready);" =>
        "self.release_until(if same { place.seq } else { 0 }, ready);";
    "order-once": "The heads in a pong are ignored", "client/inbound.rs",
        "self.channels.heads(&mut self.env, &heads);" => "let _ = heads;";
    "resumes": "A rejoin forgets `since`", "channel/join.rs",
        "since: channel.inbox.position().cloned()," => "since: None,";
    "once-in-log": "A resend has a new id", "outbox/mod.rs",
        "entry.stage = Stage::Queued { before: Some(first) };" =>
        "entry.stage = Stage::Queued { before: Some(first) }; entry.message.id.push_str(\"~1\");";
    "once-in-log": "A resend requires neither proof nor the server's memory of ids", "outbox/entry.rs",
        "|| !is_proven(first) && now.duration_since(first.at) > limits.ack_memory_ms =>" => "=>";
    "acked-in-log": "A rejection counts as an acknowledgement", "client/inbound.rs",
        "self.outbox.rejected(&channel, &id, rejection);" =>
        "{ let _ = rejection; self.outbox.accepted(&channel, &id, None, None); }";
    "send-order": "The newest message is sent first", "outbox/queue.rs",
        "self.entries.push(Entry {" => "self.entries.insert(0, Entry {";
    "sends-end": "A failed send is dropped without its outcome", "outbox/queue.rs",
        "self.settle(at, SendProgress::Failed(error));" =>
        "{ let _ = error; self.entries.remove(at); }";
    "honest-failure": "A send that was transmitted fails as expired", "outbox/entry.rs",
        "if before.is_some() { Code::Unconfirmed } else { Code::Expired }" =>
        "{ let _ = before; Code::Expired }";
    "honest-failure": "The echo of an own message does not acknowledge it", "outbox/mod.rs",
        "Stage::Sent { echo, .. } => *echo = Echo::Received { seq }," =>
        "Stage::Sent { echo, .. } => { let _ = (echo, seq); }";
    "presence-agrees": "A presence that leaves is still shown", "presence/members.rs",
        "let mut keys = leaves.keys();" => "let mut keys = alloc::vec::Vec::<String>::new();";
    "presence-kept": "Presence is not tracked again after a rejoin", "presence/local.rs",
        "self.due = self.desired.as_ref().map(|_| env.now);" => "self.due = None;";
    "typing-ends": "Typing expires after ten minutes", "typing.rs",
        "pub const EXPIRY_MS: u64 = 6_000;" => "pub const EXPIRY_MS: u64 = 600_000;";
    "rows-agree": "An update of another user is dropped", "collection/rows.rs",
        "Some(known) => Some(merge(known, &row))," => "Some(known) => Some(known.clone()),";
    "rows-agree": "A collection does not load again after a gap", "client/collections.rs",
        "self.collections.gap(&mut self.env, id, place.as_ref());" =>
        "self.collections.ready(&mut self.env, id, place.as_ref());";
    "rows-agree": "A rejected change is not rolled back", "collection/own_changes.rs",
        "env.emit_failure(failed.id, error);" =>
        "env.emit_failure(failed.id, error); if true { return; }";
    "no-double-row": "An own change is not recognised by its message", "collection/recognizer.rs",
        "let own = ids.iter().flatten().find_map(|id| self.mutations.find_by_message_id(id));" =>
        "let own: Option<usize> = None;";
    "shown-at-once": "A removal shows once it is settled", "collection/conflict.rs",
        "Effect::Remove => (shown, mine) = (None, None)," => "Effect::Remove => mine = None,";
    "no-flicker": "A confirmed change is dropped before its row is received", "collection/stage.rs",
        "&& seq <= reached" => "&& seq <= reached + 1_000";
    "row-identity": "A row is another object after every computation", "collection/table.rs",
        "if !same {" => "if !same || slot.shown.is_some() {";
    "no-double-row": "A message without a mutation id is not recognised by its content",
        "collection/recognizer.rs",
        "let unnamed = self.options.persists && ids[0].is_none();" =>
        "let unnamed = false;";
    "no-step-back": "A load drops the changes accepted while it was pending", "collection/mutations.rs",
        "let stays = accepted.loads == loads;" => "let stays = false;";
    "same-order": "Text keys are ordered in reverse", "collection/key.rs",
        "else { a.cmp(b) }" => "else { b.cmp(a) }";
    "agreed": "An acknowledgement is requested from a server without acknowledgements", "outbox/mod.rs",
        "let requests_ack = message.ack && limits.acks;" => "let requests_ack = message.ack;";
    "liveness": "The heartbeat never closes a connection", "connection/heartbeat.rs",
        "                    HeartbeatAction::Dead(reason)" =>
        "{ self.ping_sent(now, now + self.timeout_ms, reason, chance); HeartbeatAction::Ping }";
    "liveness": "The backoff delay is a quarter of an hour longer", "connection/disconnect.rs",
        "let until = self.backoff.fail(env, retry_after_ms);" =>
        "let until = self.backoff.fail(env, retry_after_ms) + 900_000;";
    "quiet": "The connection lingers for a quarter of an hour", "connection/demand.rs",
        "self.linger_until = Some(now + config.linger_ms);" =>
        "self.linger_until = Some(now + config.linger_ms * 900);";
    "no-growth": "Typing never expires", "typing.rs",
        "channel.typers.retain(|(_, until)| now < *until);" => "channel.typers.retain(|_| true);";
    "no-token-leaked": "A token can be printed", "token.rs",
        "f.write_str(\"Token(…)\")" => "f.write_str(&self.0)";
    "no-resend-after-crash": "A frame is sent before its progress is reported", "client/outbound.rs",
        "let any = self.report_sends() | self.keep_rows();" =>
        "let frames = { self.outputs.extend(frames); Vec::new() }; \
        let any = self.report_sends() | self.keep_rows();";
    "rejected-once": "A rejected token is sent again", "connection/auth.rs",
        "if self.is_rejected(token) {" => "if false {";
    "bounded-tries": "A membership of any length resets the failure count", "channel/channel.rs",
        "let lasted = now.duration_since(since) >= reset_ms;" =>
        "let lasted = now.duration_since(since) < u64::MAX - reset_ms;";
    "poison-ends": "A message that ends connections never fails", "outbox/mod.rs",
        "entry.risk = entry.risk.after(loss, suspect);" => "let _ = loss;";
    "nothing-early": "Frames are processed before authentication", "client/inbound.rs",
        "if !of_connection && self.open_socket.is_none() {" => "if of_connection && false {";
    "placed-only": "A message needs no position on a channel with positions", "channel/registry.rs",
        "channel.is_some_and(|channel| channel.place().is_some())" => "channel.is_none() && false";
    "gap-exact": "The gap of a message that is too large includes the next one", "channel/reorder.rs",
        "Released::Lost(Gap { from: Some(seq), to: Some(seq), epoch })" =>
        "Released::Lost(Gap { from: Some(seq), to: Some(seq + 1), epoch })";
    "calm-renewal": "A token is renewed after a small fraction of its lifetime", "connection/auth.rs",
        "let wait = life.saturating_mul(config.refresh_percent) / 100;" =>
        "let wait = life.saturating_mul(config.refresh_percent) / 8_000;";
    "renewed-in-time": "A token is renewed after its expiry", "connection/auth.rs",
        "let wait = life.saturating_mul(config.refresh_percent) / 100;" =>
        "let wait = life.saturating_mul(config.refresh_percent) / 60;";
    "no-panic": "The size of the queue is computed incorrectly", "outbox/queue.rs",
        "self.bytes -= bytes;" => "self.bytes -= bytes + 1;";
};

#[cfg(test)]
mod tests {
    use super::{MUTATIONS, Mutation};
    use crate::workspace::Workspace;
    use std::fs;

    #[test]
    fn every_mutated_line_is_in_its_file_once() {
        let core = Workspace::locate().path("src/core");
        for Mutation { file, line, .. } in MUTATIONS {
            let text = fs::read_to_string(core.join(file)).unwrap_or_default();
            assert_eq!(text.matches(line).count(), 1, "src/core/{file} has not once: {line}");
        }
    }

    #[test]
    fn docs_list_all_mutations_and_every_invariant_has_one() {
        let workspace = Workspace::locate();
        let page = fs::read_to_string(workspace.path("docs/simulation.md")).unwrap_or_default();
        for Mutation { breaks, caught_by, .. } in MUTATIONS {
            let row = format!("| {breaks} | `{caught_by}` |");
            assert!(page.contains(&row), "docs/simulation.md lacks the row\n{row}");
        }
        let rows = page.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |"));
        assert_eq!(rows.count(), MUTATIONS.len(), "docs/simulation.md has a row of no mutation");
        let source = workspace.path("tests/sim/invariants/mod.rs");
        let source = fs::read_to_string(source).unwrap_or_default();
        let named = source.lines().filter_map(|line| line.split("&str = \"").nth(1));
        for invariant in named.filter_map(|rest| rest.split('"').next()) {
            let caught = MUTATIONS.iter().any(|mutation| mutation.caught_by == invariant);
            assert!(caught, "no mutation breaks `{invariant}`");
            assert!(page.contains(&format!("- `{invariant}`")), "docs do not name `{invariant}`");
        }
    }
}
