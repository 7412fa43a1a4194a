//! The configuration: keys, limits, and which optional parts are enabled.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tidewire_server_core::limits::Limits;

pub use crate::phoenix::{Adapter, PhoenixSettings};
pub use crate::supabase::{Policy, SupabaseSettings};
pub use crate::tables::{ColumnConfig, ColumnType, KeyKind, Readers, Rule, Stamp, TableConfig};

/// The complete configuration. By default a connection needs a token, and publishing over HTTP, the
/// demo and the control endpoint are off.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on. Default 127.0.0.1.
    pub host: IpAddr,
    /// The port to listen on; 0 takes any free one. Default 4321.
    pub port: u16,
    /// Keys that tokens may be signed with. Default none.
    pub keys: Vec<KeyConfig>,
    /// Whether a connection without a token is accepted. Default false.
    pub anonymous: bool,
    /// Who may use `POST /publish`. Default [`PublishAccess::Closed`]; open with `demo`.
    pub publish: PublishAccess,
    /// The tables of channels, by the channel's name or a prefix with `*`. Default none; the demo
    /// adds its own.
    pub tables: BTreeMap<String, TableConfig>,
    /// Bounds and periods.
    pub limits: Limits,
    /// Phoenix Channels. Default none: not served. The demo serves them.
    pub phoenix: Option<PhoenixSettings>,
    /// The Supabase subset, likewise. Its tokens are not limited to channels.
    pub supabase: Option<SupabaseSettings>,
    /// The directory in which logs are stored durably. Default none: in memory.
    pub data: Option<PathBuf>,
    /// A directory of files to serve. Default none.
    pub static_dir: Option<PathBuf>,
    /// Serves `/demo/*` and the domains, opens `/publish` and declares the tables `notes` and
    /// `board:*`. Default false.
    pub demo: bool,
    /// Publishes generated events to the channel `feed`, about one a second. Default false.
    pub demo_traffic: bool,
    /// Declares the tables of the domains and serves them at `/api/*`. Default false; on with
    /// `demo`.
    pub domains: bool,
    /// How many simulated changes are made in the domains per second. Default none.
    pub domain_traffic: Option<f64>,
    /// The seed of these changes. Default 1.
    pub seed: u64,
    /// The port of the control endpoint; 0 takes any free one. Default none: no control endpoint.
    pub control: Option<u16>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 4321,
            keys: Vec::new(),
            anonymous: false,
            publish: PublishAccess::Closed,
            tables: BTreeMap::new(),
            limits: Limits::default(),
            phoenix: None,
            supabase: None,
            data: None,
            static_dir: None,
            demo: false,
            demo_traffic: false,
            domains: false,
            domain_traffic: None,
            seed: 1,
            control: None,
        }
    }
}

/// Who may use `POST /publish`.
#[derive(Clone, PartialEq, Eq)]
pub enum PublishAccess {
    /// No client.
    Closed,
    /// Every client, from any origin.
    Open,
    /// Clients that send `Authorization: Bearer` with this secret.
    Bearer(String),
}

impl std::fmt::Debug for PublishAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Closed => "Closed",
            Self::Open => "Open",
            Self::Bearer(_) => "Bearer(…)",
        })
    }
}

/// A key that verifies tokens.
#[derive(Debug, Clone)]
pub struct KeyConfig {
    /// The key's name; a token whose header has a `kid` is only checked with that key.
    pub kid: Option<String>,
    /// The algorithm and its material.
    pub material: KeyMaterial,
}

/// The algorithm and material of a key.
#[derive(Clone)]
pub enum KeyMaterial {
    /// HMAC with SHA-256: the shared secret's bytes.
    Hs256(Vec<u8>),
    /// RSA with SHA-256: the public key as PEM.
    Rs256(Vec<u8>),
}

impl std::fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Hs256(_) => "Hs256(…)",
            Self::Rs256(_) => "Rs256(…)",
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConfigFile {
    host: Option<IpAddr>,
    port: Option<u16>,
    #[serde(default)]
    keys: Vec<KeyEntry>,
    anonymous: Option<bool>,
    publish: Option<PublishEntry>,
    #[serde(default)]
    tables: BTreeMap<String, TableConfig>,
    limits: Option<serde_json::Value>,
    phoenix: Option<PhoenixSettings>,
    supabase: Option<SupabaseSettings>,
    data: Option<PathBuf>,
    #[serde(rename = "static")]
    static_dir: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyEntry {
    alg: String,
    kid: Option<String>,
    secret: Option<String>,
    pem: Option<String>,
    file: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum PublishEntry {
    Open,
    Closed,
    Bearer(String),
}

impl Config {
    /// Applies a JSON file; paths in it are relative to the file.
    ///
    /// # Errors
    /// A message that names the file and the field.
    pub fn read_file(&mut self, path: &Path) -> Result<(), String> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| format!("cannot read the config {}: {e}", path.display()))?;
        let file: ConfigFile = serde_json::from_str(&text)
            .map_err(|e| format!("the config {} is wrong: {e}", path.display()))?;
        let base = path.parent().unwrap_or_else(|| Path::new("."));
        self.apply(file, base).map_err(|e| format!("the config {} is wrong: {e}", path.display()))
    }

    fn apply(&mut self, file: ConfigFile, base: &Path) -> Result<(), String> {
        self.host = file.host.unwrap_or(self.host);
        self.port = file.port.unwrap_or(self.port);
        self.anonymous = file.anonymous.unwrap_or(self.anonymous);
        self.data = file.data.map(|d| base.join(d)).or_else(|| self.data.take());
        self.static_dir = file.static_dir.map(|d| base.join(d)).or_else(|| self.static_dir.take());
        match file.publish {
            Some(PublishEntry::Open) => self.publish = PublishAccess::Open,
            Some(PublishEntry::Closed) => self.publish = PublishAccess::Closed,
            Some(PublishEntry::Bearer(secret)) => self.publish = PublishAccess::Bearer(secret),
            None => {}
        }
        if let Some(limits) = &file.limits {
            self.limits.merge(limits)?;
        }
        self.phoenix = file.phoenix.or_else(|| self.phoenix.take());
        self.supabase = file.supabase.or_else(|| self.supabase.take());
        self.tables.extend(file.tables);
        for key in file.keys {
            self.keys.push(key.read(base)?);
        }
        Ok(())
    }
}

impl KeyEntry {
    fn read(self, base: &Path) -> Result<KeyConfig, String> {
        let bytes = match (self.secret, self.pem, self.file) {
            (Some(secret), None, None) => secret.into_bytes(),
            (None, Some(pem), None) => pem.into_bytes(),
            (None, None, Some(file)) => {
                let path = base.join(file);
                std::fs::read(&path)
                    .map_err(|e| format!("cannot read the key {}: {e}", path.display()))?
            }
            _ => return Err("a key has exactly one of secret, pem and file".into()),
        };
        let material = match self.alg.as_str() {
            "HS256" if bytes.len() < 16 => {
                return Err("an HS256 secret has at least 16 bytes".into());
            }
            "HS256" => KeyMaterial::Hs256(bytes),
            "RS256" => KeyMaterial::Rs256(bytes),
            other => return Err(format!("the key algorithm {other} is not HS256 or RS256")),
        };
        Ok(KeyConfig { kid: self.kid, material })
    }
}
