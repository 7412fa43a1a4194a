//! The protocols, which decode and encode frames. The rest of the core is independent of them.

pub mod address;
pub mod frames;
pub mod native;
pub mod phoenix;
pub mod supabase;

use super::auth_success::Features;
use super::config::{Config, ProtocolKind};
use super::error::Code;
use super::output::Frame;
use super::payload::Payload;
use frames::Outgoing;
use phoenix::{Dialect, Phoenix};
use supabase::Numbers;

/// The protocol of a client, with its state of the connection.
#[derive(Debug)]
pub enum Protocol<P> {
    /// The native protocol, which has no state.
    Native,
    /// Phoenix Channels, or Supabase Realtime on them.
    Phoenix(Phoenix<P>),
}

impl<P: Payload> Protocol<P> {
    /// The protocol of these options.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let dialect = match config.protocol {
            ProtocolKind::Tidewire => return Self::Native,
            ProtocolKind::Phoenix => Dialect::Plain,
            ProtocolKind::Supabase => Dialect::Supabase,
        };
        let numbers = if config.exact_numbers { Numbers::Exact } else { Numbers::Parsed };
        Self::Phoenix(Phoenix::new(dialect, config.serializer, numbers))
    }

    /// Encodes a frame.
    ///
    /// # Errors
    /// The code of the error, if the frame cannot be encoded.
    pub fn encode(
        &mut self,
        outgoing: Outgoing<'_, P>,
        features: Features,
    ) -> Result<Frame<P>, Code> {
        match self {
            Self::Native => native::encode(outgoing, features),
            Self::Phoenix(phoenix) => phoenix.encode(outgoing),
        }
    }

    /// Whether messages of a channel are acknowledged, if the server acknowledges messages at all.
    #[must_use]
    pub fn answers(&self, channel: &str) -> bool {
        match self {
            Self::Native => true,
            Self::Phoenix(phoenix) => phoenix.answers(channel),
        }
    }

    /// Drops the state of a connection that has ended.
    pub fn disconnected(&mut self) {
        if let Self::Phoenix(phoenix) = self {
            phoenix.disconnected();
        }
    }
}
