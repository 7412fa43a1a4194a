/** A page with the older hooks: a signed-in user, rows of the test, and a running engine. */
import { vi } from 'vitest';
import type {
  LegacyNotice,
  LegacyRows,
  LegacyWhere,
} from '../../../pkg-template/src/legacy/index.js';
import { measured } from '../counters.js';
import { type EngineDouble, report } from '../page.js';
import { freshStage, happen } from '../react/stage.js';

/** The signed-in user. */
export const ANN = {
  user: { id: 'ann', email: 'ann@demo.test' },
  profile: { name: 'Ann', company_id: 'acme', avatar_url: null },
  session: { access_token: 'token' },
};

/** The metrics of the engine. */
const MEASURED = measured({ connectTime: 1_000 }, { last: 20, p50: 15, p99: 30, jitter: 1 });

/** Rows of a backend; each function can be replaced. */
export function fakeRows() {
  return {
    load: vi.fn<(table: string, where: LegacyWhere) => Promise<never[]>>(async () => []),
    insert: vi.fn<LegacyRows['insert']>(async (_table, where, row) => ({
      id: 'stored',
      ...where,
      ...row,
    })),
    update: vi.fn<LegacyRows['update']>(async (_table, _where, id, patch) => ({ id, ...patch })),
    remove: vi.fn<LegacyRows['remove']>(async () => {}),
  };
}

/** The package, its older hooks, and an engine: of a native client, or of one for Supabase. */
export async function legacyStage(protocol: 'tidewire' | 'supabase' = 'tidewire') {
  const stage = await freshStage();
  const { configureLegacy, legacyConfig } = await import(
    '../../../pkg-template/src/legacy/index.js'
  );
  const interviews = await import('../../../pkg-template/src/legacy/interviews/index.js');
  const broadcast = await import('../../../pkg-template/src/legacy/broadcast/index.js');
  const data = fakeRows();
  const notices: LegacyNotice[] = [];
  const auth = vi.fn<() => typeof ANN | null>(() => ANN);
  const client =
    protocol === 'tidewire'
      ? stage.realtimeClient
      : stage.createRealtimeClient({ protocol, url: 'https://project.test', apiKey: 'key' });
  const options = {
    client,
    data,
    auth: auth as () => typeof ANN,
    notify: (n: LegacyNotice) => void notices.push(n),
  };
  const supabase = { auth: { getSession: vi.fn(), onAuthStateChange: vi.fn() }, from: vi.fn() };
  configureLegacy(protocol === 'supabase' ? { ...options, supabase } : options);
  let { engine } = stage;
  if (protocol === 'supabase') {
    const started = stage.double.nextEngine();
    client.subscribe('base', {});
    engine = await started;
  }
  engine.metrics = () => MEASURED;
  return {
    ...stage,
    interviews,
    broadcast,
    configureLegacy,
    legacyConfig,
    data,
    notices,
    auth,
    client,
    engine,
    /** The client is ready. */
    connect: () => happen(() => report(engine).state('ready')),
    /** The channel is joined. */
    join: (channel: string) => happen(() => joined(engine, channel)),
  };
}

/** Reports that a channel is joined. */
export function joined(engine: EngineDouble, channel: string): void {
  report(engine).channel(channel, 'ready', 'fresh');
}

export type LegacyStage = Awaited<ReturnType<typeof legacyStage>>;
