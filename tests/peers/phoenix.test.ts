/** The official Phoenix client and tidewire against the reference server. */
import { officialPhoenix } from './official-phoenix.js';
import { failures } from './phoenix/failures.js';
import { messages } from './phoenix/messages.js';
import { run } from './scenario.js';
import { tidewirePhoenix } from './tidewire-phoenix.js';

// The official client twice, so that the compared frames are known to be equal from run to run.
run('phoenix', { ...messages, ...failures }, [officialPhoenix, officialPhoenix, tidewirePhoenix]);
