//! The listening socket: accepts or rejects connections, or is closed during a simulated outage.

use std::io::{self, Write as _};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use parking_lot::Mutex;
use serde::Deserialize;
use tidewire_server_core::account::{Account, Reservation, Resource};
use tidewire_server_core::limits::Limits;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::reserve::{Reserve, is_exhausted};
use crate::tcp_stream::{Inbound, Switch, SwitchedStream};

/// How new connections are rejected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RejectMode {
    /// They are accepted.
    #[default]
    Off,
    /// Accepted by TCP, and closed at once.
    Tcp,
    /// The handshake is answered with 503.
    Handshake,
    /// The handshake is never answered.
    Hang,
    /// Opened, then sent an error and closed with 4001.
    Auth,
}

/// A period without a listener.
struct Outage {
    /// Notified when the listener is closed.
    closed: oneshot::Sender<()>,
    /// Receives the time after which to listen again; if the sender is dropped, never.
    back: oneshot::Receiver<Duration>,
}

/// Controls a [`ServerListener`] from outside.
pub(crate) struct ListenerControl {
    pub(crate) mode: Mutex<RejectMode>,
    outages: mpsc::Sender<Outage>,
    switches: Mutex<Vec<Weak<Switch>>>,
    on_rejected: Box<dyn Fn() + Send + Sync>,
}

impl ListenerControl {
    /// Closes the listener. It listens again after the time that is sent to the returned sender, or
    /// never if that is dropped.
    pub(crate) async fn close(&self) -> oneshot::Sender<Duration> {
        let (closed, is_closed) = oneshot::channel();
        let (back, when_back) = oneshot::channel();
        if self.outages.send(Outage { closed, back: when_back }).await.is_ok() {
            let _ = is_closed.await;
        }
        back
    }

    /// Aborts every transport.
    pub(crate) fn cut_all(&self) {
        for switch in self.switches.lock().drain(..).filter_map(|weak| weak.upgrade()) {
            switch.cut();
        }
    }

    fn register(&self, switch: &Arc<Switch>) {
        let mut switches = self.switches.lock();
        if switches.len() == switches.capacity() {
            switches.retain(|weak| weak.strong_count() > 0);
        }
        switches.push(Arc::downgrade(switch));
    }
}

/// The listener given to axum.
pub(crate) struct ServerListener {
    /// `None` during an outage.
    listener: Option<TcpListener>,
    address: SocketAddr,
    control: Arc<ListenerControl>,
    outages: mpsc::Receiver<Outage>,
    reserve: Arc<Reserve>,
    /// Counts the connections.
    all: Arc<Account>,
    max_connections: usize,
    idle: Duration,
    inbound: Arc<Inbound>,
    /// When a rejection at the connection limit was last logged.
    logged_at: Option<Instant>,
}

/// The maximum number of connections that the system queues until they are accepted.
const BACKLOG: u32 = 4_096;

/// How often rejections at the connection limit are logged.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// The response at the connection limit, whatever the request.
const NO_ROOM: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    Content-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n";

impl ServerListener {
    /// Listens. `on_rejected` is called for each connection that is closed at once.
    pub(crate) fn bind(
        address: SocketAddr,
        limits: &Limits,
        reserve: Arc<Reserve>,
        on_rejected: impl Fn() + Send + Sync + 'static,
    ) -> io::Result<(Self, Arc<ListenerControl>)> {
        let listener = listen(address)?;
        let address = listener.local_addr()?;
        let (sender, outages) = mpsc::channel(1);
        let control = Arc::new(ListenerControl {
            mode: Mutex::default(),
            outages: sender,
            switches: Mutex::default(),
            on_rejected: Box::new(on_rejected),
        });
        let server_listener = Self {
            listener: Some(listener),
            address,
            control: Arc::clone(&control),
            outages,
            reserve,
            all: Arc::default(),
            max_connections: limits.max_connections,
            idle: Duration::from_millis(limits.http_idle_ms),
            inbound: Arc::new(Inbound::new(limits.inbound_bytes_total)),
            logged_at: None,
        };
        Ok((server_listener, control))
    }

    /// Whether one more connection is within the limit and leaves the descriptor reserve full.
    fn has_room(&self) -> bool {
        let is_at_limit = self.max_connections > 0
            && self.all.held(Resource::Connections) >= self.max_connections;
        !is_at_limit && self.reserve.is_full()
    }

    /// Rejects a new connection at once, with a response that may or may not arrive.
    fn reject(&mut self, stream: TcpStream) {
        (self.control.on_rejected)();
        if let Ok(mut stream) = stream.into_std() {
            let _ = stream.write(NO_ROOM).and_then(|_| stream.shutdown(Shutdown::Both));
        }
        self.send_error();
    }

    fn send_error(&mut self) {
        if self.logged_at.is_none_or(|at| at.elapsed() >= LOG_INTERVAL) {
            self.logged_at = Some(Instant::now());
            let open = self.all.held(Resource::Connections);
            eprintln!(
                "there is no room for more connections than the {open} that are open: new ones are rejected"
            );
        }
    }

    async fn listen_again(address: SocketAddr) -> TcpListener {
        loop {
            match listen(address) {
                Ok(listener) => return listener,
                Err(error) => {
                    eprintln!("cannot listen on {address} again yet: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// The listener of the control endpoint, which also works when all descriptors are in use.
pub(crate) struct ControlListener {
    pub(crate) listener: TcpListener,
    pub(crate) reserve: Arc<Reserve>,
}

impl Listener for ControlListener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok(accepted) => return accepted,
                // The reserve is refilled before the server's listener accepts the next connection.
                Err(error) if is_exhausted(&error) && self.reserve.release() => {}
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Listener for ServerListener {
    type Io = SwitchedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (SwitchedStream, SocketAddr) {
        loop {
            let Some(listener) = &self.listener else {
                self.listener = Some(Self::listen_again(self.address).await);
                continue;
            };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(outage) = self.outages.recv() => {
                    self.listener = None;
                    let _ = outage.closed.send(());
                    let Ok(down) = outage.back.await else { return std::future::pending().await };
                    tokio::time::sleep(down).await;
                    continue;
                }
            };
            match accepted {
                Ok((stream, _)) if *self.control.mode.lock() == RejectMode::Tcp => {
                    (self.control.on_rejected)();
                    drop(stream);
                }
                Ok((stream, _)) if !self.has_room() => self.reject(stream),
                Ok((stream, peer)) => {
                    let _ = stream.set_nodelay(true);
                    let slot = Reservation::new(
                        Resource::Connections,
                        1,
                        [Some(Arc::clone(&self.all)), None],
                    );
                    let stream =
                        SwitchedStream::new(stream, Arc::clone(&self.inbound), self.idle, slot);
                    self.control.register(stream.switch());
                    return (stream, peer);
                }
                // With a reserved descriptor the connection can be accepted and rejected.
                Err(error) if is_exhausted(&error) && self.reserve.release() => self.send_error(),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// A connection's transport, for the request handlers.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) switch: Arc<Switch>,
    pub(crate) address: IpAddr,
}

impl Connected<IncomingStream<'_, ServerListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, ServerListener>) -> Self {
        let address = stream.remote_addr().ip().to_canonical();
        Self { switch: Arc::clone(stream.io().switch()), address }
    }
}
