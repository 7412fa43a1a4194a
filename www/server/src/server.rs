//! The server put together.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower_http::cors::{AllowHeaders, CorsLayer};
use tower_http::services::ServeDir;

use crate::app_state::Shared;
use crate::auth::Keys;
use crate::clock::uptime;
use crate::config::Config;
use crate::control;
use crate::demo::{self, Demo};
use crate::domains::{self, Derivations};
use crate::hub::Hub;
use crate::listener::{ControlGate, Gate, Peer};
use crate::outbound::Ending;
use crate::phoenix::{self, Application as _, Command, Playground};
use crate::publish;
use crate::reserve::Reserve;
use crate::stats::Stats;
use crate::store::Store;
use crate::supabase::{self, Accounts, Realtime, follow};
use crate::tables::{Catalog, Feed, Readers, rest};
use crate::token_signer::Signer;
use crate::traffic;
use crate::triggers::Follower;
use crate::upgrade::upgrade;

/// A running server. Dropping it ends it without farewell; [`Server::shutdown`] closes every
/// connection properly.
pub struct Server {
    address: SocketAddr,
    control: Option<SocketAddr>,
    shared: Arc<Shared>,
    // Ended with the server.
    _tasks: JoinSet<()>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .field("control", &self.control)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Starts a server; it listens when this returns.
    ///
    /// # Errors
    /// In a sentence: a key that is none, a data directory that cannot be used, an address that
    /// is taken.
    pub async fn start(mut config: Config) -> Result<Self, String> {
        if config.demo {
            demo::prepare(&mut config);
        }
        if config.domains {
            domains::declare(&mut config.tables)?;
        }
        let personal = config.tables.iter().filter(|(_, table)| table.readers == Readers::Owner);
        let personal = personal.filter_map(|(pattern, _)| pattern.strip_suffix('*'));
        let personal = personal.map(ToOwned::to_owned).collect();
        let keys = Arc::new(Keys::new(&config.keys, config.anonymous, personal)?);
        if keys.admits_nobody() {
            eprintln!("nobody can connect: configure a key, or use --anonymous or --demo");
        }
        let stats = Arc::new(Stats::new(config.limits.counted_channels));
        let store = config.data.as_deref().map(Store::open).transpose()?;
        let catalog = Catalog::new(std::mem::take(&mut config.tables), &config.limits)?;
        let (feed, changes) = Feed::new();
        let follower: Option<Box<dyn Follower>> =
            if config.domains { Some(Box::<Derivations>::default()) } else { None };
        let limits = config.limits.clone();
        let hub = Hub::new(limits, catalog, Arc::clone(&stats), store, feed, follower)?;
        let hub = Arc::new(hub);
        let accounts = Accounts::new(Signer::of(&config));
        let supabase = config.supabase.clone().unwrap_or_default();
        let supabase = Realtime::new(supabase, Arc::clone(&keys), Arc::clone(&hub), accounts);
        let wanted = SocketAddr::new(config.host, config.port);
        let turned_away = move || {
            let mut counters = stats.counters();
            counters.refused += 1;
            counters.handshakes_while_refusing += 1;
        };
        let reserve = Arc::new(Reserve::default());
        let (gate, gate_control) =
            Gate::bind(wanted, &config.limits, Arc::clone(&reserve), turned_away)
                .map_err(|e| format!("cannot listen on {wanted}: {e}"))?;
        let address = axum::serve::Listener::local_addr(&gate).map_err(|e| e.to_string())?;
        let shared = Arc::new(Shared::new(
            config.limits.clone(),
            config.publish.clone(),
            keys,
            hub,
            Playground::new(config.phoenix.clone().unwrap_or_default(), &config.limits),
            supabase,
            gate_control,
        ));
        let mut tasks = JoinSet::new();
        let control = match config.control {
            Some(port) => {
                let router = control::router(Arc::clone(&shared), config.demo);
                Some(serve_control(port, router, reserve, &mut tasks).await?)
            }
            None => None,
        };
        let router = routes(&config, &shared)?;
        tasks.spawn(async move {
            let service = router.into_make_service_with_connect_info::<Peer>();
            if let Err(error) = axum::serve(gate, service).await {
                eprintln!("the server stopped listening: {error}");
            }
        });
        tasks.spawn(sweep(Arc::clone(&shared)));
        tasks.spawn(follow(Arc::clone(&shared.supabase), Arc::clone(&shared.hub), changes));
        if config.demo_traffic {
            tasks.spawn(traffic::run(Arc::clone(&shared)));
        }
        if let Some(rate) = config.domain_traffic {
            tasks.spawn(domains::run(Arc::clone(&shared.hub), rate, config.seed));
        }
        Ok(Self { address, control, shared, _tasks: tasks })
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the control endpoint listens, if there is one.
    #[must_use]
    pub fn control(&self) -> Option<SocketAddr> {
        self.control
    }

    /// Stops listening, closes every connection with 1012 and waits until they are closed, but
    /// not longer than their closing handshake may take.
    pub async fn shutdown(self) {
        drop(self.shared.gate.close().await);
        let links = self.shared.stats.open_links();
        for link in &links {
            let reason = "the server is going down".to_owned();
            link.outbound.end(Ending::Close { code: 1012, reason, error: None });
        }
        let engines = [self.shared.phoenix.engine(), self.shared.supabase.engine()];
        let sockets = engines.map(|engine| engine.registry.open_sockets(None)).concat();
        sockets.iter().for_each(|socket| socket.command(Command::Drain));
        let patience = Duration::from_millis(self.shared.limits.close_timeout_ms * 2);
        let all_closed = async {
            for link in &links {
                link.ended().await;
            }
            for socket in &sockets {
                socket.ended().await;
            }
        };
        let _ = tokio::time::timeout(patience, all_closed).await;
    }
}

fn routes(config: &Config, shared: &Arc<Shared>) -> Result<Router, String> {
    let mut open = Router::new()
        .route("/publish", post(publish::publish))
        .route("/tables/{channel}", get(rest::show).post(rest::change))
        .merge(if config.supabase.is_some() { supabase::router() } else { Router::new() })
        .with_state(Arc::clone(shared))
        .merge(if config.domains { domains::router(shared) } else { Router::new() })
        .layer(DefaultBodyLimit::max(config.limits.max_frame_bytes));
    if config.demo {
        open = open.merge(Demo::new(config, Arc::clone(shared))?.router());
    }
    let router =
        open.layer(cors()).route("/ws/realtime", get(upgrade).with_state(Arc::clone(shared)));
    let router = match &config.phoenix {
        Some(_) => {
            router.route("/socket/websocket", get(phoenix::upgrade).with_state(Arc::clone(shared)))
        }
        None => router,
    };
    Ok(match &config.static_dir {
        Some(directory) => router.fallback_service(ServeDir::new(directory)),
        None => router,
    })
}

/// Pages of any origin may use it. A wildcard would not cover `Authorization`.
fn cors() -> CorsLayer {
    CorsLayer::permissive().allow_headers(AllowHeaders::mirror_request())
}

async fn serve_control(
    port: u16,
    router: Router,
    reserve: Arc<Reserve>,
    tasks: &mut JoinSet<()>,
) -> Result<SocketAddr, String> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let failed = |e: std::io::Error| format!("cannot listen for control on {wanted}: {e}");
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    tasks.spawn(async move {
        if let Err(error) = axum::serve(ControlGate { listener, reserve }, router).await {
            eprintln!("the control endpoint stopped: {error}");
        }
    });
    Ok(address)
}

async fn sweep(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(Duration::from_millis(shared.limits.sweep_ms.max(1))).await;
        shared.hub.sweep();
        shared.accounts.sweep(uptime());
    }
}
