//! The TCP stream of a connection, with a switch that cuts it from outside.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Cuts one [`Wire`].
#[derive(Debug, Default)]
pub(crate) struct Switch {
    reset: AtomicBool,
    cut: AtomicBool,
    reader: AtomicWaker,
}

impl Switch {
    /// When the stream is dropped, it is reset rather than closed in good order.
    pub(crate) fn abort_on_drop(&self) {
        self.reset.store(true, Ordering::Release);
    }

    /// Fails whatever is being read or will be written, and resets.
    pub(crate) fn cut(&self) {
        self.abort_on_drop();
        self.cut.store(true, Ordering::Release);
        self.reader.wake();
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
pub(crate) struct Wire {
    stream: TcpStream,
    switch: Arc<Switch>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, switch: Arc::default() }
    }

    pub(crate) fn switch(&self) -> &Arc<Switch> {
        &self.switch
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.switch.reset.load(Ordering::Acquire) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.switch.reader.register(cx.waker());
        self.switch.check()?;
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.switch.check()?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
