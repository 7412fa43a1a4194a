/** The older provider and hooks of a project, with an engine double. */
import { type ReactNode, StrictMode, useEffect } from 'react';
import { renderToString } from 'react-dom/server';
import { beforeEach, expect, it, vi } from 'vitest';
import type {
  ImprovedRealtime,
  InterviewRealtime,
} from '../../../pkg-template/src/legacy/interviews/index.js';
import { engineError, report } from '../page.js';
import { happen, type Mounted, members, mount, reactWarnings } from '../react/stage.js';
import { ANN, type LegacyStage, legacyStage } from './stage.js';

let stage: LegacyStage;
let improved: ImprovedRealtime;
let first: InterviewRealtime;

beforeEach(async () => {
  stage = await legacyStage('supabase');
});

const CHANNEL = 'company-acme-project-p1';

function Project(): ReactNode {
  improved = stage.interviews.useImprovedRealtime();
  first = stage.interviews.useInterviewRealtime();
  return <stage.interviews.ConnectionIndicator />;
}

function mountProject(children: ReactNode = null): Promise<Mounted> {
  const { InterviewRealtimeWrapper } = stage.interviews;
  return mount(
    <StrictMode>
      <InterviewRealtimeWrapper>
        <Project />
        {children}
      </InterviewRealtimeWrapper>
    </StrictMode>,
  );
}

/** The rows of the three tables, as the engine reports them. */
const reportRows = (interviews: object[], notes: object[] = [], replies: object[] = []) =>
  happen(() => {
    const opened = stage.engine.of('openCollection').map(([number]) => number);
    for (const [at, rows] of [interviews, notes, replies].entries()) {
      report(stage.engine).collection(opened[at], { rows: rows as { id: string }[] });
    }
  });

/** Shows the project, until it is live. */
async function live(...rows: Parameters<typeof reportRows>): Promise<void> {
  await happen(() => void improved.subscribeToProject('p1'));
  await stage.connect();
  await stage.join(CHANNEL);
  await reportRows(...rows);
}

const colour = ({ element }: Mounted): [string | undefined, string | null | undefined] => {
  const dot = element.querySelector('span');
  return [dot?.className.split('-').at(-1), dot?.getAttribute('title')];
};

it('before there is a project nothing is shown, and only the first hook is loading', async () => {
  const mounted = await mountProject();
  expect(improved).toMatchObject({
    interviews: [],
    notes: {},
    presence: {},
    connectionState: 'disconnected',
    isLoading: false,
    error: null,
  });
  expect(first).toMatchObject({ isLoading: true, isSubscribed: false });
  expect(colour(mounted)).toEqual(['yellow', 'Connecting…']);
});

it('connected only once the rows are loaded; live changes are shown, and deleted interviews remove their notes', async () => {
  const mounted = await mountProject();
  let settled = false;
  await happen(() => void improved.subscribeToProject('p1').then(() => (settled = true)));
  await stage.connect();
  await stage.join(CHANNEL);
  expect(improved).toMatchObject({ connectionState: 'connecting', isLoading: true });
  expect(settled).toBe(false);
  const interview = { id: '1', title: 'one', project_id: 'p1' };
  const note = { id: 'n', interview_id: '1', content: 'x' };
  await reportRows([interview], [note]);
  expect(settled).toBe(true);
  expect(improved).toMatchObject({ connectionState: 'connected', isLoading: false });
  expect(colour(mounted)).toEqual(['green', 'Connected']);
  expect(improved.interviews).toMatchObject([{ title: 'one', note_count: 1 }]);
  expect(improved.notes).toMatchObject({ 1: [{ content: 'x', replies: [] }] });
  const { notes } = improved;
  await reportRows([interview, { id: '2', title: 'two' }], [note]);
  expect(improved.interviews).toHaveLength(2);
  expect(improved.notes, 'what did not change is the same').toBe(notes);
  await reportRows([{ id: '2', title: 'two' }], [note]);
  expect(improved.notes).toEqual({});
});

