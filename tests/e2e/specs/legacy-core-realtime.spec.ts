/** The older civic module's hooks, in a page, against the reference server. */
import { type CoreTab, initialize, joined, open } from '../support/core-page.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

test('the documentation’s components update live, show typing, and reconnect after a cut', async ({
  browser,
  site,
  server,
}) => {
  const at = { browser, origin: site.origin, server };
  const [ann, bob] = [await open(at, 'ann'), await open(at, 'bob')];
  for (const tab of [ann, bob]) {
    await tab.evaluate((page) => page.show(['MyComponent', 'BillTracker', 'CommunityDiscussion']));
    await expect(tab.page.getByText('Status: Connected')).toBeVisible();
    await joined(tab, 'bill:1', 'discussion:1');
  }
  await expect(ann.page.getByText(/Quality: (excellent|good)/)).toBeVisible();
  expect((await server.stats()).subscribes['bill:1']).toBe(2);

  await server.publish(
    'bill:1',
    { bill_id: '1', old_status: 'floor', new_status: 'passed', timestamp: '2026-01-01T00:00:00Z' },
    'status_change',
  );
  await expect(ann.page.getByRole('heading')).toHaveText('Bill 1 (1)');
  await expect(ann.page.locator('.update')).toContainText('"newStatus":"passed"');
  await server.publish(
    'bill:1',
    { bill_id: '1', view_count: 0, save_count: 2, comment_count: 3, share_count: 0 },
    'engagement',
  );
  await expect(ann.page.getByText('Views: 0 Comments: 3')).toBeVisible();

  await bob.page.getByPlaceholder('Write a comment...').focus();
  await expect(ann.page.getByText('1 user(s) typing...')).toBeVisible();
  await bob.page.getByPlaceholder('Write a comment...').blur();
  await expect(ann.page.getByText('1 user(s) typing...')).toBeHidden();
  await bob.page.getByPlaceholder('Write a comment...').focus();
  await expect(ann.page.getByText('1 user(s) typing...')).toBeVisible();
  // No end message is sent: it ends by itself.
  await bob.page.close();
  await expect(ann.page.getByText('1 user(s) typing...')).toBeHidden();

  await ann.page.getByRole('button', { name: 'comment' }).click();
  await expect(ann.page.getByRole('listitem')).toHaveText(['Well said.']);

  await server.cut({ drop: true });
  await server.publish('bill:1', { bill_id: 1, update: { type: 'amendment' } }, 'bill_update');
  await expect(ann.page.getByRole('heading')).toHaveText('Bill 1 (2)');

  // Unmounted components leave their channels, and do not close the connection.
  await ann.evaluate((page) => page.show(['MyComponent']));
  await expect
    .poll(async () => (await server.openConnections()).map(({ channels }) => channels))
    .toEqual([['user_notifications']]);
  await ann.page.getByRole('button', { name: 'disconnect' }).click();
  await expect(ann.page.getByText('Status: Disconnected')).toBeVisible();
  await ann.page.getByRole('button', { name: 'connect', exact: true }).click();
  await expect(ann.page.getByText('Status: Connected')).toBeVisible();
  await joined(ann, 'user_notifications');
  expect(ann.consoleErrors).toEqual([]);
});

