/** How each form of a reference to a module of an older system is rewritten. */
import { describe, expect, it } from 'vitest';
import { rewrite } from '../../migrate/src/rewrite.js';

interface Options {
  from?: string;
  file?: string;
  map?: Record<string, string>;
  packages?: string[];
  renames?: boolean;
}

const run = (
  source: string,
  { from, file = 'src/app.tsx', map = {}, packages = [], renames = false }: Options = {},
) =>
  rewrite(source, {
    from,
    file,
    map: new Map(Object.entries(map)),
    packages: new Set(packages),
    renames,
  });

const HOOKS = { from: 'supabase-hooks' };

describe('imports', () => {
  it.each<[what: string, before: string, after: string, given?: Options]>([
    [
      'names',
      `import { useRealTimeStats } from '@/hooks/useRealTimeStats';`,
      `import { useRealTimeStats } from 'tidewire/legacy/supabase-hooks';`,
    ],
    [
      'names in other quotes, with a local name, and without a semicolon',
      `import {addNotification  as add,useNotifications} from "~/lib/realtime" // toasts`,
      `import {addNotification  as add,useNotifications} from "tidewire/legacy/supabase-hooks" // toasts`,
    ],
    [
      'types',
      `import type { Notification } from '@/lib/realtime';\nimport { type Call, CallTracker } from './realtime/CallTracker';`,
      `import type { Notification } from 'tidewire/legacy/supabase-hooks';\nimport { type Call, CallTracker } from 'tidewire/legacy/supabase-hooks';`,
    ],
    [
      'other names are kept',
      `import { supabase, useRealtimeChannel, channel as room } from '@/lib/realtime';`,
      `import { supabase, channel as room } from '@/lib/realtime';\nimport { useRealtimeChannel } from 'tidewire/legacy/supabase-hooks';`,
    ],
    [
      'the last name of a list',
      `import {\n  supabase, // ours\n  useRealtimeChannel,\n} from '@/lib/realtime';\n`,
      `import {\n  supabase, // ours\n} from '@/lib/realtime';\nimport { useRealtimeChannel } from 'tidewire/legacy/supabase-hooks';\n`,
    ],
    [
      'a default is kept',
      `import client, { supabase, useRealTimeStats } from '@/lib/realtime';`,
      `import client, { supabase } from '@/lib/realtime';\nimport { useRealTimeStats } from 'tidewire/legacy/supabase-hooks';`,
    ],
    [
      'a default is kept when all names are moved',
      `import client, { useRealTimeStats } from '@/lib/realtime';`,
      `import client from '@/lib/realtime';\nimport { useRealTimeStats } from 'tidewire/legacy/supabase-hooks';`,
    ],
    [
      'a default that has the name of its module',
      `import useChannel from '../hooks/use-realtime-channel.js';`,
      `import { useRealtimeChannel as useChannel } from 'tidewire/legacy/supabase-hooks';`,
    ],
    [
      'a default that the entry exports',
      `import client from '@/services/realtimeClient';`,
      `import client from 'tidewire/legacy/lazy-client';`,
      { from: 'lazy-client' },
    ],
    [
      'a namespace',
      `import * as realtime from '@/lib/realtime';\nrealtime.useNotifications();`,
      `import * as realtime from 'tidewire/legacy/supabase-hooks';\nrealtime.useNotifications();`,
    ],
    [
      'import = require()',
      `import realtime = require('@/lib/realtime');\nrealtime.addNotification({});`,
      `import realtime = require('tidewire/legacy/supabase-hooks');\nrealtime.addNotification({});`,
      { ...HOOKS, file: 'src/app.ts' },
    ],
    [
      'two imports of one entry are merged',
      `import { useRealTimeStats } from '@/hooks/useRealTimeStats';\nimport { a } from 'a';\nimport { useRealTimeCallCount } from '@/hooks/useRealTimeCallCount';\n\na();`,
      `import { useRealTimeStats, useRealTimeCallCount } from 'tidewire/legacy/supabase-hooks';\nimport { a } from 'a';\n\na();`,
    ],
    [
      'a long import is split into lines',
      `import { useRealTimeCallUpdates, useRealTimeCallCount, useRealTimeStats, useRealtimeWithRetry, supabase } from '@/lib/realtime';`,
      `import { supabase } from '@/lib/realtime';\nimport {\n  useRealTimeCallUpdates,\n  useRealTimeCallCount,\n  useRealTimeStats,\n  useRealtimeWithRetry,\n} from 'tidewire/legacy/supabase-hooks';`,
    ],
    [
      'CRLF, tabs and a byte order mark',
      `\uFEFF\timport { addNotification, x } from '@/lib/realtime';\r\n\tx();\r\n`,
      `\uFEFF\timport { x } from '@/lib/realtime';\r\nimport { addNotification } from 'tidewire/legacy/supabase-hooks';\r\n\tx();\r\n`,
    ],
    [
      'the first version, by its path',
      `import { useWebSocket } from '@/hooks/useWebSocket';\nimport { useBillTracking } from '@/core/realtime';`,
      `import { useWebSocket } from 'tidewire/legacy/core-realtime/v1';\nimport { useBillTracking } from 'tidewire/legacy/core-realtime';`,
      { from: 'core-realtime' },
    ],
    [
      'deep paths',
      `import { UnifiedWebSocketManager } from '../../core/realtime/websocket/manager';`,
      `import { UnifiedWebSocketManager } from 'tidewire/legacy/core-realtime/websocket/manager';`,
      { from: 'core-realtime' },
    ],
    [
      'by --map, however it is written',
      `import { addNotification } from '../stores/ui/index.js';`,
      `import { addNotification } from 'tidewire/legacy/supabase-hooks';`,
      { file: 'src/pages/a.tsx', map: { '@/stores/ui': 'tidewire/legacy/supabase-hooks' } },
    ],
    [
      'by --map to an unknown module',
      `import { anything } from '@/stores/ui';`,
      `import { anything } from './new/ui';`,
      { map: { '@/stores/ui': './new/ui' } },
    ],
    [
      'by --map, whatever the path',
      `import { addNotification } from '@/stores/ui';`,
      `import { addNotification } from 'tidewire/legacy/supabase-hooks';`,
      { map: { '@/stores/ui': 'tidewire/legacy/supabase-hooks' } },
    ],
  ])('%s', (_, before, after, given = HOOKS) => {
    const outcome = run(before, given);
    expect(outcome.text).toBe(after);
    expect(outcome.failure).toBe(undefined);
    const again = run(outcome.text, given);
    expect(again, 'again').toMatchObject({ text: after, isChanged: false });
  });

  it.each<[what: string, source: string, given?: Options]>([
    [
      'of packages',
      `import { useRealtimeChannel } from 'realtime-kit/hooks';`,
      { ...HOOKS, packages: ['realtime-kit'] },
    ],
    ['of tidewire', `import { useRealtimeChannel } from 'tidewire/react';`],
    ['of other modules', `import { useRealtimeChannel } from '@/lib/channels';`],
    ['types of the app', `import type { Call } from '@/types/call';`],
    ['a name that may be the app’s own', `import { EventEmitter } from '@/lib/event-emitter';`, {}],
    ['without a name of an older system', `import { supabase } from '@/lib/realtime';`],
    ['for an effect', `import '@/lib/realtime';`],
    [
      'in strings and comments',
      `// import { CallTracker } from '@/lib/realtime';\nconst text = "from '@/lib/realtime'";`,
    ],
  ])('unchanged: %s', (_, source, given = HOOKS) => {
    expect(run(source, given)).toMatchObject({ text: source, isChanged: false });
  });
});

