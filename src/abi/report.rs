//! The numbers in the arguments with which the engine calls the sink.

use crate::core::named::named;

named! {
    /// The kinds of the engine's reports: the first argument of the sink. The second one is the subject: the id of what the report is about.
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
        /// `(Sends, sendStatusIndex, sendIds: Uint32Array)`: the new status of several sends, without an outcome: one with `Acked` is
        /// settled and not confirmed. The array is valid during the call.
        Sends,
        /// `(Gap, channelId, { from?: number, to?: number, epoch?: string })`
        Gap,
        /// `(Queue, depth)`: unsettled sends
        Queue,
        /// `(Log, 0, event: string, code?: number)`: an action on a socket, for the debug log
        Log,
        /// `(UrlRequest, socket, defaultPath: string)`: answered with `answerUrl`
        UrlRequest,
        /// `(TokenRequest, request)`: answered with `answerToken`
        TokenRequest,
        /// `(Collection, collection, rows: unknown[], keys: string[], pending: number[], pendingKeys: string[], statusIndex, error?: EngineError)`
        Collection,
        /// `(Mutation, mutation, sendStatusIndex, { confirmed, row? } | EngineError | undefined)`
        Mutation,
        /// `(AppRequest, collection, request, requestKindIndex, a?, b?, c?)`: answered with `answer`, `answerLoad` or `answerFailed`
        AppRequest,
        /// `(Presence, channelId, PresenceReport[])`
        Presence,
        /// `(Typing, channelId, names: string[])`
        Typing,
        /// `(InflateRequest, request, bytes: ArrayBuffer, maxBytes)`: answered with `answerInflate`
        InflateRequest,
        /// `(Change, channelId, payload, event, id?, receivers: number[])`: a database change, for the
        /// subscribers (their ids) whose filter it matches
        Change,
        /// `(RenderTick)`: views should be updated for the messages received since the last one
        RenderTick,
        /// `(System, channelId, payload, event: string, receiver: number)`: a message that the server itself sent, for the
        /// subscriber with this id, or with 0 for all
        System,
        /// `(MessageListener, socket, frameShapeIndex)`: returns the listener of the socket's `message` events
        MessageListener,
    }
}

named! {
    /// Bits of the `flags` of a message.
    pub enum MessageFlag {
        /// This client sent it.
        Own,
        /// It was missed first and recovered later.
        Recovered,
        /// Its event has a name that is reserved for the server's own messages: only listeners to all messages receive it.
        Reserved,
    }
}

named! {
    /// The status of a send.
    pub enum SendStatus {
        /// It is queued until it can be sent.
        Queued = "queued",
        /// It was written to an open socket.
        Sent = "sent",
        /// It is settled: the server accepted it, or does not confirm messages.
        Acked = "acked",
        /// It failed.
        Failed = "failed",
    }
}

named! {
    /// The kinds of a collection's requests to the app.
    pub enum RequestKind {
        /// Load the stored rows: answered with `answerLoad`.
        Load,
        /// Store `a`: `{ kind, key, row? }`, with the message's id `b`, of the mutation with the number `c`. The answer is the
        /// stored row, if known.
        Persist,
        /// Resolve a conflict of `a` (local), `b` (remote) and `c` (base). The answer is a row.
        Resolve,
        /// Compute the key of the row `a`. The answer is a string.
        Key,
    }
}