it('deleted notes and deleted replies are hidden; replies are in their note, oldest first', async () => {
  await mountProject();
  const reply = (id: string, more: object = {}) => ({ id, note_id: 'n', content: id, ...more });
  await live(
    [{ id: '1' }],
    [
      { id: 'n', interview_id: '1', content: 'x' },
      { id: 'gone', interview_id: '1', content: 'y', is_deleted: true },
    ],
    [
      reply('b', { created_at: '2026-01-02' }),
      reply('gone', { is_deleted: true }),
      reply('a', { created_at: '2026-01-01' }),
    ],
  );
  const [shown, ...others] = improved.notes[1] ?? [];
  expect(others).toEqual([]);
  expect(shown?.replies.map(({ id }) => id)).toEqual(['a', 'b']);
});

it('joined members of loaded rows are kept when the rows change: profiles by author, personas by interview', async () => {
  await mountProject();
  const bob = { id: 'bob', name: 'Bob' };
  const persona = { id: 'x', tags: ['calm'] };
  await live(
    [{ id: '1', created_by: 'bob', created_by_profile: bob, ai_persona_definition: persona }],
    [],
  );
  await reportRows(
    [{ id: '1', created_by: 'bob', title: 'changed' }],
    [
      { id: 'n', interview_id: '1', created_by: 'bob' },
      { id: 'own', interview_id: '1', created_by: 'ann' },
    ],
    [{ id: 'r', note_id: 'n', created_by: 'ann' }],
  );
  expect(improved.interviews).toMatchObject([
    { title: 'changed', created_by_profile: bob, ai_persona_definition: persona },
  ]);
  const own = { id: 'ann', name: 'Ann' };
  expect(improved.notes[1]).toMatchObject([
    { created_by_profile: bob, replies: [{ created_by_profile: own }] },
    { created_by_profile: own },
  ]);
});

it('the state follows later disconnections, and recovers', async () => {
  const mounted = await mountProject();
  await live([{ id: '1' }]);
  await happen(() =>
    report(stage.engine).channel(CHANNEL, 'joining', 'fresh', undefined, 'connection_down'),
  );
  await happen(() => report(stage.engine).state('reconnecting', 'connection_lost'));
  expect(improved.connectionState).toBe('connecting');
  expect(first.isSubscribed).toBe(false);
  expect(colour(mounted)[0]).toBe('yellow');
  expect(improved.interviews, 'what is known stays').toHaveLength(1);
  await stage.connect();
  await stage.join(CHANNEL);
  expect(improved.connectionState).toBe('connected');
});

it('failures are in error, and subscribeToProject resolves', async () => {
  const mounted = await mountProject();
  let settled = false;
  await happen(() => void improved.subscribeToProject('p1').then(() => (settled = true)));
  await happen(() =>
    report(stage.engine).channel(
      CHANNEL,
      'failed',
      'fresh',
      engineError('forbidden'),
      'join_refused',
    ),
  );
  expect(settled).toBe(true);
  expect(improved).toMatchObject({ connectionState: 'error', error: { code: 'forbidden' } });
  expect(colour(mounted)).toEqual(['red', 'Connection error: It is forbidden.']);
});

it('without a company there is an error, and nothing is subscribed to', async () => {
  await mountProject();
  stage.auth.mockReturnValue(null);
  await happen(() => void improved.subscribeToProject('p1'));
  expect(improved.error?.message).toBe('No company context');
  expect(stage.engine.of('subscribe').map(([, name]) => name)).not.toContain(CHANNEL);
});

