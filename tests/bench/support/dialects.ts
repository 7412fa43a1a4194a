/** The protocol of each library, for servers outside of the page. */
import { CentrifugeDialect } from '../dialects/centrifuge.js';
import type { Dialect } from '../dialects/dialect.js';
import { PhoenixDialect } from '../dialects/phoenix.js';
import { PlainDialect } from '../dialects/plain.js';
import { PusherDialect } from '../dialects/pusher.js';
import { SocketIoDialect } from '../dialects/socket-io.js';
import { ALL_FEATURES, TidewireDialect } from '../dialects/tidewire.js';
import type { LibraryName } from './settings.js';

export const DIALECTS: Record<LibraryName, () => Dialect> = {
  baseline: () => new PlainDialect(),
  tidewire: () => new TidewireDialect(ALL_FEATURES),
  'tidewire-base': () => new TidewireDialect([]),
  'tidewire-phoenix': PhoenixDialect.phoenix,
  phoenix: PhoenixDialect.phoenix,
  'realtime-js': PhoenixDialect.supabase,
  centrifuge: () => new CentrifugeDialect(),
  'socket-io': () => new SocketIoDialect(),
  pusher: () => new PusherDialect(),
  partysocket: () => new PlainDialect(),
};
