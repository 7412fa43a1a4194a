/** The older hooks of interviews that are updated by database changes, in Chromium, on both backends. */
import type { InterviewsPage } from '../site/interview-hooks/interviews.js';
import type { AppTab } from '../support/app.js';
import { type Backend, closeHooks, openHooks, type Place } from '../support/interview-hooks.js';
import { interviewServer } from '../support/interview-tables.js';
import type { ReferenceServer } from '../support/server.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

type Tab = AppTab<InterviewsPage>;

test.use({ serverOptions: interviewServer });

const CHANNEL = 'company-acme-project-p1';

const state = (tab: Tab) => tab.page.locator('#state');

/** Opens the app for a user and waits until the project is live. */
async function open(place: Place, user: string, backend: Backend = 'supabase'): Promise<Tab> {
  const tab: Tab = await openHooks(place, 'interviews', user, backend);
  await expect(state(tab)).toHaveText('connected');
  return tab;
}

/** Stores a row as another client. */
async function store(server: ReferenceServer, table: string, row: object, id?: string) {
  const answer = await fetch(`${server.origin}/rest/v1/${table}${id ? `?id=eq.${id}` : ''}`, {
    method: id ? 'PATCH' : 'POST',
    headers: {
      apikey: signToken({ role: 'service_role' }),
      'content-type': 'application/json',
      prefer: 'return=representation',
    },
    body: JSON.stringify(row),
  });
  const body = await answer.text();
  expect(answer.ok, body).toBe(true);
  return JSON.parse(body)[0] as { id: string };
}

for (const backend of ['supabase', 'native'] as const) {
  test(`${backend}: interviews, notes and replies of two users: live, at once, confirmed, rolled back alone`, async ({
    browser,
    site,
    server,
  }) => {
    const ann = await open({ browser, site, server }, 'ann', backend);
    const bob = await open({ browser, site, server }, 'bob', backend);
    expect(await ann.evaluate(({ hooks }) => hooks.began)).toEqual({
      isLoading: true,
      isSubscribed: false,
    });
    // Shown before it is stored, and with its id afterwards.
    const id = await ann.evaluate(async ({ hooks }) => {
      const created = await hooks.project.createInterview({ title: 'First' });
      return created?.id ?? '';
    });
    expect(id).not.toMatch(/^tmp:/);
    for (const tab of [ann, bob]) {
      await expect.poll(() => tab.items('interviews')).toEqual(['First pending 0']);
      await tab.evaluate(({ show }, which) => show(which), id);
      await expect(tab.page.locator('h1')).toHaveText('First');
    }
    await ann.evaluate(({ hooks }, which) => hooks.project.updateStatus(which, 'completed'), id);
    await ann.evaluate(
      ({ hooks }, which) => hooks.project.updateInterview(which, { title: 'One' }),
      id,
    );
    await ann.evaluate(({ hooks }) => hooks.notes.createNote('Good point'));
    for (const tab of [ann, bob]) {
      await expect.poll(() => tab.items('interviews')).toEqual(['One completed 1']);
      await expect.poll(() => tab.items('notes')).toEqual(['Good point']);
    }
    const note = await bob.evaluate(({ hooks }) => hooks.detail.notes[0]?.id ?? '');
    await bob.evaluate(({ hooks }, which) => hooks.notes.addReply(which, 'Agreed'), note);
    await bob.evaluate(({ hooks }, which) => hooks.notes.createNote('Twice', which), note);
    for (const tab of [ann, bob]) {
      await expect.poll(() => tab.items('notes')).toEqual(['Good point > Agreed > Twice']);
    }
    await bob.evaluate(({ hooks }) =>
      hooks.notes.deleteReply(hooks.detail.notes[0]?.replies.at(-1)?.id ?? ''),
    );
    await ann.evaluate(({ hooks }, which) => hooks.notes.updateNote(which, 'Best point'), note);
    // A rejection rolls back that change alone.
    const rejected = await ann.evaluate(async ({ hooks }, which) => {
      const rejected = hooks.notes.updateNote(which, 'forbidden');
      const shown = hooks.notes.createNote('Another');
      const outcome = await rejected.then(
        () => 'stored',
        (error: Error) => error.message,
      );
      await shown;
      return outcome;
    }, note);
    expect(rejected).toContain('forbidden');
    for (const tab of [ann, bob]) {
      await expect.poll(() => tab.items('notes')).toEqual(['Another', 'Best point > Agreed']);
      expect(await tab.evaluate(({ hooks }) => hooks.aliases)).not.toContain(false);
    }
    await bob.evaluate(({ hooks }, which) => hooks.notes.deleteNote(which), note);
    await expect.poll(() => ann.items('notes')).toEqual(['Another']);
    await ann.evaluate(({ hooks }, which) => hooks.project.deleteInterview(which), id);
    for (const tab of [ann, bob]) {
      await expect.poll(() => tab.items('interviews')).toEqual([]);
      await expect.poll(() => tab.items('notes')).toEqual([]);
      expect(await closeHooks(tab)).toEqual([]);
    }
  });

  test(`${backend}: presence lists the users who view an interview, each once for any number of tabs`, async ({
    browser,
    site,
    server,
  }) => {
    const tabs = [
      await open({ browser, site, server }, 'ann', backend),
      await open({ browser, site, server }, 'bob', backend),
      await open({ browser, site, server }, 'bob', backend),
    ] as const;
    const [ann, bob, second] = tabs;
    for (const tab of tabs) await tab.evaluate(({ show }) => show('i1'));
    const both = ['ann ann@demo.test true', 'bob bob@demo.test true'];
    for (const tab of tabs) {
      await expect.poll(async () => (await tab.items('people')).sort()).toEqual(both);
    }
    await closeHooks(second);
    await ann.evaluate(({ hooks }) => hooks.first.trackPresence('i2', { userId: 'ann', desk: 4 }));
    await expect.poll(() => bob.items('people')).toEqual(['bob bob@demo.test true']);
    await expect
      .poll(() => bob.evaluate(({ hooks }) => hooks.first.presence.i2))
      .toEqual([{ userId: 'ann', desk: 4, onlineAt: expect.stringMatching(/^\d{4}-.*Z$/) }]);
    expect(await bob.evaluate(({ hooks }) => Object.keys(hooks.allPresence).sort())).toEqual([
      'i1',
      'i2',
    ]);
    await ann.evaluate(({ hooks }) => hooks.improved.untrackPresence());
    await expect
      .poll(() => bob.evaluate(({ hooks }) => Object.keys(hooks.allPresence)))
      .toEqual(['i1']);
    await bob.evaluate(({ show }) => show());
    await expect
      .poll(() => ann.evaluate(({ hooks }) => Object.keys(hooks.allPresence)))
      .toEqual([]);
    for (const tab of [ann, bob]) expect(await closeHooks(tab)).toEqual([]);
  });
}

