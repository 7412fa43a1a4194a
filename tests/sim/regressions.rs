//! Minimized schedules that once violated an invariant, with a description. They run before all others.

use crate::run::run;
use crate::schedule::Schedule;
use crate::shrink::Failure;

/// The violation, and the schedule as the simulator printed it.
const TRACES: &[(&str, &str)] = &[
    (
        "order-once: a late message of a former membership was delivered to a new channel",
        "seed 13948 no-seq tabs 1 token 0 memory 120000 echo first:
         subscribe 0 a; delay 0 250 50; wait 838; unsubscribe 0 a; wait 748; connect 0;
         send 0 a plain; wait 276; send 0 a acked; subscribe 0 a;",
    ),
    (
        "failure-cause: a send failed as expired, and an earlier socket had delivered it",
        "seed 150855 full tabs 3 token 40000 memory 120000 echo first:
         delay 0 0 1000; wait 1; hide 0 1000; send 0 a plain; wait 663; wait 563;
         wait 1911; send 0 b brief; wait 2146;",
    ),
    (
        "no-flicker: a change acknowledged before the first load disappeared until the load",
        "seed 718 full tabs 2 token 40000 memory 120000 ack first:
         open 0 function channel checked; cut-at-send 0 taken; edit 0 insert 3; wait 138;",
    ),
    (
        "shown-at-once: as another user signed in, a pending insert was emitted without its row",
        "seed 4706 full tabs 3 token 0 memory 120000 ack first:
         open 1 merge no-position unchecked; wait 223; edit 1 insert 0; edit 1 delete 0;
         become 1 4;",
    ),
    (
        "rows-agree: a stored row from an answer during a load replaced newer loaded rows",
        "seed 2006 full tabs 1 token 0 memory 120000 ack first:
         open 0 function rest checked; delay 0 0 1; wait 24; insert-as 0 0; wait 0;
         server-edit update 2; disconnect 0; reload 0;",
    ),
    (
        "rows-agree: the same by the answer to a resend, without positions",
        "seed 5100 no-seq tabs 2 token 0 memory 120000 echo first:
         open 0 function channel checked; open 1 function channel unchecked; hide 1 0; wait 78;
         edit 1 insert 1; sleep 1 6000; wait 8582; edit 0 delete 2;",
    ),
    (
        "no-double-row: a pending insert showed beside its row from a load without positions",
        "seed 552 no-seq tabs 2 token 0 memory 120000 ack first:
         open 0 client-wins channel unchecked; wait 116; cut-at-send 0 taken;
         edit 0 insert 0; reload 0; wait 14;",
    ),
    (
        "no-flicker: a confirmed row did not show while the first load failed",
        "seed 16323 full tabs 1 token 0 memory 2000 echo first:
         open 0 server-wins rest unchecked; edit 0 insert 0; wait 18; no-rest 0 2;
         edit 0 delete 2; wait 133;",
    ),
    (
        "no-flicker: an accepted removal hid the row that was inserted after it",
        "seed 13508 full tabs 3 token 0 memory 2000 echo first:
         open 2 last-write-wins rest checked; insert-as 2 0; wait 85; half-open 2;
         edit 2 delete 3; insert-as 2 0;",
    ),
    (
        "no-flicker: the seq of an acknowledgement was compared with another epoch",
        "seed 43576 full tabs 2 token 0 memory 2000 ack first:
         open 1 client-wins channel checked; wait 113; reject-joins 1 2 200;
         edit 1 insert 2; wait 11; restart 0 3; edit 1 insert 3; wait 371;",
    ),
    (
        "no-double-row: a row whose message preceded the join showed beside its insert",
        "seed 38937 full tabs 1 token 0 memory 120000 echo first:
         open 0 last-write-wins rest checked; edit 0 insert 2; delay 0 0 100; wait 14;",
    ),
    (
        "row-identity: a row confirmed during the first load became another object with it",
        "seed 128848 full tabs 1 token 0 memory 120000 echo first:
         open 0 server-wins channel unchecked; delay 0 0 200; wait 1186;
         open 0 server-wins rest unchecked; wait 0; edit 0 insert 2; edit 0 update 2;",
    ),
    (
        "no-flicker: a recovered removal removed the row that was inserted after it",
        "seed 228016 full tabs 3 token 0 memory 120000 echo first:
         open 0 client-wins rest checked; open 1 last-write-wins rest unchecked;
         open 2 merge rest unchecked; insert-as 0 1; wait 118; half-open 2;
         edit 1 delete 3; open 2 server-wins rest checked; insert-as 2 1;",
    ),
    (
        "no-flicker: the same over the socket, acknowledged before the channel was joined again",
        "seed 513421 full tabs 1 token 0 memory 120000 ack first:
         open 0 client-wins rest checked; insert-as 0 1;
         open 0 last-write-wins no-position unchecked; wait 143; fault 0 swap;
         edit 0 delete 1; wait 22; cut 0; reject-joins 0 2 200; insert-as 0 1; reload 0;
         wait 300;",
    ),
    (
        "rows-agree: a change resolved and stored without an answer hid its own row forever",
        "seed 930009665 full tabs 3 token 40000 memory 120000 ack first:
         open 0 function silent checked; open 2 function unnamed checked; send 2 b acked;
         edit 2 insert 2; edit 0 insert 0; send 1 a brief; send 2 a acked; wait 142;
         edit 2 update 1; edit 0 update 2; edit 0 update 3;",
    ),
    (
        "rows-agree: the same where others changed the row while the app resolved the conflict",
        "seed 66017882 full tabs 3 token 0 memory 120000 echo first:
         open 0 function silent checked; open 1 last-write-wins no-position unchecked;
         send 2 b acked; edit 1 insert 1; send 1 a plain; publish b; wait 143;
         server-edit update 0; edit 1 update 1; server-edit update 1; edit 0 update 3;",
    ),
    (
        "rows-agree: a message that contained two stored changes was matched with the earlier one",
        "seed 64000118799 no-seq tabs 1 token 0 memory 120000 echo first:
         open 0 merge unnamed unchecked; delay 0 0 125; wait 293; insert-as 0 1;
         edit 0 update 1; edit 0 update 3; wait 68; server-edit update 3;",
    ),
    (
        "row-identity: a loaded row became another object when a temporary row got its key",
        "seed 700734073 no-ack tabs 3 token 0 memory 120000 ack first:
         open 0 last-write-wins rest checked; open 2 last-write-wins no-position checked;
         wait 107; delay 0 1000 1000; open 0 merge no-position unchecked; wait 1;
         edit 2 insert 1; wait 16; delay 0 0 0; edit 0 insert 1; wait 0;
         server-edit update 1;",
    ),
    (
        "no-flicker: a recovered former row of the same key showed in place of a stored one",
        "seed 701155136 full tabs 3 token 0 memory 120000 ack first:
         open 0 client-wins rest checked; open 1 server-wins no-position unchecked;
         hide 0 1000; wait 5432; insert-as 1 0; wait 14; server-edit delete 1;
         insert-as 0 0; wait 73;",
    ),
    (
        "no-flicker: the same after a sleep",
        "seed 700538902 full tabs 3 token 0 memory 120000 ack first:
         open 0 server-wins no-position checked; open 2 function rest checked; hide 2 60000;
         wait 2109; insert-as 0 1; sleep 2 3500; wait 3876; server-edit delete 0;
         insert-as 2 1; wait 46;",
    ),
    (
        "failure-cause: the end of a connection by a canceled message was attributed to another one",
        "seed 56000007173 full tabs 1 token 0 memory 120000 ack first:
         subscribe 0 a; wait 84; send 0 a acked; poison 0 a too-big; cancel 0;",
    ),
    (
        "liveness: the same after the server ended the membership of its channel",
        "seed 60000054210 no-seq tabs 1 token 0 memory 120000 ack first:
         subscribe 0 a; delay 0 2 0; wait 39; renew 0; wait 1; end 0 a 5000;
         poison 0 a too-big; wait 1;",
    ),
    (
        "no-double-row: during a reload, an update of an unknown row showed beside its own insert",
        "seed 56000009547 no-seq tabs 2 token 0 memory 120000 ack first:
         open 0 server-wins channel unchecked; wait 122; delay 0 1000 500;
         edit 0 insert 2; poison 0 b failed; wait 4044; wait 2421; server-edit update 1;",
    ),
    (
        "presence-kept: a repeated track that was never answered was dropped with the desired presence",
        "seed 700273991 full tabs 1 token 0 memory 2000 echo first:
         subscribe 0 a; update 0 a; wait 182; cut 0; sleep 0 7000; delay 0 25 200;
         wait 7879; half-open 0; wait 6240; deny 0 2; sleep 0 3500; wait 11724;",
    ),
    (
        "order-once: a channel without a position dropped its position without a gap",
        "seed 9019022 full tabs 1 token 40000 memory 120000 echo first:
         subscribe 0 a; wait 109; cut-at-send 0 taken; become 0 1; send 0 a plain;
         wait 286; cut 0;",
    ),
    (
        "liveness: a channel failed for good since the network was lost twice while it was joined",
        "seed 81004753 full tabs 1 token 0 memory 120000 ack first:
         open 0 function no-position unchecked; wait 22; wait 23; wait 16; cut 0;
         cut-at-send 0 taken; send 0 a acked; wait 285;",
    ),
    (
        "no-step-back: a field of an own row, after a load without a position and lost messages",
        "seed 73000070308 full tabs 1 token 3600000 memory 120000 echo first:
         open 0 last-write-wins no-position checked; server-edit update 2; send 0 b acked;
         fault 0 lose; send 0 b acked; insert-as 0 0; wait 99; edit 0 update 1;
         fault 0 lose; reload 0; wait 13;",
    ),
    (
        "failure-cause: a message as large as the one that was too large failed in its place",
        "seed 810000014118 full tabs 3 token 40000 memory 2000 ack first:
         subscribe 2 a; subscribe 2 b; wait 88; delay 2 0 1000; poison 2 b too-big;
         throw-out 2 500; send 2 a acked; wait 4753;",
    ),
    (
        "no-double-row: a load requested before an insert was resent showed its former row",
        "seed 700000002460 no-seq tabs 1 token 0 memory 120000 echo first:
         open 0 server-wins no-position unchecked; wait 88; edit 0 insert 0; disconnect 0;
         reload 0; wait 14; restart 0 4; reject-joins 0 1 3000; send 0 a brief; wait 88;",
    ),
    (
        "no-double-row: a row that the server had lost and accepted again, before the load after it",
        "seed 700001930917 full tabs 2 token 40000 memory 120000 echo first:
         open 0 merge no-position unchecked; subscribe 1 a; wait 74; reject-joins 1 2 200;
         open 1 last-write-wins rest checked; become 1 3; wait 139; edit 0 insert 0;
         disconnect 0; wait 18; restart 0 2; wait 7;",
    ),
    (
        "no-double-row: a repeated load was overwritten by messages received before it",
        "seed 700001650186 no-seq tabs 2 token 0 memory 120000 ack first:
         open 1 merge unnamed checked; cut-at-send 0 taken; delay 1 0 200;
         open 0 function no-position checked; wait 921; edit 0 insert 1; wait 17; restart 300 2;
         open 1 function no-position unchecked; wait 881;",
    ),
    (
        "no-double-row: the same for a load that was pending when the channel was lost",
        "seed 700001650186 no-seq tabs 2 token 0 memory 120000 ack first:
         open 1 merge unnamed checked; cut-at-send 0 taken; delay 1 1000 0;
         open 0 function no-position checked; wait 3684; edit 0 insert 1; wait 17; restart 0 2;
         wait 35;",
    ),
    (
        "no-double-row: new rows were withheld, and showed once the load had failed",
        "seed 19 full tabs 2 token 40000 memory 120000 echo first:
         open 0 merge no-position unchecked; subscribe 1 a; wait 74;
         open 1 last-write-wins rest checked; wait 139; edit 0 insert 0; disconnect 0;
         wait 18; restart 0 2; no-rest 1 3; connect 0; wait 150;",
    ),
    (
        "no-double-row: a change of an insert's unknown row was lost, and left a row of the same content",
        "seed 920001792707 full tabs 2 token 40000 memory 120000 echo first:
         open 1 client-wins silent unchecked; edit 1 insert 2; wait 11;
         server-edit update 0; wait 102; restart 0 1;",
    ),
    (
        "no-double-row: the check required knowledge that a shared collection without mutation ids lacks",
        "seed 930000285263 full tabs 3 token 0 memory 120000 ack first:
         open 1 last-write-wins silent checked; edit 1 insert 1; wait 10;
         server-edit update 2; wait 132; open 1 last-write-wins rest unchecked;",
    ),
    (
        "no-double-row: an update withheld during a load showed its row beside its own insert once the load failed",
        "seed 74000016084 no-seq tabs 1 token 3600000 memory 120000 ack first:
         open 0 server-wins no-position unchecked; wait 124; delay 0 0 1000;
         edit 0 insert 0; poison 0 a failed; wait 477; no-rest 0 2; wait 1947;
         server-edit update 2; wait 916;",
    ),
    (
        "order-once: a probe waited for minutes after a pong that was read when the page woke",
        "seed 920000384778 full tabs 1 token 0 memory 2000 ack first:
         subscribe 0 a; wait 76; online 0; sleep 0 60000; wait 27657; half-open 0;
         publish a; wait 2523; wait 11324; wait 19627; sleep 0 0;",
    ),
    (
        "no-step-back: after a load, the message of a change that it included was taken for another user's",
        "seed 940000563654 base tabs 1 token 0 memory 120000 ack first:
         delay 0 0 250; server-edit insert 2; open 0 merge rest unchecked; wait 770;
         publish a; edit 0 update 0; send 0 a brief; edit 0 update 2; reload 0;",
    ),
    (
        "no-step-back: an older message of another user removed a change stored by a request",
        "seed 700000294062 no-seq tabs 2 token 40000 memory 2000 ack first:
         open 0 merge rest checked; open 1 function unnamed unchecked; insert-as 0 1;
         wait 119; delay 1 0 125; edit 1 update 2; wait 213; server-edit update 3;
         edit 1 update 0;",
    ),
];

/// The number of schedules.
pub(crate) const COUNT: usize = TRACES.len();

/// Runs the schedules; returns those that fail.
pub(crate) fn replay() -> Vec<Failure> {
    let failing = |(_, trace): &(&str, &str)| {
        let schedule = trace.parse::<Schedule>();
        #[expect(clippy::panic, reason = "a trace that cannot be parsed is a mistake in this file")]
        let schedule = schedule.unwrap_or_else(|why| panic!("regressions.rs: {why}"));
        run(&schedule).err().map(|violation| Failure { schedule, violation })
    };
    TRACES.iter().filter_map(failing).collect()
}
