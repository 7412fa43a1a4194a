/** The legacy hooks of interviews that synchronize by broadcasts, in Chromium, on both backends. */
import type { BroadcastPage } from '../site/interview-hooks/broadcast.js';
import type { AppTab } from '../support/app.js';
import { type Backend, closeHooks, openHooks, type Place } from '../support/interview-hooks.js';
import { interviewServer } from '../support/interview-tables.js';
import type { ReferenceServer } from '../support/server.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

type Tab = AppTab<BroadcastPage>;

test.use({ serverOptions: interviewServer });

/** Opens the app for a user and waits until the project is live. */
async function open(place: Place, user: string, backend: Backend = 'supabase'): Promise<Tab> {
  const tab: Tab = await openHooks(place, 'broadcast', user, backend);
  await expect(tab.page.locator('#state')).toHaveText('connected');
  return tab;
}

/** Makes an interview and shows it in all tabs. */
async function begin(tabs: readonly Tab[]): Promise<string> {
  const [first] = tabs;
  const id = await first?.evaluate(
    async ({ hooks }) => (await hooks.project.createInterview({ title: 'First' })).id,
  );
  for (const tab of tabs) {
    await expect.poll(() => tab.items('interviews')).toEqual(['First pending']);
    await tab.evaluate(({ show }, which) => show(which), id);
    await expect.poll(() => tab.evaluate(({ hooks }) => hooks.broadcast.isConnected)).toBe(true);
    await expect.poll(() => tab.evaluate(({ hooks }) => hooks.broadcast.isLoading)).toBe(false);
  }
  return id ?? '';
}

/** A note that another user stores without a broadcast. */
async function storedByOthers(
  server: ReferenceServer,
  interview: string,
  tabs: readonly Tab[],
): Promise<void> {
  const answer = await fetch(`${server.origin}/api/interviews/${interview}/notes`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${signToken({ sub: 'cy' })}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ content: 'From outside', script_item_ids: [] }),
  });
  expect(answer.status).toBe(201);
  for (const tab of tabs) {
    await expect.poll(() => tab.items('notes')).toEqual(['From outside', 'Another']);
  }
}