test('bills: of two components and two bills none ends the other’s subscription', async ({
  browser,
  site,
  server,
}) => {
  const tab = await open({ browser, origin: site.origin, server });
  // Subscriptions made before the connection are sent when it opens.
  await tab.evaluate((page) => {
    page.show(['Bills', 'BillTracker', 'OtherTracker']);
    page.views.bills.subscribeToBill(1);
    page.views.bills.subscribeToBill(2);
  });
  expect((await server.stats()).opened).toBe(0);
  await initialize(tab);
  await joined(tab, 'bill:1', 'bill:2');
  await expect.poll(() => tab.evaluate(({ views }) => views.bills.isConnected)).toBe(true);
  expect(await tab.evaluate(({ views }) => [...views.bills.subscribedBills])).toEqual([1, 2]);

  await tab.evaluate((page) => page.show(['Bills', 'BillTracker']));
  await server.publish('bill:1', {
    type: 'bill_update',
    data: { billId: 1, update: { data: { votingDate: '2026-02-01' } } },
  });
  await server.publish('bill:2', {
    type: 'batched_updates',
    updates: [
      { bill_id: 2, type: 'update', data: { n: 1 }, timestamp: '2026-01-01T00:00:00Z' },
      { billId: 2, data: { view_count: 0 } },
    ],
  });
  const types = (bill: number) =>
    tab.evaluate(({ views }, id) => views.bills.getBillUpdates(id).map(({ type }) => type), bill);
  await expect.poll(() => types(1)).toEqual(['voting_scheduled']);
  await expect.poll(() => types(2)).toEqual(['update', 'engagement']);
  await expect
    .poll(() => tab.evaluate(({ views }) => views.bills.engagementMetrics.get(2)?.viewCount))
    .toBe(0);
  expect(await tab.evaluate(({ views }) => views.bills.billUpdates.size)).toBe(2);

  await tab.evaluate(({ views }) => views.bills.unsubscribeFromBill(2));
  await expect
    .poll(async () => (await server.openConnections())[0]?.channels)
    .not.toContain('bill:2');
  expect((await server.openConnections())[0]?.channels).toContain('bill:1');
  expect(
    await tab.evaluate(({ core }) => core.realTimeService.getBillTrackingService().getStats()),
  ).toEqual({ subscribedBills: 1, totalUpdates: 3, queuedUpdates: 0, engagementMetrics: 1 });

  // Every hook and the service show the same.
  await tab.evaluate((page) => page.show(['Bills', 'Engagement']));
  await tab.evaluate(({ views }) => views.engagement.subscribeToBill(3));
  await joined(tab, 'bill:3');
  await server.publish('bill:3', { bill_id: 3, view_count: 5 }, 'engagement');
  await expect
    .poll(() => tab.evaluate(({ views }) => views.engagement.getEngagementMetrics(3)?.viewCount))
    .toBe(5);
  expect(await tab.evaluate(({ views }) => views.engagement.getRecentUpdates(2, 1).length)).toBe(1);
  expect(
    await tab.evaluate(({ core }) => core.useRealtimeEngagement === core.useRealTimeEngagement),
  ).toBe(true);
  await tab.evaluate(({ views }) => views.engagement.unsubscribeFromBill(3));

  // A flood is shown in batches. StrictMode renders twice.
  await tab.evaluate((page) => {
    page.views.bills.subscribeToBill(4);
    page.renders = 0;
  });
  await joined(tab, 'bill:4');
  const since = Date.now();
  await server.flood('bill:4', 300, 300);
  await server.publish('bill:4', { bill_id: 4 }, 'amendment');
  await expect.poll(() => types(4)).toEqual(['amendment']);
  const windows = Math.ceil((Date.now() - since) / 100) + 2;
  expect(await tab.evaluate((page) => page.renders)).toBeLessThanOrEqual(2 * windows);
  expect(tab.consoleErrors.filter((text) => !text.includes('is deprecated'))).toEqual([]);
});

test.describe('with frequent heartbeats', () => {
  test.use({ serverOptions: { limits: { heartbeatMs: 200 } } });

  test('an idle connection is kept: pinged and answered', async ({ browser, site, server }) => {
    const at = { browser, origin: site.origin, server };
    const tab = await open(at);
    await initialize(tab);
    await expect
      .poll(async () => (await server.connections())[0]?.received.ping ?? 0)
      .toBeGreaterThan(3);
    expect((await server.stats()).opened).toBe(1);
    expect(await tab.evaluate(({ core }) => core.realTimeService.isConnected())).toBe(true);
    // A new token is sent on the open connection.
    await tab.evaluate(
      ({ core }, token) => core.realTimeService.connect(token),
      signToken({ ttlMs: 9e5 }),
    );
    expect(await tab.evaluate(({ core }) => core.realTimeService.isConnected())).toBe(true);
    expect((await server.stats()).opened).toBe(1);
  });
});

