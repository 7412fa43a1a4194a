//! Checks that names which were replaced by the standard terms of the field do not return to the Rust code.
//!
//! Checked are the identifiers of `src`, `tests` and `www/server`, the names of their files, and the verbs of speech in
//! their comments.

use crate::failure::{Failure, OrFail};
use crate::stamp::entries;
use crate::workspace::Workspace;
use std::fs;
use std::path::Path;

/// The folders that are checked.
const ROOTS: [&str; 3] = ["src", "tests", "www/server"];

/// Replaced identifiers, each with its current name.
const IDENTIFIERS: [(&str, &str); 172] = [
    ("ASLEEP_MS", "SLEEP_DETECTED_MS"),
    ("AskInflate", "InflateRequest"),
    ("AskToken", "TokenRequest"),
    ("AskUrl", "UrlRequest"),
    ("BELIEVED_MS", "TYPING_EXPIRY_MS"),
    ("BLAMES", "MESSAGE_CODES"),
    ("Bench", "Harness"),
    ("Cargo", "Content"),
    ("Catching", "CatchingUp"),
    ("Conduct", "SocketPolicy"),
    ("CountRefused", "CountRejected"),
    ("Desk", "PendingCalls"),
    ("Errand", "PendingCall"),
    ("HONEST_FAILURE", "FAILURE_CAUSE"),
    ("HandedOver", "SentUnconfirmed"),
    ("Happening", "FuzzStep"),
    ("LATE_MS", "TIMER_LATE_MS"),
    ("LOSSES_KEPT", "MAX_LOSSES"),
    ("Landing", "Reconcile"),
    ("Ledger", "MessageRecords"),
    ("Life", "TokenLifetime"),
    ("LifeReport", "LifetimeReport"),
    ("Link", "Connection"),
    ("MAX_ASKED_MS", "MAX_RETRY_AFTER_MS"),
    ("NOTHING_EARLY", "AUTHENTICATED_FIRST"),
    ("Occasion", "LoadReason"),
    ("PARTING_MS", "CLOSE_REASON_WINDOW_MS"),
    ("PINGS_KEPT", "MAX_PENDING_PINGS"),
    ("PLACED_ONLY", "POSITION_REQUIRED"),
    ("POISON_ENDS", "FATAL_MESSAGE_ENDS"),
    ("Packed", "Binary"),
    ("Parked", "IdlePersistent"),
    ("People", "PresenceModel"),
    ("Pulse", "HeartbeatAction"),
    ("Question", "AppRequest"),
    ("Refusal", "Rejection"),
    ("RefuseMode", "RejectMode"),
    ("RefuseRequest", "RejectRequest"),
    ("Refused", "Rejected"),
    ("Resting", "Disconnected"),
    ("Route", "SubscribeMode"),
    ("SPENT_KEPT", "MAX_REJECTED_TOKENS"),
    ("Scene", "Harness"),
    ("Shelf", "CollectionModel"),
    ("Sight", "PageVisibility"),
    ("Spice", "ActionKinds"),
    ("Spoil", "InjectFault"),
    ("Spread", "MergedIntoHead"),
    ("Standing", "StreamState"),
    ("Stores", "Collections"),
    ("Telling", "Reauthenticating"),
    ("Terms", "SendLimits"),
    ("Ticket", "PendingAction"),
    ("TokenLives", "TokenLifetimes"),
    ("Told", "LastEmitted or SocketUpdate"),
    ("Trouble", "Error"),
    ("Unplaced", "NoPosition"),
    ("Verdict", "Decision, Resolution or ViolationLog"),
    ("Welcome", "AuthSuccess"),
    ("Wire", "Protocol"),
    ("Wish", "Desired"),
    ("Within", "Wrapped"),
    ("Witness", "DeliveryProof"),
    ("World", "Harness"),
    ("adopt", "rename_key"),
    ("answer_each", "answer_token_requests"),
    ("appealed", "mark_retryable_if_token"),
    ("arrivals", "incoming"),
    ("ask", "request"),
    ("asked", "requested"),
    ("asking", "fetching"),
    ("asks", "requests"),
    ("asks_token", "has_token_source"),
    ("because", "with_cause"),
    ("begin_anew", "reset_positions"),
    ("believed", "valid_until"),
    ("bench", "harness"),
    ("blame", "fail or reason"),
    ("carry_over", "rebuild_log"),
    ("complain", "send_error"),
    ("did", "log"),
    ("digest", "process_incoming"),
    ("doubt", "mark_maybe_applied"),
    ("doubted", "second_chance"),
    ("errand", "call"),
    ("forgive", "extend_deadlines"),
    ("handshakes_while_refusing", "handshakes_while_rejecting"),
    ("healed", "recovered"),
    ("hear", "receive"),
    ("heard", "received"),
    ("heard_since", "received_since"),
    ("hears", "receives"),
    ("held_filters", "joined_filters"),
    ("held_from", "trimmed_to"),
    ("held_until", "blocked_until"),
    ("herd", "clients"),
    ("hold_channels", "update_implicit_joins"),
    ("hold_for_outbox", "keep_open_for_outbox"),
    ("hurry", "retry_now"),
    ("is_blame", "is_about_a_message"),
    ("is_held", "is_blocked"),
    ("is_known_held", "is_known_in_log"),
    ("is_news", "concerns_a_channel"),
    ("is_refusal", "is_rejection"),
    ("is_refused", "is_rejected"),
    ("is_text", "is_string"),
    ("joins_bear_tokens", "joins_carry_tokens"),
    ("keep_rows", "flush_collections"),
    ("keying", "key_request"),
    ("land", "reconcile"),
    ("landing", "reconciliation"),
    ("ledger", "message_records"),
    ("let_go", "release"),
    ("life_ms", "lifetime_ms"),
    ("mend", "try_recover"),
    ("omits_life", "omits_lifetime"),
    ("pardon", "retry_failed"),
    ("parting", "last_server_error or close_rejection"),
    ("promised_ms", "announced_ms"),
    ("proven", "mark_stable"),
    ("proves_at", "stable_at"),
    ("refusal", "rejection"),
    ("refusals", "rejections"),
    ("refuse", "reject"),
    ("refuse_pages", "reject_pages"),
    ("refused", "rejected"),
    ("refused_by_switch", "rejected_by_switch"),
    ("refuses", "rejects"),
    ("reply_refused", "reply_rejected"),
    ("ripe", "due"),
    ("rows_follow", "continue_collections"),
    ("said", "sent"),
    ("say", "send"),
    ("says", "sends"),
    ("says_lives", "reports_lifetimes"),
    ("scene", "harness"),
    ("settle_fresh", "process"),
    ("shelf", "collection_model"),
    ("soonest", "earliest"),
    ("speak_for", "set_identity"),
    ("speak_of_people", "flush_presence"),
    ("speech", "outbound"),
    ("spent", "rejected_tokens"),
    ("spoke", "clear"),
    ("standing", "state"),
    ("stands", "is_at or expected"),
    ("stands_alone", "is_sent_alone"),
    ("stood", "position"),
    ("stored_over", "apply_to"),
    ("take_back", "remove_queued"),
    ("take_in", "apply_message"),
    ("tell", "emit"),
    ("tell_presence", "send_presence_diff"),
    ("tells", "emits"),
    ("throw_out", "close_with_error"),
    ("times_asked", "token_requests"),
    ("to_send", "serialize"),
    ("token_life", "token_lifetime"),
    ("token_life_ms", "token_lifetime_ms"),
    ("token_refused", "token_rejected"),
    ("told", "emitted"),
    ("tolerate", "set_extra_timeout"),
    ("turn_away", "reject_auth"),
    ("understood", "handle_incoming"),
    ("unsent", "from_serialized"),
    ("wants_place", "requires_position"),
    ("was_told", "was_reported"),
    ("wish", "desired"),
    ("wishes", "desired"),
    ("word", "code, name or keyword"),
    ("words", "message"),
    ("world", "harness"),
];

