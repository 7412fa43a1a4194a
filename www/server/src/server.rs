//! Assembly of the server's parts.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tidewire_server_core::CloseAction;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower_http::cors::{AllowHeaders, CorsLayer};
use tower_http::services::ServeDir;

use crate::app_state::AppState;
use crate::auth::Keys;
use crate::clock::uptime;
use crate::config::Config;
use crate::control::{self, Access};
use crate::demo::{self, Demo};
use crate::domains::{self, Derivations};
use crate::hub::Hub;
use crate::listener::{ControlListener, Peer, ServerListener};
use crate::phoenix::control::Mounts;
use crate::phoenix::{self, Application as _, Command, DemoApp, PhoenixState};
use crate::publish;
use crate::reserve::Reserve;
use crate::stats::Stats;
use crate::store::Store;
use crate::supabase::{self, Accounts, Realtime, SupabaseState, deliver_changes};
use crate::tables::{Catalog, Feed, Readers, rest};
use crate::token_signer::TokenSigner;
use crate::traffic;
use crate::triggers::ChangeTrigger;
use crate::upgrade::upgrade;

/// A running server. Dropping it aborts its connections; [`Server::shutdown`] closes them with close
/// frames.
pub struct Server {
    address: SocketAddr,
    control: Option<SocketAddr>,
    app_state: Arc<AppState>,
    mounts: Mounts,
    // Aborted when the server is dropped.
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
    /// A message: an invalid key, a data directory that cannot be used, an address that
    /// is in use.
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
        let stats = Arc::new(Stats::default());
        let store = config.data.as_deref().map(Store::open).transpose()?;
        let catalog = Catalog::new(std::mem::take(&mut config.tables), &config.limits)?;
        let (feed, changes) = Feed::new();
        let trigger: Option<Box<dyn ChangeTrigger>> =
            if config.domains { Some(Box::<Derivations>::default()) } else { None };
        let limits = config.limits.clone();
        let hub = Hub::new(limits, catalog, Arc::clone(&stats), store, feed, trigger)?;
        let hub = Arc::new(hub);
        let accounts = Accounts::new(TokenSigner::of(&config));
        let supabase = config.supabase.clone().unwrap_or_default();
        let realtime =
            Arc::new(Realtime::new(supabase, Arc::clone(&keys), Arc::clone(&hub), accounts));
        let app = DemoApp::new(config.phoenix.clone().unwrap_or_default(), &config.limits);
        let app = Arc::new(app);
        let mounts = Mounts::from([
            ("phoenix", Arc::clone(app.engine())),
            ("supabase", Arc::clone(&realtime.engine)),
        ]);
        let wanted = SocketAddr::new(config.host, config.port);
        let on_rejected = move || {
            let mut counters = stats.counters();
            counters.rejected += 1;
            counters.handshakes_while_rejecting += 1;
        };
        let reserve = Arc::new(Reserve::default());
        let (server_listener, listener_control) =
            ServerListener::bind(wanted, &config.limits, Arc::clone(&reserve), on_rejected)
                .map_err(|e| format!("cannot listen on {wanted}: {e}"))?;
        let address =
            axum::serve::Listener::local_addr(&server_listener).map_err(|e| e.to_string())?;
        let app_state = Arc::new(AppState::new(
            config.limits.clone(),
            config.publish.clone(),
            keys,
            hub,
            listener_control,
        ));
        let mut tasks = JoinSet::new();
        let control = match config.control {
            Some(port) => {
                let emulated = phoenix::control::router(mounts.clone())
                    .merge(supabase::control::router(Arc::clone(&realtime)));
                let access = if config.demo { Access::Open } else { Access::Local };
                let router = control::router(Arc::clone(&app_state), emulated, access);
                Some(serve_control(port, router, reserve, &mut tasks).await?)
            }
            None => None,
        };
        let router = routes(&config, &app_state, app, &realtime)?;
        tasks.spawn(async move {
            let service = router.into_make_service_with_connect_info::<Peer>();
            if let Err(error) = axum::serve(server_listener, service).await {
                eprintln!("the server stopped listening: {error}");
            }
        });
        tasks.spawn(sweep(Arc::clone(&app_state)));
        let hub = Arc::clone(&app_state.hub);
        tasks.spawn(async move { hub.run_timers().await });
        tasks.spawn(deliver_changes(realtime, Arc::clone(&app_state.hub), changes));
        if config.demo_traffic {
            tasks.spawn(traffic::run(Arc::clone(&app_state)));
        }
        if let Some(rate) = config.domain_traffic {
            tasks.spawn(domains::run(Arc::clone(&app_state.hub), rate, config.seed));
        }
        Ok(Self { address, control, app_state, mounts, _tasks: tasks })
    }

    /// The address on which the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address on which the control endpoint listens, if there is one.
    #[must_use]
    pub fn control(&self) -> Option<SocketAddr> {
        self.control
    }

    /// Stops listening, closes every connection with 1012 and waits until they are closed, at most
    /// for the time that a closing handshake may take.
    pub async fn shutdown(self) {
        drop(self.app_state.listener.close().await);
        let connections = self.app_state.stats.open_connections();
        for connection in &connections {
            let reason = "the server is going down".to_owned();
            connection.outbound.end(CloseAction::Close { code: 1012, reason, error: None });
        }
        let sockets: Vec<_> =
            self.mounts.values().flat_map(|engine| engine.registry.open_sockets(None)).collect();
        sockets.iter().for_each(|socket| socket.command(Command::Drain));
        let patience = Duration::from_millis(self.app_state.limits.close_timeout_ms * 2);
        let all_closed = async {
            for connection in &connections {
                connection.ended().await;
            }
            for socket in &sockets {
                socket.ended().await;
            }
        };
        let _ = tokio::time::timeout(patience, all_closed).await;
    }
}