describe('without --from', () => {
  it('the family is inferred from the names', () => {
    const source = `import { useRealtime, channelManager } from '@/lib/realtime';`;
    expect(run(source).text).toBe(source.replace('@/lib/realtime', 'tidewire/legacy/broadcast'));
  });

  it('an ambiguous import is unchanged and reported', () => {
    const source = `\nimport { useInterviews } from '@/lib/realtime';`;
    expect(run(source)).toEqual({
      text: source,
      isChanged: false,
      notes: [`2: '@/lib/realtime' may belong to several families: pass --from to choose one`],
    });
  });
});

it('a name that no entry exports is reported', () => {
  const source = `import { supabase, useNotifications } from '@/lib/realtime';`;
  expect(run(source, HOOKS).notes).toEqual([`1: '@/lib/realtime' keeps supabase: no entry has it`]);
  const whole = `import * as realtime from '@/lib/realtime';\nrealtime.supabase.from('calls');`;
  expect(run(whole, HOOKS)).toMatchObject({
    isChanged: false,
    notes: [`1: '@/lib/realtime' is taken as a whole, and no one entry has what is used of it`],
  });
});

it('a file that cannot be parsed is unchanged and reported', () => {
  const source = `import { from '@/lib/realtime'`;
  expect(run(source)).toMatchObject({ text: source, failure: expect.stringContaining('1:') });
});