it('a project that is requested before sign-in is shown after it', async () => {
  let signedIn: typeof ANN | null = null;
  let notify = (): void => {};
  stage.configureLegacy({
    client: stage.client,
    data: stage.data,
    supabase: { auth: { getSession: vi.fn(), onAuthStateChange: vi.fn() }, from: vi.fn() },
    auth: {
      getSnapshot: () => signedIn,
      subscribe: (listener) => {
        notify = listener;
        return () => {};
      },
    },
  });
  await mountProject();
  await happen(() => void improved.subscribeToProject('p1'));
  expect(improved.error?.message).toBe('No company context');
  signedIn = ANN;
  await happen(notify);
  await stage.join(CHANNEL);
  await reportRows([{ id: '1' }]);
  expect(improved).toMatchObject({ connectionState: 'connected', error: null });
});

it('the same project again makes no new subscription; another one replaces it; unsubscribe resets all', async () => {
  await mountProject();
  await live([{ id: '1' }]);
  const opened = stage.engine.of('openCollection').length;
  await happen(() => void improved.subscribeToProject('p1'));
  expect(stage.engine.of('openCollection')).toHaveLength(opened);
  await happen(() => void improved.subscribeToProject('p2'));
  expect(members(stage.engine, CHANNEL)).toEqual([]);
  expect(members(stage.engine, 'company-acme-project-p2').length).toBeGreaterThan(0);
  await happen(() => void improved.unsubscribe());
  expect(members(stage.engine, 'company-acme-project-p2')).toEqual([]);
  expect(improved).toMatchObject({ interviews: [], connectionState: 'disconnected' });
});

it('unmounting the provider releases everything, but keeps the channel joined', async () => {
  const mounted = await mountProject();
  await live([{ id: '1' }]);
  await mounted.unmount();
  expect(members(stage.engine, CHANNEL)).toEqual([]);
  expect(stage.interviews.channelRegistry.getChannelStats()).toMatchObject({
    totalChannels: 1,
    channels: [{ key: CHANNEL, referenceCount: 0 }],
  });
});

it('trackPresence before the channel is joined takes effect after the join', async () => {
  await mountProject();
  await happen(() => void improved.trackPresence('i1'));
  await happen(() => void improved.subscribeToProject('p1'));
  const metas = () => stage.engine.of('presence').map(([, , , , meta]) => JSON.parse(String(meta)));
  expect(metas()).toEqual([]);
  await stage.join(CHANNEL);
  expect(metas()).toMatchObject([
    { user_id: 'ann', user_name: 'Ann', email: 'ann@demo.test', interview_id: 'i1' },
  ]);
});

it('an effect that depends on the context’s functions tracks once, however often the project changes', async () => {
  const Detail = ({ of }: { of: 'useImprovedRealtime' | 'useInterviewRealtime' }): ReactNode => {
    const { trackPresence, untrackPresence } = stage.interviews[of]();
    useEffect(() => {
      trackPresence('i1');
      return () => {
        untrackPresence();
      };
    }, [trackPresence, untrackPresence]);
    return null;
  };
  for (const hook of ['useImprovedRealtime', 'useInterviewRealtime'] as const) {
    const { InterviewRealtimeWrapper } = stage.interviews;
    const mounted = await mount(
      <InterviewRealtimeWrapper>
        <Project />
        <Detail of={hook} />
      </InterviewRealtimeWrapper>,
    );
    const before = stage.engine.of('presence').length;
    await live([{ id: '1' }]);
    for (const desk of [1, 2, 3]) {
      const metas = [{ user_id: 'ann', interview_id: 'i1', desk }];
      await happen(() => report(stage.engine).presence(CHANNEL, ['join', 'ann', metas, metas]));
    }
    expect(stage.engine.of('presence').slice(before)).toHaveLength(1);
    await mounted.unmount();
    stage = await legacyStage('supabase');
  }
});

