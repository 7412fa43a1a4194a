/** The six services on a server with traffic of other users: rows are received live, own changes are shown at once. */
import { ServicesTab } from '../support/services-page.js';
import { test as base, expect } from '../support/test.js';

const test = base.extend<{ open: (me: string) => Promise<ServicesTab> }>({
  open: async ({ browser, site, server }, use) => {
    const tabs: ServicesTab[] = [];
    await use(async (me) => {
      const tab = await ServicesTab.open(browser, site, server, me);
      tabs.push(tab);
      return tab;
    });
    for (const tab of tabs) {
      expect(tab.thrown).toEqual([]);
      expect(await tab.evaluate(({ doubled }) => doubled)).toEqual([]);
      await tab.page.context().close();
    }
  },
});

test.describe('with traffic of other users', () => {
  test.use({ serverOptions: { flags: ['--domain-traffic', '20', '--seed', '7'] } });

  test('interviews: notes, replies and presence are live, and a rejected note is rolled back', async ({
    open,
  }) => {
    const [ann, bob] = [await open('ann'), await open('bob')];
    const contents = (tab: ServicesTab) =>
      tab.evaluate(({ notes }) => notes().items.map(({ content }) => content));
    const replies = (tab: ServicesTab) =>
      tab.evaluate(({ notes, replies, services }) =>
        services
          .notesWithReplies(notes().items, replies().items)
          .flatMap(({ content, replies }) =>
            replies.map((reply) => `${content}: ${reply.content}`),
          ),
      );
    for (const tab of [ann, bob]) {
      await expect.poll(() => contents(tab)).not.toEqual([]);
      await replies(tab);
    }

    const release = await ann.delayWrites();
    const outcomes = ann.evaluate(({ notes, services, outcomes }) =>
      outcomes(
        services.addNote(notes(), 'interview-1', { content: 'own note' }),
        services.addNote(notes(), 'interview-1', { content: 'a forbidden word' }),
      ),
    );
    await expect
      .poll(() => contents(ann))
      .toEqual(expect.arrayContaining(['own note', 'a forbidden word']));
    expect(await ann.evaluate(({ notes }) => notes().pending.length)).toBe(2);
    expect(await contents(bob)).not.toContain('own note');
    release();
    expect(await outcomes).toEqual(['confirmed', 'invalid']);
    await expect.poll(() => contents(bob)).toContain('own note');
    await expect.poll(() => contents(ann)).not.toContain('a forbidden word');
    expect(await contents(ann)).toContain('own note');

    const reply = bob.evaluate(({ notes, replies, services, outcomes }) => {
      const note = notes().items.find(({ content }) => content === 'own note');
      if (!note) throw Error('there is no such note');
      return outcomes(services.replyToNote(replies(), note, 'own reply'));
    });
    expect(await reply).toEqual(['confirmed']);
    await expect.poll(() => replies(ann)).toContain('own note: own reply');

    // Notes of other users, and the count that the server derives from them.
    const others = () =>
      bob.evaluate(
        ({ notes }) =>
          notes().items.filter(({ created_by }) => !['ann', 'bob'].includes(`${created_by}`))
            .length,
      );
    const before = await others();
    await expect.poll(others).toBeGreaterThan(before);
    await expect
      .poll(() =>
        bob.evaluate(({ interviews, notes }) => {
          const interview = interviews().items.find(({ id }) => id === 'interview-1');
          return (interview?.note_count ?? -1) - notes().items.length;
        }),
      )
      .toBe(0);

    await ann.evaluate(({ room }) => void room().presence.track({ name: 'Ann' }));
    await expect
      .poll(() => bob.evaluate(({ room }) => [...room().presence.state.values()].flat()))
      .toMatchObject([{ name: 'Ann' }]);
    await ann.evaluate(({ room }) => room().typing.start());
    await expect.poll(() => bob.evaluate(({ room }) => room().typing.who)).toEqual(['ann']);
  });

  test('bills: events and counts are live, and a rejected change is rolled back', async ({
    open,
  }) => {
    const ann = await open('ann');
    await ann.evaluate(({ bill, received }) => {
      for (const id of [1, 2, 3]) {
        bill(id).on('*', (message, { event }) => {
          const name = event ?? '';
          received.set(name, [...(received.get(name) ?? []), message]);
        });
      }
    });
    const views = () =>
      ann.evaluate(({ engagement }) =>
        engagement().items.reduce((sum, { view_count }) => sum + view_count, 0),
      );
    await expect.poll(() => ann.evaluate(({ bills }) => bills().items.length)).toBe(6);
    await expect.poll(views).toBeGreaterThan(0);
    const before = await views();
    await expect.poll(views).toBeGreaterThan(before);
    await expect
      .poll(() => ann.evaluate(({ received }) => [...received.keys()].sort()))
      .toEqual(['amendment', 'engagement', 'status_change', 'voting_scheduled']);
    const received = await ann.evaluate(({ received }) => Object.fromEntries(received));
    expect(received.status_change?.[0]).toMatchObject({
      bill_id: expect.stringMatching(/^[123]$/),
      old_status: expect.any(String),
      new_status: expect.any(String),
      timestamp: expect.any(String),
    });

    const release = await ann.delayWrites();
    const titles = () =>
      ann.evaluate(({ bills }) => ['4', '5'].map((id) => bills().get(id)?.title));
    const [, fifth] = await titles();
    const outcomes = ann.evaluate(({ bills, outcomes }) =>
      outcomes(bills().update('4', { title: 'own title' }), bills().update('5', { title: '' })),
    );
    await expect.poll(titles).toEqual(['own title', '']);
    release();
    expect(await outcomes).toEqual(['confirmed', 'invalid']);
    await expect.poll(titles).toEqual(['own title', fifth]);
  });

  test('community: comments, votes, typing, experts and reports are live, and a rejected comment is rolled back', async ({
    open,
  }) => {
    const [ann, bob] = [await open('ann'), await open('bob')];
    const bodies = (tab: ServicesTab) =>
      tab.evaluate(({ comments }) => comments().items.map(({ body }) => body.slice(0, 20)));
    for (const tab of [ann, bob]) await expect.poll(() => bodies(tab)).not.toEqual([]);
    const release = await ann.delayWrites();
    const outcomes = ann.evaluate(({ comments, services, outcomes }) =>
      outcomes(
        services.addComment(comments(), 1, { body: 'own comment' }),
        services.addComment(comments(), 1, { body: 'too long '.repeat(200) }),
      ),
    );
    await expect
      .poll(() => bodies(ann))
      .toEqual(expect.arrayContaining(['own comment', 'too long too long to'.slice(0, 20)]));
    release();
    expect(await outcomes).toEqual(['confirmed', 'invalid']);
    await expect.poll(() => bodies(ann)).not.toContain('too long too long to');
    await expect.poll(() => bodies(bob)).toContain('own comment');
    const answered = bob.evaluate(({ comments, services, outcomes }) => {
      const comment = comments().items.find(({ body }) => body === 'own comment');
      if (!comment) throw Error('there is no such comment');
      return outcomes(services.replyToComment(comments(), comment, { body: 'own answer' }));
    });
    expect(await answered).toEqual(['confirmed']);
    await expect
      .poll(() =>
        ann.evaluate(({ comments, services }) =>
          services
            .commentTree(comments().items)
            .find(({ body }) => body === 'own comment')
            ?.replies.map(({ body }) => body),
        ),
      )
      .toEqual(expect.arrayContaining(['own answer']));

    // Other users type and write.
    const count = await ann.evaluate(({ comments }) => comments().items.length);
    await expect
      .poll(() => ann.evaluate(({ comments }) => comments().items.length))
      .toBeGreaterThan(count);
    await expect
      .poll(() => ann.evaluate(({ discussion }) => discussion().typing.who))
      .not.toEqual([]);

    const mine = () => ann.evaluate(({ votes, me }) => votes().get(me)?.choice);
    await expect.poll(() => ann.evaluate(({ votes }) => votes().isLoading)).toBe(false);
    for (const choice of ['support', 'oppose'] as const) {
      const voted = ann.evaluate(
        ({ votes, services, me, outcomes }, chosen) =>
          outcomes(services.castVote(votes(), 1, me, chosen)),
        choice,
      );
      expect(await voted).toEqual(['confirmed']);
      await expect.poll(mine).toBe(choice);
    }
    await expect.poll(() => bob.evaluate(({ votes }) => votes().get('ann')?.choice)).toBe('oppose');
    const tally = await ann.evaluate(({ votes, services }) => services.tally(votes().items));
    expect(tally.support + tally.oppose + tally.neutral).toBe(tally.total);

    const contributions = () =>
      ann.evaluate(({ experts }) =>
        experts().items.reduce((sum, expert) => sum + expert.contributions, 0),
      );
    await expect.poll(contributions).toBeGreaterThan(0);
    const earlier = await contributions();
    await expect.poll(contributions).toBeGreaterThan(earlier);

    const reported = ann.evaluate(({ moderation, comments, services, outcomes }) => {
      const comment = comments().items.find(({ body }) => body === 'own answer');
      if (!comment) throw Error('there is no such comment');
      return outcomes(services.flagComment(moderation(), comment, 'own reason'));
    });
    expect(await reported).toEqual(['confirmed']);
    await expect
      .poll(() => bob.evaluate(({ moderation }) => moderation().items.map(({ reason }) => reason)))
      .toContain('own reason');
  });

  test('notifications: alerts and confirmations are received, read and dismissed by their own user only', async ({
    open,
  }) => {
    const ann = await open('ann');
    const categories = () =>
      ann.evaluate(({ notifications }) => notifications().items.map(({ category }) => category));
    await expect
      .poll(categories, { timeout: 40_000 })
      .toEqual(expect.arrayContaining(['system', 'payment']));
    const [first, second] = await ann.evaluate(({ notifications }) =>
      notifications().items.map(({ id }) => id),
    );
    const states = () =>
      ann.evaluate(
        ({ notifications }, ids) =>
          ids.map((id) => [
            notifications().get(`${id}`)?.read,
            notifications().get(`${id}`)?.priority,
          ]),
        [first, second],
      );
    const [, [, priority] = []] = await states();
    const release = await ann.delayWrites();
    const outcomes = ann.evaluate(
      ({ notifications, services, outcomes }, [one, two]) =>
        outcomes(
          services.markRead(notifications(), `${one}`),
          notifications().update(`${two}`, { priority: 'urgent' as never }),
        ),
      [first, second],
    );
    await expect.poll(states).toEqual([
      [true, expect.anything()],
      [false, 'urgent'],
    ]);
    release();
    expect(await outcomes).toEqual(['confirmed', 'invalid']);
    await expect.poll(states).toEqual([
      [true, expect.anything()],
      [false, priority],
    ]);
    await ann.evaluate(({ notifications, services, outcomes }) =>
      outcomes(...services.markAllRead(notifications())),
    );
    expect((await states()).map(([read]) => read)).toEqual([true, true]);
    const dismissed = ann.evaluate(
      ({ notifications, services, outcomes }, id) =>
        outcomes(services.dismiss(notifications(), `${id}`)),
      first,
    );
    expect(await dismissed).toEqual(['confirmed']);
    await expect
      .poll(() =>
        ann.evaluate(({ notifications }, id) => notifications().get(`${id}`) ?? null, first),
      )
      .toBeNull();

    const bob = await open('bob');
    await bob.evaluate(({ notificationsOf }) => {
      Object.assign(window, { theirs: notificationsOf('ann') });
    });
    await expect
      .poll(() =>
        bob.page.evaluate(
          () => (window as unknown as { theirs: { error: { code: string } } }).theirs.error?.code,
        ),
      )
      .toBe('forbidden');
  });

  test('calls: they ring, connect and end, and the counts of campaigns match', async ({ open }) => {
    const ann = await open('ann');
    const courses = () =>
      ann.evaluate(({ calls, states }) => {
        calls();
        return [...states.values()].map((course) => course.join());
      });
    await ann.evaluate(({ campaigns }) => void campaigns());
    await expect
      .poll(courses, { timeout: 30_000 })
      .toEqual(expect.arrayContaining([expect.stringMatching(/ringing,connected,completed$/)]));
    const total = () => ann.evaluate(({ campaigns }) => campaigns().get('1')?.calls_total ?? 0);
    const before = await total();
    await expect.poll(total).toBeGreaterThan(before);
    await expect
      .poll(() =>
        ann.evaluate(({ campaigns, calls, services }) => {
          const { calls_total, calls_active } = campaigns().get('1') ?? {};
          const running = services.runningCalls(calls().items).length;
          return [
            calls_total === calls().items.length,
            calls_active === running,
            services.endedCalls(calls().items).length + running === calls().items.length,
          ];
        }),
      )
      .toEqual([true, true, true]);

    const release = await ann.delayWrites();
    const statuses = () =>
      ann.evaluate(({ campaigns }) => ['2', '3'].map((id) => campaigns().get(id)?.status));
    const [, third] = await statuses();
    const outcomes = ann.evaluate(({ campaigns, services, outcomes }) =>
      outcomes(
        services.setCampaignStatus(campaigns(), '2', 'paused'),
        services.setCampaignStatus(campaigns(), '3', 'stopped' as never),
      ),
    );
    await expect.poll(statuses).toEqual(['paused', 'stopped']);
    release();
    expect(await outcomes).toEqual(['confirmed', 'invalid']);
    await expect.poll(statuses).toEqual(['paused', third]);
  });

  test('bids: those of others are received, and own ones are shown at once', async ({ open }) => {
    const [ann, bob] = [await open('ann'), await open('bob')];
    const amounts = (tab: ServicesTab) =>
      tab.evaluate(({ bids }) => bids().items.map(({ amount }) => amount));
    for (const tab of [ann, bob]) await expect.poll(() => amounts(tab)).not.toEqual([]);
    const { length } = await amounts(ann);
    await expect.poll(async () => (await amounts(ann)).length).toBeGreaterThan(length);
    const release = await ann.delayWrites();
    const outcomes = ann.evaluate(({ bids, services, outcomes, me }) => {
      const bid = { bidder_id: me, currency: 'USD' };
      return outcomes(
        services.placeBid(bids(), 1, { ...bid, amount: 500_000 }),
        services.placeBid(bids(), 1, { ...bid, amount: 1_000_001 }),
      );
    });
    await expect.poll(async () => (await amounts(ann)).slice(0, 2)).toEqual([1_000_001, 500_000]);
    expect(await amounts(bob)).not.toContain(500_000);
    release();
    expect(await outcomes).toEqual(['confirmed', 'invalid']);
    for (const tab of [ann, bob]) {
      await expect.poll(async () => (await amounts(tab))[0]).toBe(500_000);
    }
  });
});

