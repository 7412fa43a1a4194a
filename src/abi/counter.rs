//! The counters of a client and of its channels, which cross the boundary as numbers. One that is not known is `NaN`.

use crate::core::named::named;

named! {
    /// The counters of a client: the members of `Metrics`, without `rtt`.
    pub enum Metric {
        /// When the current connection became ready, in milliseconds since 1970.
        ConnectTime = "connectTime",
        /// When the last connection ended, likewise.
        DisconnectTime = "disconnectTime",
        /// The total time of all connections.
        TotalUptime = "totalUptime",
        /// How long the current connection has been ready.
        CurrentUptime = "currentUptime",
        /// Attempts to connect.
        ConnectionAttempts = "connectionAttempts",
        /// Attempts that became ready.
        SuccessfulConnections = "successfulConnections",
        /// Connections that replaced a lost one.
        Reconnects = "reconnects",
        /// Errors reported.
        Errors = "errors",
        /// Subscribers now.
        SubscriberCount = "subscriberCount",
        /// Open channels now.
        ChannelCount = "channelCount",
        /// Whether the client is ready now: 1 or 0.
        IsConnected = "isConnected",
        /// Messages delivered by the server.
        MessagesReceived = "messagesReceived",
        /// Messages written to a socket.
        MessagesSent = "messagesSent",
        /// Bytes of all frames received.
        BytesReceived = "bytesReceived",
        /// Bytes of all frames sent.
        BytesSent = "bytesSent",
        /// Messages dropped because they had been delivered before.
        DuplicatesDropped = "duplicatesDropped",
        /// Gaps reported.
        Gaps = "gaps",
        /// Messages recovered after an interruption.
        Recovered = "recovered",
        /// Unsettled sends now.
        QueueDepth = "queueDepth",
        /// Frames dropped because they violate the protocol.
        InvalidFrames = "invalidFrames",
    }
}

named! {
    /// The round-trip times of a client, in milliseconds: the members of `Metrics.rtt`.
    pub enum RoundTripTime {
        /// The last one.
        Last = "last",
        /// The median.
        P50 = "p50",
        /// The 99th percentile.
        P99 = "p99",
        /// The jitter.
        Jitter = "jitter",
    }
}

named! {
    /// The counters of a channel: the members of `ChannelStats`, without `key`.
    pub enum ChannelCounter {
        /// The number of its state.
        State = "state",
        /// The number of its continuity.
        Continuity = "continuity",
        /// Subscribers.
        ReferenceCount = "referenceCount",
        /// When it was opened, in milliseconds since 1970.
        CreatedAt = "createdAt",
        /// The time of its last use, likewise.
        LastAccessedAt = "lastAccessedAt",
        /// Messages received.
        MessagesReceived = "messagesReceived",
        /// Messages dropped because they had been delivered before.
        DuplicatesDropped = "duplicatesDropped",
        /// Messages recovered after an interruption.
        Recovered = "recovered",
        /// Messages sent.
        MessagesSent = "messagesSent",
        /// Joins.
        Joins = "joins",
        /// Errors.
        Errors = "errors",
        /// Gaps.
        Gaps = "gaps",
    }
}
