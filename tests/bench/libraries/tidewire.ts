/** tidewire on its own protocol with every feature on. */
import { ALL_FEATURES, TidewireDialect } from '../dialects/tidewire.js';
import { tidewire } from './tidewire-client.js';

export const library = tidewire(() => new TidewireDialect(ALL_FEATURES), {});
