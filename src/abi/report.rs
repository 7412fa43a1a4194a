//! What the engine reports: the numbers of the sink's arguments.

use crate::core::named::named;

named! {
    /// The kinds of an engine's reports: the first argument of the sink. The second one is the subject.
    pub enum Kind {
        /// `(State, stateIndex, reasonCode, error: EngineError | undefined, errorInForce)`
        State,
        /// `(Quality, qualityIndex)`
        Quality,
        /// `(Error, channelId or 0, error: EngineError)`: an error that is not part of another report
        Error,
        /// `(Message, channelId, payload, event?, id?, seq?, epoch?, flags)`, flags: `MessageFlag`
        Message,
        /// `(Channel, channelId, channelStateIndex, continuityIndex, error: EngineError | undefined, reasonCode)`
        Channel,
        /// `(Send, sendId, sendStatusIndex, Ack | EngineError | undefined)`; an Ack may be unconfirmed
        Send,
        /// `(Gap, channelId, { from?: number, to?: number, epoch?: string })`
        Gap,
        /// `(Queue, depth)`: unsettled sends
        Queue,
        /// `(Log, 0, event: string, code?: number)`: an action on a socket, for the debug log
        Log,
        /// `(AskUrl, socket, defaultPath: string)`: answer with `answerUrl`
        AskUrl,
        /// `(AskToken, request)`: answer with `answerToken`
        AskToken,
        /// `(Collection, collection, rows: unknown[], keys: string[], pending: number[], pendingKeys: string[], statusIndex, error?: EngineError)`
        Collection,
        /// `(Mutation, mutation, sendStatusIndex, { confirmed, row? } | EngineError | undefined)`
        Mutation,
        /// `(Ask, collection, request, questionIndex, a?, b?, c?)`: answer with `answer` and its like
        Ask,
        /// `(Presence, channelId, PresenceReport[])`
        Presence,
        /// `(Typing, channelId, names: string[])`
        Typing,
        /// `(AskInflate, request, bytes: ArrayBuffer, maxBytes)`: answer with `answerInflate`
        AskInflate,
        /// `(Change, channelId, payload, event, id?, receivers: number[])`: a database change, for the
        /// subscribers (their ids) whose filter it matches
        Change,
        /// `(Batch)`: views should be updated for the messages received since the last one
        Batch,
        /// `(System, channelId, payload, event: string, receiver: number)`: a message of the server itself, for the
        /// subscriber with this id, or with 0 for all
        System,
    }
}

named! {
    /// Bits of the `flags` of a message.
    pub enum MessageFlag {
        /// This client sent it.
        Own,
        /// It was missed, and was recovered later.
        Recovered,
        /// Its event has the name of one of the server's own: only listeners to all messages receive it.
        Reserved,
    }
}

named! {
    /// The status of a send.
    pub enum SendStatus {
        /// It waits to be sent.
        Queued = "queued",
        /// It was written to an open socket.
        Sent = "sent",
        /// It is settled: the server accepted it, or cannot confirm.
        Acked = "acked",
        /// It failed.
        Failed = "failed",
    }
}

named! {
    /// The kinds of a collection's requests to the app.
    pub enum RequestKind {
        /// The stored rows: `answerLoad`.
        Load,
        /// To store `a`: `{ kind, key, row? }`, with the message's id `b`, of the mutation with the number `c`. Answer: the
        /// stored row, if known.
        Persist,
        /// To resolve a conflict of `a` (local), `b` (remote) and `c` (base). Answer: a row.
        Resolve,
        /// The key of `a`, a row. Answer: a string.
        Key,
    }
}