for (const backend of ['supabase', 'native'] as const) {
  test(`${backend}: interviews, notes and replies of two users: broadcast at once, ids replaced, rolled back everywhere`, async ({
    browser,
    site,
    server,
  }) => {
    const ann = await open({ browser, site, server }, 'ann', backend);
    const bob = await open({ browser, site, server }, 'bob', backend);
    const tabs = [ann, bob];
    const id = await begin(tabs);
    expect(id).not.toMatch(/^temp-/);
    // Both show the interview with its stored id.
    for (const tab of tabs) {
      await expect
        .poll(() => tab.evaluate(({ hooks }) => hooks.realtime.interviews[0]?.id))
        .toBe(id);
    }
    await ann.evaluate(
      ({ hooks }, which) => hooks.project.updateInterview(which, { status: 'completed' }),
      id,
    );
    await ann.evaluate(({ hooks }) =>
      hooks.broadcast.addNote({ scriptItemIds: ['1', '2'], content: 'Good point' }),
    );
    for (const tab of tabs) {
      await expect.poll(() => tab.items('interviews')).toEqual(['First completed']);
      for (const list of ['notes', 'project notes']) {
        await expect.poll(() => tab.items(list)).toEqual(['Good point']);
      }
    }
    const note = await ann.evaluate(({ hooks }) => hooks.notes.notes[0]?.id ?? '');
    expect(note).not.toMatch(/^temp-/);
    await expect.poll(() => bob.evaluate(({ hooks }) => hooks.notes.notes[0]?.id)).toBe(note);
    expect(
      await bob.evaluate(({ hooks }) => hooks.notes.getNotesByScriptId('2').map(({ id }) => id)),
    ).toEqual([note]);
    await bob.evaluate(
      ({ hooks }, noteId) => hooks.notes.addReply({ noteId, content: 'Yes' }),
      note,
    );
    await bob.evaluate(({ hooks }, which) => hooks.notes.updateNote(which, 'Best point'), note);
    for (const tab of tabs)
      await expect.poll(() => tab.items('notes')).toEqual(['Best point > Yes']);
    await bob.evaluate(({ hooks }) => {
      const [first] = hooks.notes.notes;
      return hooks.notes.deleteReply(first?.id ?? '', first?.replies?.[0]?.id ?? '');
    });
    for (const tab of tabs) await expect.poll(() => tab.items('notes')).toEqual(['Best point']);
    // What is rejected is rolled back on both pages; it shows as a toast, and resolves.
    await ann.evaluate(async ({ hooks }, which) => {
      await Promise.all([
        hooks.notes.updateNote(which, 'forbidden'),
        hooks.notes.addNote({ scriptItemIds: [], content: 'forbidden too' }),
        hooks.notes.addNote({ scriptItemIds: [], content: 'Another' }),
      ]);
    }, note);
    for (const tab of tabs) {
      await expect.poll(() => tab.items('notes')).toEqual(['Another', 'Best point']);
      expect(await tab.evaluate(({ hooks }) => hooks.aliases)).not.toContain(false);
    }
    expect(await ann.evaluate(({ notices }) => notices.map(({ type }) => type))).toEqual([
      'error',
      'error',
    ]);
    await bob.evaluate(({ hooks }, which) => hooks.broadcast.deleteNote(which), note);
    for (const tab of tabs) await expect.poll(() => tab.items('notes')).toEqual(['Another']);
    if (backend === 'native') await storedByOthers(server, id, tabs);
    // Only admins delete interviews; rejections are thrown.
    const rejected = await ann.evaluate(
      ({ hooks }, which) =>
        hooks.asUser.deleteInterview(which).then(
          () => 'deleted',
          (error: Error) => error.message,
        ),
      id,
    );
    expect(rejected).toContain('admins');
    await bob.evaluate(({ hooks }, which) => hooks.project.deleteInterview(which), id);
    for (const tab of tabs) {
      await expect.poll(() => tab.items('interviews')).toEqual([]);
      await closeHooks(tab);
    }
  });

  test(`${backend}: presence lists the users who view an interview, this one too, until their last tab is closed`, async ({
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
    for (const tab of tabs) {
      await expect
        .poll(async () => (await tab.items('people')).sort())
        .toEqual(['ann ann@demo.test', 'bob bob@demo.test']);
    }
    await closeHooks(second);
    await ann.evaluate(({ hooks }) => hooks.realtime.untrackPresence());
    await expect.poll(() => bob.items('people')).toEqual(['bob bob@demo.test']);
    await bob.evaluate(({ show }) => show());
    await expect.poll(() => ann.items('people')).toEqual([]);
    for (const tab of [ann, bob]) expect(await closeHooks(tab)).toEqual([]);
  });
}

test('after a cut: isConnected follows, what was missed is loaded, and all is live again', async ({
  browser,
  site,
  server,
}) => {
  const ann = await open({ browser, site, server }, 'ann');
  const bob = await open({ browser, site, server }, 'bob');
  await begin([ann, bob]);
  const isConnected = () =>
    bob.evaluate(({ hooks }) => [hooks.realtime.isConnected, hooks.broadcast.isConnected]);
  await bob.page.context().setOffline(true);
  await expect.poll(isConnected).toEqual([false, false]);
  await server.cutSupabase();
  const add = (tab: Tab, content: string) =>
    tab.evaluate(
      ({ hooks }, text) => hooks.notes.addNote({ scriptItemIds: [], content: text }),
      content,
    );
  await add(ann, 'Missed');
  await bob.page.context().setOffline(false);
  await expect.poll(isConnected).toEqual([true, true]);
  for (const list of ['notes', 'project notes']) {
    await expect.poll(() => bob.items(list)).toEqual(['Missed']);
  }
  await add(bob, 'After');
  for (const tab of [ann, bob]) {
    await expect.poll(() => tab.items('notes')).toEqual(['After', 'Missed']);
  }
  // An app without an error listener gets one warning: ann's socket was cut, bob's had been closed.
  expect(await closeHooks(ann)).toEqual([expect.stringContaining('connection_lost')]);
  expect(await closeHooks(bob)).toEqual([]);
});

test('channels, envelopes and handlers work as in the older documentation', async ({
  browser,
  site,
  server,
}) => {
  const ann = await open({ browser, site, server }, 'ann');
  const bob = await open({ browser, site, server }, 'bob');
  for (const tab of [ann, bob]) {
    await tab.evaluate(async ({ legacy, kept }) => {
      const { channelManager, InterviewBroadcastType, InterviewNoteHandler } = legacy;
      const channel = channelManager.getChannel({
        name: legacy.getInterviewChannelName('i9'),
        ack: true,
      });
      const handler = new InterviewNoteHandler();
      channel.on(InterviewBroadcastType.INTERVIEW_NOTE, (message) =>
        handler.handleMessage(message as Parameters<typeof handler.handleMessage>[0]),
      );
      await channel.subscribe();
      Object.assign(kept, { channel, handler });
    });
  }
  // Ann's note is known by its temporary id, and then by its real one.
  await ann.evaluate(async ({ legacy, kept, user }) => {
    const { channel, handler } = kept as {
      channel: ReturnType<typeof legacy.channelManager.getChannel>;
      handler: InstanceType<typeof legacy.InterviewNoteHandler>;
    };
    const { MessageFactory, InterviewBroadcastType } = legacy;
    const type = InterviewBroadcastType.INTERVIEW_NOTE;
    const tempId = handler.addNoteOptimistic('i9', { content: 'By hand' });
    const note = { tempId, interview_id: 'i9', content: 'By hand' };
    await channel.send(MessageFactory.createAction(type, note, user));
    handler.confirmOptimisticUpdate(tempId, 'real');
    await channel.send(MessageFactory.updateAction(type, { ...note, id: 'real' }, user));
  });
  for (const tab of [ann, bob]) {
    const notes = () =>
      tab.evaluate(({ kept, legacy }) =>
        (kept.handler as InstanceType<typeof legacy.InterviewNoteHandler>)
          .getNotesForInterview('i9')
          .map(({ id, content }) => [id, content]),
      );
    await expect.poll(notes).toEqual([['real', 'By hand']]);
  }
  const own = await ann.evaluate(({ legacy }) => {
    class Handler extends legacy.BaseMessageHandler {
      override handleMessage(): void {}
    }
    const handler = new Handler();
    handler.addOptimisticUpdate('temp-1', { content: 'x' });
    return {
      changes: handler.getOptimisticUpdates().map(({ tempId, status }) => [tempId, status]),
      actions: Object.values(legacy.BroadcastAction).length,
      project: legacy.getProjectChannelName('1'),
      providers: new Set([
        legacy.RealtimeProvider,
        legacy.RealtimeWrapper,
        legacy.BroadcastRealtimeProvider,
      ]).size,
    };
  });
  expect(own).toEqual({
    changes: [['temp-1', 'pending']],
    actions: 5,
    project: 'project:1',
    providers: 1,
  });
  // Own messages are not received, unless that is requested.
  const received = await ann.evaluate(async ({ legacy }) => {
    const { channelManager, MessageFactory } = legacy;
    const came: string[] = [];
    for (const [name, selfBroadcast] of [
      ['quiet', false],
      ['echo', true],
    ] as const) {
      const channel = channelManager.getChannel({ name, selfBroadcast, ack: true });
      const last = new Promise((resolve) => {
        channel.on('chat', () => resolve(came.push(name)));
      });
      await channel.subscribe();
      await channel.send(MessageFactory.create('chat', 'create', {}, 'ann'));
      if (selfBroadcast) await last;
    }
    channelManager.cleanup();
    return came;
  });
  expect(received).toEqual(['echo']);
  for (const tab of [ann, bob]) expect(await closeHooks(tab)).toEqual([]);
});