test.describe('on the reference server’s tables', () => {
  test.use({
    serverOptions: { tables: { 'comments:*': {}, 'votes:*': {}, 'notifications:*': {} } },
  });

  test('changed rows are emitted as the older messages', async ({ browser, site, server }) => {
    const at = { browser, origin: site.origin, server };
    const tab = await open(at, 'ann', { domains: 'yes' });
    await initialize(tab);
    await tab.evaluate((page) => {
      page.show(['Community', 'Socket']);
      page.views.community.subscribeToDiscussion(1);
    });
    await joined(tab, 'discussion:1', 'comments:1', 'votes:1', 'notifications:ann');
    const row = { id: 'c1', bill_id: '1', body: 'I agree.' };
    await server.change('comments:1', { change: 'insert', row });
    await server.change('votes:1', { change: 'insert', row: { id: 'bob', choice: 'support' } });
    await server.change('comments:1', { change: 'delete', key: 'c1' });
    await expect
      .poll(() =>
        tab.evaluate(({ views }) => views.community.recentComments.map(({ action }) => action)),
      )
      .toEqual(['deleted', 'created']);
    expect(
      await tab.evaluate(({ core }) => core.realTimeService.getCommunityService().getRecentVotes()),
    ).toMatchObject([{ billId: 1, userId: 'bob', voteType: 'support' }]);
    const notice = { id: 'n1', type: 'success', title: 'Paid', message: '1 €', read: false };
    await server.change('notifications:ann', { change: 'insert', row: notice });
    const unread = () => tab.evaluate(({ views }) => views.socket.notificationCount);
    await expect.poll(unread).toBe(1);
    expect(await tab.evaluate(({ views }) => views.socket.notifications[0]?.type)).toBe('success');
    await server.change('notifications:ann', { change: 'update', row: { id: 'n1', read: true } });
    await expect.poll(unread).toBe(0);
    expect(tab.consoleErrors).toEqual([]);
  });
});

test.describe('with the reference server’s own traffic', () => {
  test.use({ serverOptions: { flags: ['--domains', '--domain-traffic', '20', '--seed', '1'] } });

  test('all is live: bills, metrics, comments, votes, typing, notifications', async ({
    browser,
    site,
    server,
  }) => {
    const at = { browser, origin: site.origin, server };
    const tab = await open(at, 'ann', { domains: 'yes' });
    await initialize(tab);
    await tab.evaluate((page) => {
      page.show(['Bills', 'Community', 'Socket']);
      page.views.bills.subscribeToBill(1);
      page.views.community.subscribeToDiscussion(1);
      page.core.realTimeService.setHandlers({
        onTypingIndicator: ({ isTyping }) => page.received.push(['typing', isTyping]),
      });
    });
    await expect
      .poll(
        () =>
          tab.evaluate(({ core, views, received }) => ({
            updates: (views.bills.billUpdates.get(1)?.length ?? 0) > 0,
            metrics: (views.bills.engagementMetrics.get(1)?.commentCount ?? 0) > 0,
            comments: views.community.recentComments.length > 0,
            votes: core.realTimeService.getCommunityService().getRecentVotes().length > 0,
            notifications: views.socket.notificationCount > 0,
            starts: received.some(([by, is]) => by === 'typing' && is === true),
            stops: received.some(([by, is]) => by === 'typing' && is === false),
          })),
        { timeout: 30_000 },
      )
      .toEqual({
        updates: true,
        metrics: true,
        comments: true,
        votes: true,
        notifications: true,
        starts: true,
        stops: true,
      });
    expect(tab.consoleErrors).toEqual([]);
  });
});