test.describe('without other traffic', () => {
  test.use({ serverOptions: { flags: ['--domains'] } });

  test('a bid that is too low is a conflict, whose message has the minimum', async ({ open }) => {
    const ann = await open('ann');
    await expect.poll(() => ann.evaluate(({ bids }) => bids().isLoading)).toBe(false);
    const rejected = ann.evaluate(({ bids, services, me }) =>
      services.placeBid(bids(), 1, { bidder_id: me, amount: 25, currency: 'USD' }).promise.then(
        () => null,
        ({ code, cause }) => ({ code, cause: { ...cause } }),
      ),
    );
    expect(await rejected).toEqual({
      code: 'rejected',
      cause: { code: 'conflict', message: expect.stringContaining('25') },
    });
    const best = () =>
      ann.evaluate(({ bids, services }) => services.highestBid(bids().items)?.amount);
    await expect.poll(best).toBe(25);
    const placed = ann.evaluate(({ bids, services, me, outcomes }) =>
      outcomes(services.placeBid(bids(), 1, { bidder_id: me, amount: 30, currency: 'USD' })),
    );
    expect(await placed).toEqual(['confirmed']);
    await expect
      .poll(() =>
        ann.evaluate(({ bids }) => bids().items.map(({ amount, status }) => `${amount} ${status}`)),
      )
      .toEqual(['30 active', '25 outbid', '22.5 outbid', '20 outbid']);
  });

  test('of two decisions on one report the later is rejected, and shows the earlier one', async ({
    open,
  }) => {
    const [ann, bob] = [await open('ann'), await open('bob')];
    const state = (tab: ServicesTab) =>
      tab.evaluate(({ moderation }) => moderation().get('case-1')?.state);
    for (const tab of [ann, bob]) await expect.poll(() => state(tab)).toBe('open');
    const release = await ann.delayWrites();
    const late = ann.evaluate(({ moderation, services, outcomes }) =>
      outcomes(services.decideReport(moderation(), 'case-1', 'upheld')),
    );
    await expect.poll(() => state(ann)).toBe('upheld');
    const decided = bob.evaluate(({ moderation, services, outcomes }) =>
      outcomes(services.decideReport(moderation(), 'case-1', 'dismissed')),
    );
    expect(await decided).toEqual(['confirmed']);
    release();
    expect(await late).toEqual(['conflict']);
    for (const tab of [ann, bob]) await expect.poll(() => state(tab)).toBe('dismissed');
  });

  for (const [what, options] of [
    ['over the channel', { persist: 'false' }],
    ['by the tables of the reference server', { source: 'reference' }],
    ['by these tables, over the channel', { source: 'reference', persist: 'false' }],
  ] as const) {
    test(`changes are stored ${what}`, async ({ browser, site, server }) => {
      const tab = await ServicesTab.open(browser, site, server, 'ann', options);
      await expect.poll(() => tab.evaluate(({ notes }) => notes().items.length)).toBeGreaterThan(0);
      if ('persist' in options) {
        // Over the channel, changes are queued until there is a connection.
        await tab.page.context().setOffline(true);
        await expect.poll(() => tab.evaluate(({ client }) => client.state)).toBe('offline');
      }
      const outcomes = tab.evaluate(({ notes, services, outcomes }) =>
        outcomes(
          services.addNote(notes(), 'interview-1', { content: 'own note' }),
          services.addNote(notes(), 'interview-1', { content: 'forbidden' }),
        ),
      );
      await tab.page.context().setOffline(false);
      expect(await outcomes).toEqual(['confirmed', 'invalid']);
      const isOwn = ({ content }: { id: string; content?: unknown }) =>
        /own|forbidden/.test(`${content}`);
      const stored = (await server.table('interview-notes:interview-1')).filter(isOwn);
      expect(stored).toMatchObject([{ content: 'own note' }]);
      await expect
        .poll(async () => (await tab.evaluate(({ notes }) => notes().items)).filter(isOwn))
        .toEqual(stored);
      expect(await tab.evaluate(({ doubled }) => doubled)).toEqual([]);
      await tab.page.context().close();
    });
  }
});
