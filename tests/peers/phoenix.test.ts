/** The official Phoenix client and tidewire against the reference server. */
import { officialPhoenix } from './official-phoenix.js';
import { messages } from './phoenix/messages.js';
import { troubles } from './phoenix/troubles.js';
import { run } from './scenario.js';
import { tidewirePhoenix } from './tidewire-phoenix.js';

// The official one twice: what is compared between libraries is the same from run to run.
run('phoenix', { ...messages, ...troubles }, [officialPhoenix, officialPhoenix, tidewirePhoenix]);