/// Replaced names of files, each with its current name.
const FILES: [(&str, &str); 19] = [
    ("arrival.rs", "incoming.rs"),
    ("batches.rs", "render_ticks.rs"),
    ("endings.rs", "send_outcomes.rs"),
    ("frames_in.rs", "inbound.rs"),
    ("happening.rs", "inputs.rs"),
    ("healing.rs", "error_recovery.rs"),
    ("hostile_wires.rs", "recorded_frames.rs"),
    ("ledger.rs", "message_record.rs"),
    ("link.rs", "connection.rs"),
    ("own.rs", "local.rs"),
    ("people.rs", "presence.rs"),
    ("poison.rs", "connection_ending_messages.rs"),
    ("senders.rs", "implicit_joins.rs"),
    ("speech.rs", "outbound.rs"),
    ("token_life.rs", "token_lifetime.rs"),
    ("trap.rs", "engine_crash.rs"),
    ("unnamed.rs", "unidentified_messages.rs"),
    ("wire.rs", "protocol.rs"),
    ("witness.rs", "delivery_proof.rs"),
];

/// Verbs of speech, for which comments use the terms of the field: emit, receive, request, reject, report.
const COMMENT_WORDS: [&str; 15] = [
    "ask", "asked", "asks", "hear", "heard", "hears", "refusal", "refuse", "refused", "refuses",
    "standing", "tells", "told", "wish", "wishes",
];

/// Checks every file; returns how many were read.
///
/// # Errors
/// When a file has a replaced name, or one of its identifiers is one.
pub(crate) fn check(workspace: &Workspace) -> Result<usize, Failure> {
    let mut found = Vec::new();
    let mut read = 0;
    for root in ROOTS {
        search(workspace, &workspace.path(root), &mut read, &mut found)?;
    }
    if found.is_empty() {
        return Ok(read);
    }
    Err(Failure::new(format!("These names were replaced:\n  {}", found.join("\n  "))))
}

