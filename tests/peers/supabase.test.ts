/** The official Supabase Realtime client against the reference server. */
import { officialSupabase } from './official-supabase.js';
import { run } from './scenario.js';
import { access } from './supabase/access.js';
import { broadcasts } from './supabase/broadcasts.js';
import { changes } from './supabase/changes.js';
import { presences } from './supabase/presences.js';
import { recovery } from './supabase/recovery.js';

const table = { ...broadcasts, ...presences, ...changes, ...access, ...recovery };

// Twice the same one: what is compared between libraries is the same from run to run.
run('supabase', table, [officialSupabase, officialSupabase]);