it('presence that could not be tracked is tracked once the channel is joined again', async () => {
  await mountProject();
  await live([{ id: '1' }]);
  const { trackUser } = stage.interviews.PresenceManager.prototype;
  const track = vi.spyOn(stage.interviews.PresenceManager.prototype, 'trackUser');
  track.mockRejectedValueOnce(Error('Channel not connected'));
  await happen(() => void improved.trackPresence('i1'));
  expect(stage.engine.of('presence')).toEqual([]);
  track.mockImplementation(trackUser);
  await stage.join(CHANNEL);
  const metas = stage.engine.of('presence').map(([, , , , meta]) => JSON.parse(String(meta)));
  expect(metas).toMatchObject([{ user_id: 'ann', interview_id: 'i1' }]);
});

it('the first context: its second argument is used, it sends, and measures', async () => {
  await mountProject();
  await live([{ id: '1' }]);
  await happen(() => void first.trackPresence('i1', { userId: 'x', userName: 'X', desk: 4 }));
  const meta = stage.engine.of('presence').at(-1)?.[4];
  expect(JSON.parse(meta as string)).toMatchObject({ user_id: 'x', user_name: 'X', desk: 4 });
  await happen(() => void first.broadcastEvent('note-created', { noteId: 'n' }));
  const [, channel, text, , event] = stage.engine.of('send').at(-1) ?? [];
  expect([channel, event, text]).toEqual(['project-realtime-p1', 'note-created', '{"noteId":"n"}']);
  await happen(() => report(stage.engine).state('reconnecting', 'heartbeat_timeout'));
  expect(first.getConnectionQuality()).toEqual({
    lastSuccessfulPing: expect.any(Number),
    failedPings: 1,
    averageLatency: 15,
    isStable: false,
  });
  await happen(() =>
    report(stage.engine).presence(CHANNEL, [
      'join',
      'x',
      [{ user_id: 'x', interview_id: 'i1', online_at: '2026-01-01T00:00:00.000Z', desk: 4 }],
      [],
    ]),
  );
  const entry = { userId: 'x', onlineAt: '2026-01-01T00:00:00.000Z', desk: 4 };
  expect(first.presence.i1).toEqual([entry]);
  expect(improved.presence.i1?.[0]?.onlineAt).toEqual(new Date('2026-01-01'));
  await happen(() => void first.forceRefreshData());
  expect(stage.engine.of('reload')).toHaveLength(3);
});

it('a component renders only if its part changed', async () => {
  const rendered = vi.fn();
  const Members = (): ReactNode => {
    rendered(stage.interviews.useRealtimePresence('i1'), stage.interviews.useAllPresence());
    return null;
  };
  await mountProject(<Members />);
  await live([{ id: '1' }]);
  rendered.mockClear();
  await reportRows([{ id: '2' }]);
  expect(rendered).not.toHaveBeenCalled();
});

it('outside of the wrapper every hook throws, and names itself and the provider', async () => {
  reactWarnings();
  const { useImprovedRealtime, useRealtimeInterviews } = stage.interviews;
  const Context = (): ReactNode => String(useImprovedRealtime().isLoading);
  const Part = (): ReactNode => useRealtimeInterviews().length;
  await expect(mount(<Context />)).rejects.toThrow(
    /useImprovedRealtime must be used within an ImprovedRealtimeProvider/,
  );
  await expect(mount(<Part />)).rejects.toThrow(/useRealtimeInterviews .*ImprovedRealtimeProvider/);
});

it('renders on a server without a project', () => {
  const { InterviewRealtimeWrapper } = stage.interviews;
  const html = renderToString(
    <InterviewRealtimeWrapper>
      <Project />
    </InterviewRealtimeWrapper>,
  );
  expect(html).toContain('Connecting');
});

it('each family keeps its own meaning of the names that both have', () => {
  const { interviews, broadcast } = stage;
  expect(interviews.useInterviewNotes).not.toBe(broadcast.useInterviewNotes);
  expect(interviews.useInterviews).toBe(interviews.useRealtimeInterviews);
  expect(broadcast.useInterviews).toBe(broadcast.useBroadcastInterviews);
  expect('ConnectionManager' in broadcast).toBe(false);
});