fn search(
    workspace: &Workspace,
    directory: &Path,
    read: &mut usize,
    found: &mut Vec<String>,
) -> Result<(), Failure> {
    for entry in entries(directory) {
        if entry.is_dir() {
            search(workspace, &entry, read, found)?;
            continue;
        }
        if entry.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let path = entry.strip_prefix(workspace.path("")).unwrap_or(&entry);
        let path = path.to_string_lossy().replace('\\', "/");
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        if let Some((_, current)) = FILES.iter().find(|(former, _)| *former == name) {
            found.push(format!("{path} → {current}"));
        }
        let text = fs::read_to_string(&entry).or_fail(format!("read {path}"))?;
        *read += 1;
        for (line, former, current) in replaced(&text) {
            found.push(format!("{path}:{line}: {former} → {current}"));
        }
        for (line, word) in spoken(&text) {
            found.push(format!("{path}:{line}: the comment has the word `{word}`"));
        }
    }
    Ok(())
}

/// Finds the replaced identifiers in a file's code, with their lines and current names.
fn replaced(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let code = code_of(text);
    let mut found = Vec::new();
    for (at, line) in code.lines().enumerate() {
        for word in line.split(|c: char| !c.is_alphanumeric() && c != '_') {
            let known = IDENTIFIERS.iter().find(|(former, _)| *former == word);
            found.extend(known.map(|(former, current)| (at + 1, *former, *current)));
        }
    }
    found
}

/// Finds the verbs of speech in comments on lines of their own, with their lines. Quoted code is skipped.
fn spoken(text: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some(comment) = line.trim_start().strip_prefix("//") else { continue };
        for prose in comment.split('`').step_by(2) {
            for word in prose.split(|c: char| !c.is_alphanumeric()) {
                let known = COMMENT_WORDS.iter().find(|spoken| **spoken == word);
                found.extend(known.map(|word| (at + 1, *word)));
            }
        }
    }
    found
}

/// Blanks out comments, strings and character literals; keeps the lines.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = literal(rest).unwrap_or(0);
        let (skipped, after) = rest.split_at(length.max(next.len_utf8()));
        if length == 0 {
            code.push(next);
        } else {
            code.push(' ');
            code.extend(skipped.chars().filter(|c| *c == '\n'));
        }
        rest = after;
    }
    code
}

/// The length of the comment, string or character literal that the code begins with, if any.
fn literal(code: &str) -> Option<usize> {
    let end =
        |from: usize, mark: &str| code.get(from..)?.find(mark).map(|at| from + at + mark.len());
    if code.starts_with("//") {
        return Some(code.find('\n').unwrap_or(code.len()));
    }
    if code.starts_with("/*") {
        return end(2, "*/");
    }
    if let Some(raw) = code.strip_prefix("r") {
        let marks = raw.len() - raw.trim_start_matches('#').len();
        if raw[marks..].starts_with('"') {
            return end(marks + 2, &format!("\"{}", "#".repeat(marks)));
        }
    }
    if code.starts_with('"') {
        return closed_at(code, '"');
    }
    // A lifetime has no second quote behind its first character.
    let mut inner = code.strip_prefix('\'')?.chars();
    match (inner.next()?, inner.next()) {
        ('\\', _) => closed_at(code, '\''),
        (first, Some('\'')) => Some(2 + first.len_utf8()),
        _ => None,
    }
}

/// The length of a literal that begins with this quote.
fn closed_at(code: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, next) in code.char_indices().skip(1) {
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            next if next == quote => return Some(at + quote.len_utf8()),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_has_no_replaced_name() {
        if let Err(failure) = check(&Workspace::locate()) {
            panic!("{failure}");
        }
    }

    #[test]
    fn replaced_identifier_is_found_with_its_line_and_present_name() {
        let code = "fn a() {\n    self.told = 1;\n}\n";
        assert_eq!(replaced(code), [(2, "told", "emitted")]);
        assert_eq!(replaced("fn say(wishes: u8) {}").len(), 2);
        assert_eq!(replaced("let told_by = untold;"), []);
    }

    #[test]
    fn comments_strings_and_characters_are_skipped() {
        let code =
            "// told\n/* told\n told */ a(\"told \\\" told\", r#\"told \" told\"#, 'w', '\\'');\n";
        assert_eq!(replaced(code), []);
        assert_eq!(replaced(&format!("{code}heard")), [(4, "heard", "received")]);
    }

    #[test]
    fn verb_of_speech_in_a_comment_is_found_and_quoted_code_is_not() {
        let code = "/// Is told.\n    // `asked` is a name\nlet a = 1; // heard\n";
        assert_eq!(spoken(code), [(1, "told")]);
    }

    #[test]
    fn lifetime_does_not_begin_a_character() {
        assert_eq!(replaced("fn a<'a>(told: &'a str) -> &'a str"), [(1, "told", "emitted")]);
    }

    #[test]
    fn lists_are_sorted_without_duplicates() {
        assert!(IDENTIFIERS.iter().zip(&IDENTIFIERS[1..]).all(|(one, next)| one.0 < next.0));
        assert!(FILES.iter().zip(&FILES[1..]).all(|(one, next)| one.0 < next.0));
    }
}
