//! The listening socket: lets connections in, refuses them, or is away for a while.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::wire::{Switch, Wire};

/// How new connections are refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RefuseMode {
    /// They are not.
    #[default]
    Off,
    /// Accepted by TCP, and closed at once.
    Tcp,
    /// The handshake is answered with 503.
    Handshake,
    /// The handshake is never answered.
    Hang,
    /// Opened, then told an error and closed with 4001.
    Auth,
}

/// A time without a listener.
struct Outage {
    /// Told when the listener is closed.
    closed: oneshot::Sender<()>,
    /// Says after how long to come back; when dropped, never.
    back: oneshot::Receiver<Duration>,
}

/// Governs a [`Gate`] from outside.
pub(crate) struct GateControl {
    pub(crate) mode: Mutex<RefuseMode>,
    outages: mpsc::Sender<Outage>,
    switches: Mutex<Vec<Weak<Switch>>>,
    turned_away: Box<dyn Fn() + Send + Sync>,
}

impl GateControl {
    /// Closes the listener; it comes back the given time after the sender was used, or never if
    /// that is dropped.
    pub(crate) async fn close(&self) -> oneshot::Sender<Duration> {
        let (closed, is_closed) = oneshot::channel();
        let (back, when_back) = oneshot::channel();
        if self.outages.send(Outage { closed, back: when_back }).await.is_ok() {
            let _ = is_closed.await;
        }
        back
    }

    /// Cuts every transport, whatever it is used for.
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
pub(crate) struct Gate {
    /// None while the server is away.
    listener: Option<TcpListener>,
    address: SocketAddr,
    control: Arc<GateControl>,
    outages: mpsc::Receiver<Outage>,
}

impl Gate {
    /// Listens. `turned_away` is called for each connection closed in mode `tcp`.
    pub(crate) async fn bind(
        address: SocketAddr,
        turned_away: impl Fn() + Send + Sync + 'static,
    ) -> io::Result<(Self, Arc<GateControl>)> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (sender, outages) = mpsc::channel(1);
        let control = Arc::new(GateControl {
            mode: Mutex::default(),
            outages: sender,
            switches: Mutex::default(),
            turned_away: Box::new(turned_away),
        });
        Ok((
            Self { listener: Some(listener), address, control: Arc::clone(&control), outages },
            control,
        ))
    }

    async fn listen_again(address: SocketAddr) -> TcpListener {
        loop {
            match TcpListener::bind(address).await {
                Ok(listener) => return listener,
                Err(error) => {
                    eprintln!("cannot listen on {address} again yet: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

impl Listener for Gate {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
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
                Ok((stream, _)) if *self.control.mode.lock() == RefuseMode::Tcp => {
                    (self.control.turned_away)();
                    drop(stream);
                }
                Ok((stream, peer)) => {
                    let _ = stream.set_nodelay(true);
                    let wire = Wire::new(stream);
                    self.control.register(wire.switch());
                    return (wire, peer);
                }
                // Out of descriptors, most likely: others closing will help.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// What the handlers learn of a connection's transport.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) switch: Arc<Switch>,
    pub(crate) address: IpAddr,
}

impl Connected<IncomingStream<'_, Gate>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Self {
        let address = stream.remote_addr().ip().to_canonical();
        Self { switch: Arc::clone(stream.io().switch()), address }
    }
}