test('discussions: comments, votes and typing in threads, from another page', async ({
  browser,
  site,
  server,
}) => {
  const at = { browser, origin: site.origin, server };
  const [ann, bob] = [await open(at, 'ann'), await open(at, 'bob')];
  for (const tab of [ann, bob]) {
    await initialize(tab);
    await tab.evaluate((page) => {
      page.show(['Community', 'Engagement']);
      page.views.community.subscribeToDiscussion(1);
      page.views.community.subscribeToDiscussion(2);
      page.core.realTimeService.setHandlers({
        onCommentUpdate: ({ action }) => page.received.push(['comment', action]),
        onVoteUpdate: ({ userId, voteType }) => page.received.push(['vote', [userId, voteType]]),
        onTypingIndicator: ({ userId, isTyping }) => page.received.push([userId, isTyping]),
        onCommunityUpdate: ({ type }) => page.received.push(['community', type]),
      });
    });
    await joined(tab, 'discussion:1', 'discussion:2');
  }
  expect(await ann.evaluate(({ views }) => [...views.community.subscribedDiscussions])).toEqual([
    'bill_1',
    'bill_2',
  ]);
  await bob.evaluate(({ views: { community } }) => {
    community.sendCommentUpdate(1, { commentId: 'c1', parentId: 'c0', text: 'I agree.' });
    community.sendVoteUpdate(2, { voteType: 'support' });
    community.sendTypingIndicator(1, 'c1');
  });
  await expect
    .poll(() => ann.evaluate(({ views }) => views.community.recentComments))
    .toMatchObject([{ commentId: 'c1', billId: 1, parentId: 'c0', action: 'created' }]);
  await expect
    .poll(() => ann.evaluate(({ views }) => [...views.community.typingIndicators.keys()]))
    .toEqual(['1_c1']);
  expect(
    await ann.evaluate(({ views }) => views.engagement.getTypingIndicators(1, 'c1')),
  ).toMatchObject([{ userId: 'bob', billId: 1, parentId: 'c1', isTyping: true }]);
  await bob.evaluate(({ views }) => views.engagement.stopTypingIndicator(1, 'c1'));
  await expect
    .poll(() => ann.evaluate(({ views }) => views.community.typingIndicators.size))
    .toBe(0);
  await bob.evaluate(({ views }) => views.engagement.sendTypingIndicator(1));
  await expect
    .poll(() => ann.evaluate(({ views }) => views.engagement.getTypingIndicators(1).length))
    .toBe(1);
  await bob.evaluate(({ views }) => views.community.stopTypingIndicator(1));
  await expect
    .poll(() => ann.evaluate(({ views }) => views.engagement.getTypingIndicators(1).length))
    .toBe(0);

  const service = await ann.evaluate(({ core }) => {
    const community = core.realTimeService.getCommunityService();
    community.subscribeToExpertUpdates();
    community.subscribeToModerationEvents();
    return community.getRecentVotes(5);
  });
  expect(service).toMatchObject([{ billId: 2, userId: 'bob', voteType: 'support' }]);
  await joined(ann, 'expert:updates', 'moderation:events');
  await server.publish('expert:updates', { expert: 'e1' }, 'expert_activity');
  await server.publish('moderation:events', { type: 'moderation_event', comment_id: 'c1' });
  await expect
    .poll(() => ann.evaluate(({ received }) => received))
    .toEqual(
      expect.arrayContaining([
        ['comment', 'created'],
        ['vote', ['bob', 'support']],
        ['bob', true],
        ['bob', false],
        ['community', 'expert_activity'],
        ['community', 'moderation_event'],
      ]),
    );
  expect(
    await ann.evaluate(({ core }) => core.realTimeService.getCommunityService().getStats()),
  ).toEqual({
    subscribedDiscussions: 2,
    subscribedExperts: 1,
    activeTypingIndicators: 0,
    recentComments: 1,
    recentVotes: 1,
  });
  await ann.evaluate(({ views }) => views.community.unsubscribeFromDiscussion(1));
  await expect
    .poll(async () => (await server.openConnections())[0]?.channels)
    .not.toContain('discussion:1');
  expect((await server.openConnections())[0]?.channels).toContain('discussion:2');
});

