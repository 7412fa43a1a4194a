/** The official Supabase Realtime client and tidewire against the reference server. */
import { officialSupabase } from './official-supabase.js';
import { run } from './scenario.js';
import { access } from './supabase/access.js';
import { broadcasts } from './supabase/broadcasts.js';
import { changes } from './supabase/changes.js';
import { presences } from './supabase/presences.js';
import { recovery } from './supabase/recovery.js';
import { tidewireSupabase } from './tidewire-supabase.js';

const table = { ...broadcasts, ...presences, ...changes, ...access, ...recovery };

// The official client twice, so that the compared frames are known to be equal from run to run.
run('supabase', table, [officialSupabase, officialSupabase, tidewireSupabase]);
