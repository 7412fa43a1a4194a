//! The TCP stream of a connection, with a switch by which other tasks can abort it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tidewire_server_core::account::Reservation;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use crate::clock::uptime;

/// The stored value for "no time".
const NEVER: u64 = u64::MAX;

/// Aborts one [`SwitchedStream`], limits its input, and measures how long its peer reads nothing.
#[derive(Debug)]
pub(crate) struct Switch {
    reset: AtomicBool,
    cut: AtomicBool,
    /// Whether it was upgraded to a WebSocket, which has its own timeouts.
    upgraded: AtomicBool,
    reader: AtomicWaker,
    /// Since when the peer reads nothing although there is data to write, in ms of [`uptime`].
    blocked_since: AtomicU64,
    /// How many more bytes may be received.
    allowance: AtomicU64,
    /// Bytes of an incomplete message.
    partial: AtomicUsize,
    crowded_out: AtomicBool,
    inbound: Arc<Inbound>,
}

/// The bytes of incomplete messages of all connections.
#[derive(Debug)]
pub(crate) struct Inbound {
    bytes: AtomicUsize,
    most: usize,
}

/// A connection with fewer pending bytes than this is not closed when the total is too large.
const SMALL: usize = 64 << 10;

impl Inbound {
    pub(crate) fn new(most: usize) -> Self {
        Self { bytes: AtomicUsize::new(0), most }
    }
}

impl Default for Switch {
    fn default() -> Self {
        Self::new(Arc::new(Inbound::new(usize::MAX)))
    }
}

impl Switch {
    fn new(inbound: Arc<Inbound>) -> Self {
        Self {
            partial: AtomicUsize::new(0),
            crowded_out: AtomicBool::default(),
            inbound,
            reset: AtomicBool::default(),
            cut: AtomicBool::default(),
            upgraded: AtomicBool::default(),
            reader: AtomicWaker::default(),
            blocked_since: AtomicU64::new(NEVER),
            allowance: AtomicU64::new(NEVER),
        }
    }
}

impl Switch {
    /// Makes dropping the stream reset the connection instead of closing it.
    pub(crate) fn abort_on_drop(&self) {
        self.reset.store(true, Ordering::Release);
    }

    /// Fails all reads and writes, and resets the connection.
    pub(crate) fn cut(&self) {
        self.abort_on_drop();
        self.cut.store(true, Ordering::Release);
        self.reader.wake();
    }

    /// Records that everything received so far was complete.
    pub(crate) fn settle(&self) {
        let bytes = self.partial.swap(0, Ordering::Relaxed);
        self.inbound.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Counts received bytes; returns whether the total is too large and partly this connection's.
    fn count(&self, bytes: usize) -> bool {
        let own = self.partial.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let all = self.inbound.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let is_too_much = own > SMALL && all > self.inbound.most;
        if is_too_much {
            self.crowded_out.store(true, Ordering::Relaxed);
        }
        is_too_much
    }

    /// Whether the connection is closed because the total was too large.
    pub(crate) fn is_crowded_out(&self) -> bool {
        self.crowded_out.load(Ordering::Relaxed)
    }

    /// Records the upgrade to a WebSocket.
    pub(crate) fn upgrade(&self) {
        self.upgraded.store(true, Ordering::Relaxed);
    }

    /// How long the peer has read nothing although there is data to write.
    pub(crate) fn blocked(&self) -> Duration {
        match self.blocked_since.load(Ordering::Relaxed) {
            NEVER => Duration::ZERO,
            since => uptime().saturating_sub(Duration::from_millis(since)),
        }
    }

    /// Limits how many more bytes may be received; `None` removes the limit.
    pub(crate) fn allow(&self, bytes: Option<usize>) {
        self.allowance.store(bytes.map_or(NEVER, |bytes| bytes as u64), Ordering::Relaxed);
    }

    /// Whether the peer sent more than it was allowed to.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.allowance.load(Ordering::Relaxed) == 0
    }

    fn note_write<T>(&self, written: &Poll<io::Result<T>>) {
        match written {
            Poll::Ready(_) => self.blocked_since.store(NEVER, Ordering::Relaxed),
            Poll::Pending => {
                let now = u64::try_from(uptime().as_millis()).unwrap_or(NEVER - 1);
                let stores = Ordering::Relaxed;
                let _ = self.blocked_since.compare_exchange(NEVER, now, stores, stores);
            }
        }
    }

    fn check(&self) -> io::Result<()> {
        if self.cut.load(Ordering::Acquire) {
            Err(io::ErrorKind::ConnectionReset.into())
        } else {
            Ok(())
        }
    }
}

/// A stream with its switch.
pub(crate) struct SwitchedStream {
    stream: TcpStream,
    switch: Arc<Switch>,
    /// The idle timeout and its timer, until the upgrade to a WebSocket.
    idle: Option<(Duration, Pin<Box<Sleep>>)>,
    /// Counts the connection while the stream exists.
    _slot: Reservation,
}

impl SwitchedStream {
    pub(crate) fn new(
        stream: TcpStream,
        inbound: Arc<Inbound>,
        idle: Duration,
        slot: Reservation,
    ) -> Self {
        let idle = Some((idle, Box::pin(tokio::time::sleep(idle))));
        Self { stream, switch: Arc::new(Switch::new(inbound)), idle, _slot: slot }
    }

    /// Whether it was idle for too long; reading and writing restart the timer.
    fn is_idle(&mut self, cx: &mut Context<'_>, moved: bool) -> bool {
        if self.switch.upgraded.load(Ordering::Relaxed) {
            self.idle = None;
        }
        let Some((span, sleep)) = &mut self.idle else {
            return false;
        };
        if moved {
            sleep.as_mut().reset(Instant::now() + *span);
        }
        sleep.as_mut().poll(cx).is_ready()
    }

    pub(crate) fn switch(&self) -> &Arc<Switch> {
        &self.switch
    }
}

impl Drop for SwitchedStream {
    fn drop(&mut self) {
        self.switch.settle();
        if self.switch.reset.load(Ordering::Acquire) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for SwitchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.switch.reader.register(cx.waker());
        self.switch.check()?;
        let allowance = self.switch.allowance.load(Ordering::Relaxed);
        if allowance == 0 {
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let bytes = buffer.filled().len() - before;
        if self.switch.count(bytes) {
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        if allowance != NEVER {
            let bytes = bytes as u64;
            // The limit may have been removed in the meantime.
            let _ = self.switch.allowance.compare_exchange(
                allowance,
                allowance.saturating_sub(bytes),
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
        if self.is_idle(cx, read.is_ready()) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for SwitchedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.switch.check()?;
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.switch.note_write(&written);
        if let (Some((span, sleep)), Poll::Ready(_)) = (&mut self.idle, &written) {
            sleep.as_mut().reset(Instant::now() + *span);
            // An answer implies a complete request.
            self.switch.settle();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