describe('other ways to name a module', () => {
  const moved = (source: string) =>
    source.replaceAll('@/lib/realtime', 'tidewire/legacy/supabase-hooks');
  it.each([
    `export { useRealTimeStats as useStats, type Call } from '@/lib/realtime';`,
    `export * from '@/lib/realtime';`,
    `export * as realtime from '@/lib/realtime';`,
    `export type { Notification } from '@/lib/realtime';`,
    `const { useRealTimeStats, addNotification: add } = require('@/lib/realtime');`,
    `const realtime = require('@/lib/realtime');\nrealtime.addNotification();`,
    `const add = require('@/lib/realtime').addNotification;`,
    `const { CallTracker } = await import('@/lib/realtime');`,
    `const Tracker = lazy(() => import('@/lib/realtime').then((m) => ({ default: m.CallTracker })));`,
    `import('@/lib/realtime').then(({ addNotification }) => addNotification({}));`,
    `vi.mock('@/lib/realtime', () => ({ useRealTimeStats: vi.fn() }));`,
    `jest.mock("@/lib/realtime");`,
    `const actual = await vi.importActual<typeof import('@/lib/realtime')>('@/lib/realtime');`,
    `const actual = jest.requireActual('@/lib/realtime');`,
    `type Row = import('@/lib/realtime').Call;`,
  ])('%s', (source) => {
    expect(run(source, HOOKS).text).toBe(moved(source));
    expect(run(moved(source), HOOKS).isChanged).toBe(false);
  });

  it.each([
    `const { supabase } = require('@/lib/realtime');`,
    `const url = require('@/lib/realtime').url;`,
    `const { url } = await import('@/lib/realtime');`,
    `load('@/lib/realtime');`,
    `other.mock('@/lib/realtime');`,
  ])('unchanged: %s', (source) => {
    expect(run(source, HOOKS).text).toBe(source);
  });

  it('a re-exported default', () => {
    const source = `export { default, supabase } from './useRealtimeChannel';`;
    expect(run(source, HOOKS).text).toBe(
      `export { supabase } from './useRealtimeChannel';\nexport { useRealtimeChannel as default } from 'tidewire/legacy/supabase-hooks';`,
    );
  });

  it('an export is split', () => {
    expect(run(`export { supabase, CallTracker } from '@/lib/realtime';`, HOOKS).text).toBe(
      `export { supabase } from '@/lib/realtime';\nexport { CallTracker } from 'tidewire/legacy/supabase-hooks';`,
    );
  });
});

describe('--renames', () => {
  const RENAMED = { from: 'interviews', renames: true };
  const head = (names: string) => `import { ${names} } from 'tidewire/legacy/interviews';`;

  it.each<[what: string, before: string, after: string, given?: Options]>([
    [
      'an import, and every use of it',
      `import { useInterviews } from '@/lib/realtime';\nconst rows = useInterviews().map((row) => row.useInterviews);`,
      `${head('useRealtimeInterviews')}\nconst rows = useRealtimeInterviews().map((row) => row.useInterviews);`,
    ],
    [
      'names that were migrated before',
      `${head('useInterview, useInterviewPresence')}\nuseInterview(useInterviewPresence);`,
      `${head('useRealtimeInterview, useRealtimePresence')}\nuseRealtimeInterview(useRealtimePresence);`,
    ],
    [
      'a local name is kept',
      `${head('useInterviews as useRows')}\nuseRows();`,
      `${head('useRealtimeInterviews as useRows')}\nuseRows();`,
    ],
    [
      'a new name that is in use',
      `${head('useInterviews')}\nfunction useRealtimeInterviews() {\n  return useInterviews();\n}`,
      `${head('useRealtimeInterviews as useInterviews')}\nfunction useRealtimeInterviews() {\n  return useInterviews();\n}`,
    ],
    [
      'a parameter of the same name is kept',
      `${head('useInterview')}\nconst f = (useInterview) => useInterview();\nuseInterview();`,
      `${head('useRealtimeInterview')}\nconst f = (useInterview) => useInterview();\nuseRealtimeInterview();`,
    ],
    [
      'members, and exports',
      `${head('useInterview')}\nexport const api = { useInterview, get: useInterview };\nexport { useInterview };`,
      `${head('useRealtimeInterview')}\nexport const api = { useInterview: useRealtimeInterview, get: useRealtimeInterview };\nexport { useRealtimeInterview as useInterview };`,
    ],
    [
      'a re-export',
      `export { useInterviews } from '@/lib/realtime';`,
      `export { useRealtimeInterviews as useInterviews } from 'tidewire/legacy/interviews';`,
    ],
    [
      'a mock of a test',
      `vi.mock('@/lib/realtime', () => ({ useInterviews: vi.fn(), other }));`,
      `vi.mock('tidewire/legacy/interviews', () => ({ useRealtimeInterviews: vi.fn(), other }));`,
    ],
    [
      'components',
      `import { RealtimeProvider } from '@/lib/realtime';\nexport const App = () => <RealtimeProvider RealtimeProvider={1}><b /></RealtimeProvider>;`,
      `import { BroadcastRealtimeProvider } from 'tidewire/legacy/broadcast';\nexport const App = () => <BroadcastRealtimeProvider RealtimeProvider={1}><b /></BroadcastRealtimeProvider>;`,
      { from: 'broadcast', renames: true },
    ],
    [
      'another spelling',
      `import { useRealtimeEngagement } from '@/core/realtime';\nuseRealtimeEngagement();`,
      `import { useRealTimeEngagement } from 'tidewire/legacy/core-realtime';\nuseRealTimeEngagement();`,
      { from: 'core-realtime', renames: true },
    ],
  ])('%s', (_, before, after, given = RENAMED) => {
    expect(run(before, given).text).toBe(after);
    expect(run(after, given).isChanged).toBe(false);
  });

  it('nothing is renamed without --renames', () => {
    const source = head('useInterviews');
    expect(run(source, { from: 'interviews' }).isChanged).toBe(false);
  });
});
