/** tidewire on a base server: no feature of the native protocol. */
import { TidewireDialect } from '../dialects/tidewire.js';
import { tidewire } from './tidewire-client.js';

export const library = tidewire(() => new TidewireDialect([]), {});