fn routes(
    config: &Config,
    app_state: &Arc<AppState>,
    app: Arc<DemoApp>,
    realtime: &Arc<Realtime>,
) -> Result<Router, String> {
    let supabase =
        SupabaseState { app_state: Arc::clone(app_state), realtime: Arc::clone(realtime) };
    let mut open = Router::new()
        .route("/publish", post(publish::publish))
        .route("/tables/{channel}", get(rest::show).post(rest::change))
        .with_state(Arc::clone(app_state))
        .merge(if config.supabase.is_some() { supabase::router(supabase) } else { Router::new() })
        .merge(if config.domains { domains::router(app_state) } else { Router::new() })
        .layer(DefaultBodyLimit::max(config.limits.max_frame_bytes));
    if config.demo {
        let demo = Demo::new(config, Arc::clone(&app_state.hub), Arc::clone(realtime))?;
        open = open.merge(demo.router());
    }
    let router =
        open.layer(cors()).route("/ws/realtime", get(upgrade).with_state(Arc::clone(app_state)));
    let router = match &config.phoenix {
        Some(_) => {
            let state = PhoenixState { app_state: Arc::clone(app_state), app };
            router.route("/socket/websocket", get(phoenix::upgrade).with_state(state))
        }
        None => router,
    };
    Ok(match &config.static_dir {
        Some(directory) => router.fallback_service(ServeDir::new(directory)),
        None => router,
    })
}

/// Allows pages of any origin. A wildcard would not cover `Authorization`.
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
        if let Err(error) = axum::serve(ControlListener { listener, reserve }, router).await {
            eprintln!("the control endpoint stopped: {error}");
        }
    });
    Ok(address)
}

async fn sweep(app_state: Arc<AppState>) {
    loop {
        tokio::time::sleep(Duration::from_millis(app_state.limits.sweep_ms.max(1))).await;
        app_state.accounts.sweep(uptime());
    }
}
