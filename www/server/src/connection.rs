//! One WebSocket connection, from its upgrade to its end.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::stream::SplitStream;
use futures_util::{FutureExt, StreamExt};
use tokio::time::{Instant, sleep_until, timeout};

use crate::clock::now_ms;
use crate::link::{Closed, Link};
use crate::outbound::Ending;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::shared::Shared;
use crate::writer::{Written, write};

/// What browsers call an end without a close frame.
const ABNORMAL: u16 = 1006;

/// Serves a connection until it has ended.
pub(crate) async fn run(socket: WebSocket, shared: Arc<Shared>, session: Session) {
    let link = Arc::clone(session.link());
    let (sink, stream) = socket.split();
    let code = {
        let mut writer = std::pin::pin!(write(sink, &link, &shared.limits));
        let mut reader = std::pin::pin!(
            Reader {
                stream,
                session,
                shared: &shared
            }
            .read_to_end()
        );
        tokio::select! {
            code = &mut reader => code,
            written = &mut writer => match written {
                Written::Closed(code) => {
                    let patience = Duration::from_millis(shared.limits.close_timeout_ms);
                    let _ = timeout(patience, &mut reader).await;
                    code
                }
                Written::Broken => ABNORMAL,
            }
        }
    };
    retire(&shared, &link, code);
}

fn retire(shared: &Arc<Shared>, link: &Arc<Link>, code: u16) {
    link.close(Closed { at: now_ms(), code });
    link.outbound.end(Ending::Abort);
    shared.hub.dismiss(link);
    if !link.state().channels.is_empty() {
        let (shared, link) = (Arc::clone(shared), Arc::clone(link));
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(shared.limits.presence_grace_ms)).await;
            shared.hub.forget_presence(&link);
        });
    }
}

struct Reader<'a> {
    stream: SplitStream<WebSocket>,
    session: Session,
    shared: &'a Shared,
}

/// What happens when nothing else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    AuthTimeout,
    Expiry,
    Ping,
    Idle,
}

impl Reader<'_> {
    /// Reads until the peer is gone; the code it closed with.
    async fn read_to_end(mut self) -> u16 {
        let link = Arc::clone(self.session.link());
        let opened = Instant::now();
        let mut heard = opened;
        let mut pinged = false;
        let mut code = ABNORMAL;
        loop {
            if link.faults().half_open {
                link.attention().await;
                if !link.faults().half_open && !self.skip_what_came() {
                    return code;
                }
                heard = Instant::now();
                continue;
            }
            let due = self.next_due(opened, heard, pinged);
            let timer = async {
                match due {
                    Some((at, due)) => {
                        sleep_until(at).await;
                        due
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                message = self.stream.next() => {
                    heard = Instant::now();
                    pinged = false;
                    match message {
                        Some(Ok(Message::Close(frame))) => {
                            code = frame.map_or(1005, |frame| frame.code);
                        }
                        Some(Ok(message)) => self.session.receive(message),
                        Some(Err(error)) if is_too_long(&error) => {
                            link.count_received("invalid");
                            let refusal = Refusal::invalid("the message is far too large");
                            link.outbound.end(Ending::refused(1009, &refusal));
                            // What follows cannot be told apart any more.
                            return std::future::pending().await;
                        }
                        Some(Err(_)) | None => return code,
                    }
                }
                () = link.attention() => {}
                due = timer => match due {
                    Due::AuthTimeout => {
                        let refusal = Refusal::unauthorized("no auth frame came in time");
                        link.outbound.end(Ending::refused(4001, &refusal));
                    }
                    Due::Expiry => {
                        link.outbound.end(Ending::refused(4001, &Refusal::token_expired()));
                    }
                    Due::Ping => {
                        pinged = true;
                        link.outbound.ping();
                    }
                    Due::Idle => {
                        let reason = "nothing was heard for too long".to_owned();
                        link.outbound.end(Ending::Close { code: 1001, reason, error: None });
                    }
                }
            }
        }
    }

    fn next_due(&self, opened: Instant, heard: Instant, pinged: bool) -> Option<(Instant, Due)> {
        let link = self.session.link();
        if link.outbound.is_ending() {
            return None;
        }
        let limits = &self.shared.limits;
        let after = |from: Instant, ms: u64| from + Duration::from_millis(ms);
        let auth = (!self.session.is_ready())
            .then(|| (after(opened, limits.auth_timeout_ms), Due::AuthTimeout));
        let expiry = link.expires_at().map(|at| (at, Due::Expiry));
        let idle = (limits.idle_timeout_ms > 0).then(|| match pinged {
            false => (after(heard, limits.idle_timeout_ms / 2), Due::Ping),
            true => (after(heard, limits.idle_timeout_ms), Due::Idle),
        });
        [auth, expiry, idle].into_iter().flatten().min()
    }

    /// Throws away what came while the connection was deaf; whether the peer is still there.
    fn skip_what_came(&mut self) -> bool {
        loop {
            match self.stream.next().now_or_never() {
                Some(Some(Ok(Message::Close(_)) | Err(_)) | None) => return false,
                Some(Some(Ok(_))) => {}
                None => return true,
            }
        }
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    use std::error::Error as _;
    error
        .source()
        .and_then(|source| source.downcast_ref::<tungstenite::Error>())
        .is_some_and(|error| matches!(error, tungstenite::Error::Capacity(_)))
}