test('notifications: received, read and cleared, here and on the user’s other page', async ({
  browser,
  site,
  server,
}) => {
  const at = { browser, origin: site.origin, server };
  const tabs = [await open(at), await open(at)] as const;
  const [tab, other] = tabs;
  for (const each of tabs) {
    await each.evaluate((page) => page.show(['Socket', 'Hub', 'Derived']));
    await joined(each, 'user_notifications', 'bill:7', 'bill:8', 'bill:9', 'community:general');
  }
  await server.publish('user_notifications', {
    type: 'notification',
    notification: { id: 'n1', type: 'warning', title: 'Vote', message: 'Soon', priority: 'high' },
  });
  await server.publish('user_notifications', { type: 'notification', id: 'n2', message: 'Flat' });
  const ids = (of: CoreTab) =>
    of.evaluate(({ views }) => views.socket.notifications.map(({ id, read }) => [id, read]));
  await expect
    .poll(() => ids(other))
    .toEqual([
      ['n2', false],
      ['n1', false],
    ]);
  const [flat, nested] = await tab.evaluate(({ views }) => views.socket.notifications);
  expect(nested).toMatchObject({ type: 'warning', title: 'Vote', priority: 'high' });
  expect(flat).toMatchObject({ type: 'info', title: 'Notification', priority: 'normal' });
  expect(await tab.evaluate(({ views }) => views.notifications.notificationCount)).toBe(2);
  await tab.evaluate(({ core, views }) => {
    views.notifications.markAsRead('n1');
    core.realTimeService.getNotificationService().sendMarkAsReadUpdate('n1');
  });
  for (const each of tabs) await expect.poll(() => ids(each)).toContainEqual(['n1', true]);
  expect(await tab.evaluate(({ views }) => views.socket.notificationCount)).toBe(1);
  await tab.evaluate(({ core }) =>
    core.realTimeService.getNotificationService().sendClearNotificationUpdate('n2'),
  );
  for (const each of tabs) await expect.poll(() => ids(each)).toEqual([['n1', true]]);
  await tab.evaluate(({ core }) =>
    core.realTimeService.getNotificationService().sendClearAllNotificationsUpdate(),
  );
  for (const each of tabs) await expect.poll(() => ids(each)).toEqual([]);

  // The recent activity lists the received messages, the same in both generations.
  await server.publish('bill:7', { bill_id: 7, update: { type: 'amendment' } }, 'bill_update');
  await server.publish('community:general', { data: { text: 'hi' } }, 'community_update');
  await expect
    .poll(() =>
      tab.evaluate(({ views }) => views.socket.getRecentActivity(2).map(({ type }) => type)),
    )
    .toEqual(['community_update', 'bill_update']);
  await server.publish('bill:8', { bill_id: 8, update: { type: 'amendment' } }, 'bill_update');
  await server.publish('bill:9', { bill_id: 9, view_count: 1 }, 'engagement');
  await expect
    .poll(() => tab.evaluate(({ views }) => Object.keys(views.hub.billUpdates)))
    .toEqual(['7', '8']);
  expect(await tab.evaluate(({ received }) => received)).toContainEqual(['hub', 'amendment']);
  await expect
    .poll(() => tab.evaluate(({ views }) => views.bill.engagementMetrics?.viewCount))
    .toBe(1);
  expect(await tab.evaluate(({ views }) => views.billUpdates.length)).toBe(2);
  expect(await tab.evaluate(({ views }) => views.connection.isConnected)).toBe(true);
  // A message without ids belongs to the community of its channel.
  expect(await tab.evaluate(({ views }) => views.hub.communityUpdates)).toMatchObject({
    general: [{ data: { text: 'hi' } }],
  });
  expect(await tab.evaluate(({ views }) => views.discussion.communityUpdates.length)).toBe(1);
  await tab.evaluate(({ views }) => views.hub.updatePreferences({ digest: 'weekly' }));
  expect(await tab.evaluate(({ views }) => views.hub.getPreferences())).toEqual({
    digest: 'weekly',
  });
  await expect
    .poll(async () => (await server.log('user_notifications')).map(({ event }) => event))
    .toContain('update_preferences');
  for (const each of tabs) expect(each.consoleErrors).toEqual([]);
});