test('after a cut: the state follows, what was missed is shown and emitted, and all is live again', async ({
  browser,
  site,
  server,
}) => {
  const ann = await open({ browser, site, server }, 'ann');
  await store(server, 'interviews', { project_id: 'p1', title: 'Before', status: 'pending' });
  await expect.poll(() => ann.items('interviews')).toEqual(['Before pending 0']);
  const indicator = ann.page.getByRole('img');
  await expect(indicator).toHaveAttribute('title', 'Connected');
  await ann.evaluate(async ({ legacy, project, kept }) => {
    const manager = new legacy.DataSyncManager(project, 'acme', true, 50);
    manager.attachToChannel({ name: `company-acme-project-${project}` });
    const { interviews } = await manager.loadInitialData();
    const received: string[] = interviews.map(({ title }) => `loaded ${title}`);
    for (const kind of ['batchInsert', 'batchUpdate', 'batchDelete'] as const) {
      manager.on(`interviews:${kind}`, (changes: { new: { title?: string } }[]) =>
        received.push(`${kind} ${changes.map(({ new: row }) => row.title)}`),
      );
    }
    Object.assign(kept, { manager, received });
  });
  await ann.page.context().setOffline(true);
  await server.cutSupabase();
  await expect(state(ann)).toHaveText('connecting');
  await expect(indicator).toHaveAttribute('title', 'Connecting…');
  expect(await ann.evaluate(({ hooks }) => hooks.first.isSubscribed)).toBe(false);
  await store(server, 'interviews', { project_id: 'p1', title: 'Missed', status: 'pending' });
  await ann.page.context().setOffline(false);
  await expect(state(ann)).toHaveText('connected');
  const titles = async () => (await ann.items('interviews')).map((item) => item.split(' ')[0]);
  await expect.poll(titles).toEqual(['Missed', 'Before']);
  const received = () => ann.evaluate(({ kept }) => kept.received as string[]);
  await expect.poll(received).toEqual(['loaded Before', 'batchInsert Missed']);
  // Changes within the batch time are emitted together.
  const after = ['A', 'B', 'C', 'D', 'E', 'F'];
  await Promise.all(
    after.map((title) =>
      store(server, 'interviews', { project_id: 'p1', title, status: 'pending' }),
    ),
  );
  await expect.poll(async () => (await titles()).length).toBe(8);
  await expect
    .poll(async () =>
      (await received())
        .join()
        .match(/[A-F]\b/g)
        ?.sort(),
    )
    .toEqual(after);
  const [, , ...batches] = await received();
  expect(batches.length).toBeLessThan(after.length);
  expect(
    await ann.evaluate(async ({ kept }) => {
      const manager = kept.manager as InstanceType<InterviewsPage['legacy']['DataSyncManager']>;
      await manager.forceSync();
      const { isSyncing, errors, lastSyncedAt } = manager.getSyncState();
      manager.destroy();
      return [isSyncing, errors.length, lastSyncedAt instanceof Date];
    }),
  ).toEqual([false, 0, true]);
  expect(await ann.evaluate(({ hooks }) => hooks.first.getConnectionQuality())).toEqual({
    lastSuccessfulPing: expect.any(Number),
    failedPings: 0,
    averageLatency: expect.any(Number),
    isStable: true,
  });
  await ann.evaluate(({ hooks }) => hooks.improved.refresh());
  expect((await titles()).slice(-2)).toEqual(['Missed', 'Before']);
  expect(await closeHooks(ann)).toEqual([]);
});

