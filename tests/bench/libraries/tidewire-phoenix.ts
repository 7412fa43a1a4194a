/** tidewire on Phoenix Channels. */
import { PhoenixDialect } from '../dialects/phoenix.js';
import { tidewire } from './tidewire-client.js';

export const library = tidewire(() => PhoenixDialect.phoenix(), { protocol: 'phoenix' });
