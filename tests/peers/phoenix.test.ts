/** The official Phoenix client against the reference server. */
import { officialPhoenix } from './official-phoenix.js';
import { messages } from './phoenix/messages.js';
import { troubles } from './phoenix/troubles.js';
import { run } from './scenario.js';

// Twice the same one: what is compared between libraries is the same from run to run.
run('phoenix', { ...messages, ...troubles }, [officialPhoenix, officialPhoenix]);