test('the registry and the managers: one socket, and channels that are counted, kept open and limited', async ({
  browser,
  site,
  server,
}) => {
  const ann = await open({ browser, site, server }, 'ann');
  const bob = await open({ browser, site, server }, 'bob');
  const topics = async () =>
    (await server.supabaseSockets())
      .filter(({ open }) => open)
      .map((socket) => socket.topics.map((topic) => topic.replace('realtime:', '')).sort());
  const shared = await ann.evaluate(async ({ legacy: { channelRegistry } }) => {
    const channels = await Promise.all([
      channelRegistry.getOrCreateChannel('acme'),
      channelRegistry.getOrCreateChannel('acme'),
    ]);
    channelRegistry.releaseChannel('acme');
    channelRegistry.releaseChannel('acme');
    channelRegistry.releaseChannel('acme');
    return channels[0] === channels[1];
  });
  expect(shared).toBe(true);
  const stats = () =>
    ann.evaluate(({ legacy }) =>
      legacy.channelRegistry
        .getChannelStats()
        .channels.map(({ key, state, referenceCount }) => [key, state, referenceCount]),
    );
  expect(await stats()).toEqual([
    [CHANNEL, 'connected', expect.any(Number)],
    ['company-acme', 'connected', 0],
  ]);
  // Still joined, on the one socket of each page.
  await expect
    .poll(topics)
    .toEqual([[CHANNEL, 'company-acme'].sort(), [CHANNEL]].map((t) => t.sort()));
  // At the maximum the idle channel is closed for a new one; then none is left to close.
  const rejected = await ann.evaluate(async ({ client, legacy: { channelRegistry } }) => {
    client.configure({ maxChannels: 3 });
    await channelRegistry.getOrCreateChannel('one');
    await channelRegistry.getOrCreateChannel('two');
    return channelRegistry.getOrCreateChannel('three').then(
      () => 'opened',
      ({ code }: { code: string }) => code,
    );
  });
  expect(rejected).toBe('channel_limit');
  await expect.poll(topics).toContainEqual([CHANNEL, 'company-one', 'company-two'].sort());
  await ann.evaluate(async ({ legacy: { channelRegistry } }) => {
    await channelRegistry.closeChannel('one');
    await channelRegistry.closeChannel('two');
  });
  await expect.poll(topics).toEqual([[CHANNEL], [CHANNEL]]);

  // Bob receives Ann's broadcasts on a channel that he opens himself.
  await bob.evaluate(async ({ legacy, kept }) => {
    const manager = new legacy.ConnectionManager('project-realtime-p1');
    const received: string[] = [];
    manager.on('stateChange', ({ from, to }) => received.push(`${from} → ${to}`));
    await manager.connect();
    const channel = manager.getChannel();
    channel?.on('broadcast', { event: 'note-created' }, ({ payload }) =>
      received.push(payload.noteId),
    );
    const people = new legacy.PresenceManager();
    people.attachToChannel({ name: 'project-realtime-p1' });
    people.on('userJoined', ({ user }) => received.push(`+ ${user.userId}`));
    people.on('userLeft', ({ user }) => received.push(`- ${user.userId}`));
    await people.trackUser({ userId: 'bob', interviewId: 'i1', metadata: { desk: 4 } });
    Object.assign(kept, { manager, people, received });
  });
  const received = () => bob.evaluate(({ kept }) => kept.received);
  const joined = ['disconnected → connecting', 'connecting → connected', '+ bob'];
  await expect.poll(received).toEqual(joined);
  await ann.evaluate(({ hooks }) => hooks.first.broadcastEvent('note-created', { noteId: 'n1' }));
  await expect.poll(received).toEqual([...joined, 'n1']);
  await bob.evaluate(({ kept }) => {
    const people = kept.people as InstanceType<InterviewsPage['legacy']['PresenceManager']>;
    return people.untrackUser();
  });
  await expect.poll(received).toContain('- bob');
  const ended = await bob.evaluate(async ({ kept }) => {
    const manager = kept.manager as InstanceType<InterviewsPage['legacy']['ConnectionManager']>;
    const stats = manager.getStats();
    await manager.disconnect();
    manager.destroy();
    const rejected = await manager.connect().then(
      () => 'connected',
      ({ message }: Error) => message,
    );
    return [stats.reconnectAttempts, manager.getState(), rejected];
  });
  expect(ended).toEqual([0, 'disconnected', 'ConnectionManager has been destroyed']);
  for (const tab of [ann, bob]) {
    expect(await closeHooks(tab)).toEqual([]);
  }
});
