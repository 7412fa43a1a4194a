/** The older civic module, in a page, against the reference server. */
import type { Browser } from '@playwright/test';
import type { CorePage } from '../site/legacy-core-realtime/main.js';
import { AppTab, buildApp } from '../support/app.js';
import type { ReferenceServer } from '../support/server.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

type CoreTab = AppTab<CorePage>;

let address: string;

test.beforeAll(async () => {
  address = await buildApp('legacy-core-realtime');
});

/** A page of somebody's own. */
async function open(
  { browser, origin, server }: { browser: Browser; origin: string; server: ReferenceServer },
  sub = 'ann',
  query: Record<string, string> = {},
): Promise<CoreTab> {
  return AppTab.open(await browser.newContext(), origin + address, {
    url: server.url(),
    token: signToken({ sub }),
    user: sub,
    ...query,
  });
}

const initialize = (tab: CoreTab) =>
  tab.ask(({ core, token }) => core.realTimeService.initialize(token));

/** Waits until the page is in a channel and caught up. */
const joined = (tab: CoreTab, ...channels: string[]) =>
  expect
    .poll(() =>
      tab.ask(({ client }) =>
        client
          .getChannelStats()
          .channels.filter(({ state }) => state === 'ready')
          .map(({ key }) => key),
      ),
    )
    .toEqual(expect.arrayContaining(channels));

test('the documentation’s components: live, typing comes and goes, a cut is survived', async ({
  browser,
  site,
  server,
}) => {
  const at = { browser, origin: site.origin, server };
  const [ann, bob] = [await open(at, 'ann'), await open(at, 'bob')];
  for (const tab of [ann, bob]) {
    await tab.ask((page) => page.show(['MyComponent', 'BillTracker', 'CommunityDiscussion']));
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
  // Nobody says that it is over: it ends by itself.
  await bob.page.close();
  await expect(ann.page.getByText('1 user(s) typing...')).toBeHidden();

  await ann.page.getByRole('button', { name: 'comment' }).click();
  await expect(ann.page.getByRole('listitem')).toHaveText(['Well said.']);

  await server.cut({ drop: true });
  await server.publish('bill:1', { bill_id: 1, update: { type: 'amendment' } }, 'bill_update');
  await expect(ann.page.getByRole('heading')).toHaveText('Bill 1 (2)');

  // Gone from the page, the components leave their channels; the connection is not theirs to close.
  await ann.ask((page) => page.show(['MyComponent']));
  await expect
    .poll(async () => (await server.openConnections()).map(({ channels }) => channels))
    .toEqual([['user_notifications']]);
  await ann.page.getByRole('button', { name: 'disconnect' }).click();
  await expect(ann.page.getByText('Status: Disconnected')).toBeVisible();
  await ann.page.getByRole('button', { name: 'connect', exact: true }).click();
  await expect(ann.page.getByText('Status: Connected')).toBeVisible();
  await joined(ann, 'user_notifications');
  expect(ann.complaints).toEqual([]);
});

test('bills: two components, two bills, none takes the other’s away', async ({
  browser,
  site,
  server,
}) => {
  const tab = await open({ browser, origin: site.origin, server });
  // What is subscribed to before the connection goes out with it.
  await tab.ask((page) => {
    page.show(['Bills', 'BillTracker', 'OtherTracker']);
    page.views.bills.subscribeToBill(1);
    page.views.bills.subscribeToBill(2);
  });
  expect((await server.stats()).opened).toBe(0);
  await initialize(tab);
  await joined(tab, 'bill:1', 'bill:2');
  await expect.poll(() => tab.ask(({ views }) => views.bills.isConnected)).toBe(true);
  expect(await tab.ask(({ views }) => [...views.bills.subscribedBills])).toEqual([1, 2]);

  await tab.ask((page) => page.show(['Bills', 'BillTracker']));
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
    tab.ask(({ views }, id) => views.bills.getBillUpdates(id).map(({ type }) => type), bill);
  await expect.poll(() => types(1)).toEqual(['voting_scheduled']);
  await expect.poll(() => types(2)).toEqual(['update', 'engagement']);
  await expect
    .poll(() => tab.ask(({ views }) => views.bills.engagementMetrics.get(2)?.viewCount))
    .toBe(0);
  expect(await tab.ask(({ views }) => views.bills.billUpdates.size)).toBe(2);

  await tab.ask(({ views }) => views.bills.unsubscribeFromBill(2));
  await expect
    .poll(async () => (await server.openConnections())[0]?.channels)
    .not.toContain('bill:2');
  expect((await server.openConnections())[0]?.channels).toContain('bill:1');
  expect(
    await tab.ask(({ core }) => core.realTimeService.getBillTrackingService().getStats()),
  ).toEqual({ subscribedBills: 1, totalUpdates: 3, queuedUpdates: 0, engagementMetrics: 1 });

  // Every hook and the service show the same.
  await tab.ask((page) => page.show(['Bills', 'Engagement']));
  await tab.ask(({ views }) => views.engagement.subscribeToBill(3));
  await joined(tab, 'bill:3');
  await server.publish('bill:3', { bill_id: 3, view_count: 5 }, 'engagement');
  await expect
    .poll(() => tab.ask(({ views }) => views.engagement.getEngagementMetrics(3)?.viewCount))
    .toBe(5);
  expect(await tab.ask(({ views }) => views.engagement.getRecentUpdates(2, 1).length)).toBe(1);
  expect(
    await tab.ask(({ core }) => core.useRealtimeEngagement === core.useRealTimeEngagement),
  ).toBe(true);
  await tab.ask(({ views }) => views.engagement.unsubscribeFromBill(3));

  // A flood is shown in batches. StrictMode renders twice.
  await tab.ask((page) => {
    page.views.bills.subscribeToBill(4);
    page.renders = 0;
  });
  await joined(tab, 'bill:4');
  const since = Date.now();
  await server.flood('bill:4', 300, 300);
  await server.publish('bill:4', { bill_id: 4 }, 'amendment');
  await expect.poll(() => types(4)).toEqual(['amendment']);
  const windows = Math.ceil((Date.now() - since) / 100) + 2;
  expect(await tab.ask((page) => page.renders)).toBeLessThanOrEqual(2 * windows);
  expect(tab.complaints.filter((text) => !text.includes('is deprecated'))).toEqual([]);
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
    expect(await tab.ask(({ core }) => core.realTimeService.isConnected())).toBe(true);
    // A new token is taken on the connection that is there.
    await tab.ask(
      ({ core }, token) => core.realTimeService.connect(token),
      signToken({ ttlMs: 9e5 }),
    );
    expect(await tab.ask(({ core }) => core.realTimeService.isConnected())).toBe(true);
    expect((await server.stats()).opened).toBe(1);
  });
});

test.describe('on the reference server’s tables', () => {
  test.use({
    serverOptions: { tables: { 'comments:*': {}, 'votes:*': {}, 'notifications:*': {} } },
  });

  test('changed rows are what the older messages told', async ({ browser, site, server }) => {
    const at = { browser, origin: site.origin, server };
    const tab = await open(at, 'ann', { domains: 'yes' });
    await initialize(tab);
    await tab.ask((page) => {
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
        tab.ask(({ views }) => views.community.recentComments.map(({ action }) => action)),
      )
      .toEqual(['deleted', 'created']);
    expect(
      await tab.ask(({ core }) => core.realTimeService.getCommunityService().getRecentVotes()),
    ).toMatchObject([{ billId: 1, userId: 'bob', voteType: 'support' }]);
    const notice = { id: 'n1', type: 'success', title: 'Paid', message: '1 €', read: false };
    await server.change('notifications:ann', { change: 'insert', row: notice });
    const unread = () => tab.ask(({ views }) => views.socket.notificationCount);
    await expect.poll(unread).toBe(1);
    expect(await tab.ask(({ views }) => views.socket.notifications[0]?.type)).toBe('success');
    await server.change('notifications:ann', { change: 'update', row: { id: 'n1', read: true } });
    await expect.poll(unread).toBe(0);
    expect(tab.complaints).toEqual([]);
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
    await tab.ask((page) => {
      page.show(['Bills', 'Community', 'Socket']);
      page.views.bills.subscribeToBill(1);
      page.views.community.subscribeToDiscussion(1);
      page.core.realTimeService.setHandlers({
        onTypingIndicator: ({ isTyping }) => page.told.push(['typing', isTyping]),
      });
    });
    await expect
      .poll(
        () =>
          tab.ask(({ core, views, told }) => ({
            updates: (views.bills.billUpdates.get(1)?.length ?? 0) > 0,
            metrics: (views.bills.engagementMetrics.get(1)?.commentCount ?? 0) > 0,
            comments: views.community.recentComments.length > 0,
            votes: core.realTimeService.getCommunityService().getRecentVotes().length > 0,
            notifications: views.socket.notificationCount > 0,
            comes: told.some(([by, is]) => by === 'typing' && is === true),
            goes: told.some(([by, is]) => by === 'typing' && is === false),
          })),
        { timeout: 30_000 },
      )
      .toEqual({
        updates: true,
        metrics: true,
        comments: true,
        votes: true,
        notifications: true,
        comes: true,
        goes: true,
      });
    expect(tab.complaints).toEqual([]);
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
    await tab.ask((page) => {
      page.show(['Community', 'Engagement']);
      page.views.community.subscribeToDiscussion(1);
      page.views.community.subscribeToDiscussion(2);
      page.core.realTimeService.setHandlers({
        onCommentUpdate: ({ action }) => page.told.push(['comment', action]),
        onVoteUpdate: ({ userId, voteType }) => page.told.push(['vote', [userId, voteType]]),
        onTypingIndicator: ({ userId, isTyping }) => page.told.push([userId, isTyping]),
        onCommunityUpdate: ({ type }) => page.told.push(['community', type]),
      });
    });
    await joined(tab, 'discussion:1', 'discussion:2');
  }
  expect(await ann.ask(({ views }) => [...views.community.subscribedDiscussions])).toEqual([
    'bill_1',
    'bill_2',
  ]);
  await bob.ask(({ views: { community } }) => {
    community.sendCommentUpdate(1, { commentId: 'c1', parentId: 'c0', text: 'I agree.' });
    community.sendVoteUpdate(2, { voteType: 'support' });
    community.sendTypingIndicator(1, 'c1');
  });
  await expect
    .poll(() => ann.ask(({ views }) => views.community.recentComments))
    .toMatchObject([{ commentId: 'c1', billId: 1, parentId: 'c0', action: 'created' }]);
  await expect
    .poll(() => ann.ask(({ views }) => [...views.community.typingIndicators.keys()]))
    .toEqual(['1_c1']);
  expect(await ann.ask(({ views }) => views.engagement.getTypingIndicators(1, 'c1'))).toMatchObject(
    [{ userId: 'bob', billId: 1, parentId: 'c1', isTyping: true }],
  );
  await bob.ask(({ views }) => views.engagement.stopTypingIndicator(1, 'c1'));
  await expect.poll(() => ann.ask(({ views }) => views.community.typingIndicators.size)).toBe(0);
  await bob.ask(({ views }) => views.engagement.sendTypingIndicator(1));
  await expect
    .poll(() => ann.ask(({ views }) => views.engagement.getTypingIndicators(1).length))
    .toBe(1);
  await bob.ask(({ views }) => views.community.stopTypingIndicator(1));
  await expect
    .poll(() => ann.ask(({ views }) => views.engagement.getTypingIndicators(1).length))
    .toBe(0);

  const service = await ann.ask(({ core }) => {
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
    .poll(() => ann.ask(({ told }) => told))
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
    await ann.ask(({ core }) => core.realTimeService.getCommunityService().getStats()),
  ).toEqual({
    subscribedDiscussions: 2,
    subscribedExperts: 1,
    activeTypingIndicators: 0,
    recentComments: 1,
    recentVotes: 1,
  });
  await ann.ask(({ views }) => views.community.unsubscribeFromDiscussion(1));
  await expect
    .poll(async () => (await server.openConnections())[0]?.channels)
    .not.toContain('discussion:1');
  expect((await server.openConnections())[0]?.channels).toContain('discussion:2');
});

test('notifications: told, read and cleared, here and on the user’s other page', async ({
  browser,
  site,
  server,
}) => {
  const at = { browser, origin: site.origin, server };
  const tabs = [await open(at), await open(at)] as const;
  const [tab, other] = tabs;
  for (const each of tabs) {
    await each.ask((page) => page.show(['Socket', 'Hub', 'Derived']));
    await joined(each, 'user_notifications', 'bill:7', 'bill:8', 'bill:9', 'community:general');
  }
  await server.publish('user_notifications', {
    type: 'notification',
    notification: { id: 'n1', type: 'warning', title: 'Vote', message: 'Soon', priority: 'high' },
  });
  await server.publish('user_notifications', { type: 'notification', id: 'n2', message: 'Flat' });
  const ids = (of: CoreTab) =>
    of.ask(({ views }) => views.socket.notifications.map(({ id, read }) => [id, read]));
  await expect
    .poll(() => ids(other))
    .toEqual([
      ['n2', false],
      ['n1', false],
    ]);
  const [flat, nested] = await tab.ask(({ views }) => views.socket.notifications);
  expect(nested).toMatchObject({ type: 'warning', title: 'Vote', priority: 'high' });
  expect(flat).toMatchObject({ type: 'info', title: 'Notification', priority: 'normal' });
  expect(await tab.ask(({ views }) => views.notifications.notificationCount)).toBe(2);
  await tab.ask(({ core, views }) => {
    views.notifications.markAsRead('n1');
    core.realTimeService.getNotificationService().sendMarkAsReadUpdate('n1');
  });
  for (const each of tabs) await expect.poll(() => ids(each)).toContainEqual(['n1', true]);
  expect(await tab.ask(({ views }) => views.socket.notificationCount)).toBe(1);
  await tab.ask(({ core }) =>
    core.realTimeService.getNotificationService().sendClearNotificationUpdate('n2'),
  );
  for (const each of tabs) await expect.poll(() => ids(each)).toEqual([['n1', true]]);
  await tab.ask(({ core }) =>
    core.realTimeService.getNotificationService().sendClearAllNotificationsUpdate(),
  );
  for (const each of tabs) await expect.poll(() => ids(each)).toEqual([]);

  // Recent activity is what came, the same in both generations.
  await server.publish('bill:7', { bill_id: 7, update: { type: 'amendment' } }, 'bill_update');
  await server.publish('community:general', { data: { text: 'hi' } }, 'community_update');
  await expect
    .poll(() => tab.ask(({ views }) => views.socket.getRecentActivity(2).map(({ type }) => type)))
    .toEqual(['community_update', 'bill_update']);
  await server.publish('bill:8', { bill_id: 8, update: { type: 'amendment' } }, 'bill_update');
  await server.publish('bill:9', { bill_id: 9, view_count: 1 }, 'engagement');
  await expect
    .poll(() => tab.ask(({ views }) => Object.keys(views.hub.billUpdates)))
    .toEqual(['7', '8']);
  expect(await tab.ask(({ told }) => told)).toContainEqual(['hub', 'amendment']);
  await expect.poll(() => tab.ask(({ views }) => views.bill.engagementMetrics?.viewCount)).toBe(1);
  expect(await tab.ask(({ views }) => views.billUpdates.length)).toBe(2);
  expect(await tab.ask(({ views }) => views.connection.isConnected)).toBe(true);
  // A message without ids is about the community of its channel.
  expect(await tab.ask(({ views }) => views.hub.communityUpdates)).toMatchObject({
    general: [{ data: { text: 'hi' } }],
  });
  expect(await tab.ask(({ views }) => views.discussion.communityUpdates.length)).toBe(1);
  await tab.ask(({ views }) => views.hub.updatePreferences({ digest: 'weekly' }));
  expect(await tab.ask(({ views }) => views.hub.getPreferences())).toEqual({ digest: 'weekly' });
  await expect
    .poll(async () => (await server.log('user_notifications')).map(({ event }) => event))
    .toContain('update_preferences');
  for (const each of tabs) expect(each.complaints).toEqual([]);
});

test('the manager and the service: topics, filters, events, stats, beginning and end', async ({
  browser,
  site,
  server,
}) => {
  const tab = await open({ browser, origin: site.origin, server });
  expect(
    await tab.ask(({ core, paths, config }) => [
      paths.UnifiedWebSocketManager === core.UnifiedWebSocketManager,
      paths.BillTrackingService === core.BillTrackingService,
      config.getRealTimeConfig === core.getRealTimeConfig,
      core.UnifiedWebSocketManager.getInstance() === core.realTimeService.getWebSocketManager(),
    ]),
  ).toEqual([true, true, true, true]);
  await tab.ask(({ core, told }) => {
    const manager = core.UnifiedWebSocketManager.getInstance();
    for (const event of ['connected', 'disconnected']) {
      manager.on(event, () => told.push(['manager', event]));
    }
    core.realTimeService.on('connectionChange', (is) => told.push(['change', is]));
    core.realTimeService.on('billUpdate', ({ type }) => told.push(['billUpdate', type]));
    manager.subscribe('*', ({ type }) => told.push(['all', type]));
    manager.subscribe('bill:1', ({ n }) => told.push(['filtered', n]), {
      filters: { level: ['high', 'low'] },
    });
    core.realTimeService.subscribe({ type: 'bill', id: 1 });
    manager.send({ type: 'vote_update', data: { billId: 5, vote: 'support' } });
  });
  expect(await tab.ask(({ core }) => core.realTimeService.getConnectionState())).toBe(
    'disconnected',
  );
  await initialize(tab);
  await initialize(tab);
  await joined(tab, 'bill:1', 'user_notifications');
  expect((await server.stats()).opened).toBe(1);
  await expect
    .poll(() => server.payloads('discussion:5'))
    .toMatchObject([{ type: 'vote_update', user_id: 'ann', data: { billId: 5, vote: 'support' } }]);
  for (const [n, level] of [
    [1, 'high'],
    [2, 'middling'],
    [3, 'low'],
  ]) {
    await server.publish('bill:1', { n, level, bill_id: 1, update: {} }, 'bill_update');
  }
  await expect
    .poll(() => tab.ask(({ told }) => told.filter(([by]) => by === 'filtered')))
    .toEqual([
      ['filtered', 1],
      ['filtered', 3],
    ]);
  const told = await tab.ask((page) => page.told);
  expect(told).toEqual(
    expect.arrayContaining([
      ['manager', 'connected'],
      ['change', true],
      ['all', 'bill_update'],
      ['billUpdate', 'update'],
    ]),
  );
  expect(await tab.ask(({ core }) => core.realTimeService.getStats())).toEqual({
    connectionState: 'connected',
    isConnected: true,
    subscriptionCount: 4,
    billSubscriptions: 0,
    communitySubscriptions: 0,
    notificationSubscriptions: 1,
  });
  await tab.ask(({ core }) => core.realTimeService.shutdown());
  await expect.poll(async () => (await server.stats()).open).toBe(0);
  expect(await tab.ask((page) => page.told)).toEqual(
    expect.arrayContaining([
      ['manager', 'disconnected'],
      ['change', false],
    ]),
  );
  expect(await tab.ask(({ core }) => core.realTimeService.getStats())).toMatchObject({
    connectionState: 'disconnected',
    subscriptionCount: 0,
  });

  // A refused attempt is told; the client goes on, and is there when the server is.
  await server.refuse('handshake');
  const refused = tab.ask(({ core, token }) =>
    core.realTimeService.initialize(token).then(
      () => 'connected',
      () => 'rejected',
    ),
  );
  expect(await refused).toBe('rejected');
  await server.refuse('off');
  await expect.poll(() => tab.ask(({ core }) => core.realTimeService.isConnected())).toBe(true);
  await joined(tab, 'user_notifications');
  // And it survives more than one lost connection.
  for (let times = 0; times < 2; times++) {
    const { opened } = await server.stats();
    await server.cut({ drop: true });
    await expect.poll(async () => (await server.stats()).opened).toBe(opened + 1);
    await expect.poll(() => tab.ask(({ core }) => core.realTimeService.isConnected())).toBe(true);
  }
});

test('the generation before: one socket for both of its connections', async ({
  browser,
  site,
  server,
}) => {
  const at = { browser, origin: site.origin, server };
  const [ann, bob] = [await open(at, 'ann'), await open(at, 'bob')];
  for (const tab of [ann, bob]) {
    await tab.ask(async (page) => {
      const { webSocketService, communityWebSocketManager } = page.before;
      await webSocketService.connect(page.token);
      await communityWebSocketManager.connect();
      webSocketService.setHandlers({
        onBillUpdate: ({ type }) => page.told.push(['service', type]),
      });
      webSocketService.subscribe({ type: 'bill', id: 1 });
      webSocketService.subscribe({ type: 'bill', id: 1 });
      const hear = (event: string, data: object) => page.told.push([event, data]);
      communityWebSocketManager.subscribeToDiscussion(1, hear);
      communityWebSocketManager.subscribeToExpertUpdates((data) => hear('expert', data));
      communityWebSocketManager.subscribeToModerationEvents((data) => hear('moderation', data));
      communityWebSocketManager.subscribeToCommunityAnalytics((data) => hear('analytics', data));
      communityWebSocketManager.subscribe('greeting', (data) => hear('greeting', data));
    });
    await joined(tab, 'bill:1', 'comment:update:1', 'typing:start', 'community:analytics');
  }
  expect((await server.stats()).opened).toBe(2);
  expect(
    await ann.ask(({ before }) => [
      before.webSocketService.getConnectionState(),
      before.webSocketService.isConnected(),
      before.webSocketService.getActiveSubscriptions(),
      before.webSocketService.getStats(),
      before.communityWebSocketManager.isConnected(),
      before.communityWebSocketManager instanceof before.CommunityWebSocketManager,
    ]),
  ).toEqual([
    'connected',
    true,
    [{ type: 'bill', id: 1 }],
    { connectionState: 'connected', activeSubscriptions: 1, isConnected: true },
    true,
    true,
  ]);
  await bob.ask(({ before: { communityWebSocketManager: community } }) => {
    community.sendTypingIndicator(1);
    community.stopTypingIndicator(1);
    community.sendTypingIndicator(2);
    community.sendCommentUpdate(1, { text: 'hi' });
    community.sendVoteUpdate(1, { voteType: 'oppose' });
    community.publish('greeting', { to: 'all' });
  });
  await server.publish('bill:1', { bill_id: 1 }, 'amendment');
  await server.publish('expert:updates', { n: 1 });
  await server.publish('moderation:events', { n: 2 });
  await server.publish('community:analytics', { n: 3 });
  await expect
    .poll(() => ann.ask(({ told }) => told))
    .toEqual(
      expect.arrayContaining([
        ['typing:start', { billId: 1 }],
        ['typing:stop', { billId: 1 }],
        ['comment:update:1', { billId: 1, text: 'hi' }],
        ['vote:update:1', { billId: 1, voteType: 'oppose' }],
        ['greeting', { to: 'all' }],
        ['service', 'amendment'],
        ['expert', { n: 1 }],
        ['moderation', { n: 2 }],
        ['analytics', { n: 3 }],
      ]),
    );
  expect(await ann.ask(({ told }) => told.filter(([by]) => by === 'typing:start').length)).toBe(1);

  await ann.ask(({ before }) => {
    before.webSocketService.unsubscribe({ type: 'bill', id: 1 });
    before.webSocketService.unsubscribe({ type: 'bill', id: 1 });
    // Others still need the connection.
    before.webSocketService.disconnect();
  });
  expect(await ann.ask(({ before }) => before.communityWebSocketManager.isConnected())).toBe(true);
  await ann.ask(({ before }) => before.communityWebSocketManager.disconnect());
  await expect.poll(async () => (await server.stats()).open).toBe(1);
});

test('classes made by hand and the settings: on the page’s one connection', async ({
  browser,
  site,
  server,
}) => {
  const tab = await open({ browser, origin: site.origin, server });
  await tab.ask(async ({ core, paths, token, told }) => {
    const manager = paths.UnifiedWebSocketManager.getInstance(core.getRealTimeConfig().websocket);
    await manager.connect(token);
    const service = new core.RealTimeService();
    await service.initialize(token);
    const [bills, community, notifications] = [
      new core.BillTrackingService(manager),
      new core.CommunityService(manager),
      new core.NotificationService(manager),
    ];
    const emitter = new core.EventEmitter();
    emitter.on('counts', (...counts) => told.push(['counts', counts]));
    manager.on('message', () =>
      emitter.emit(
        'counts',
        bills.getBillUpdates(1).length,
        community.getRecentComments().length,
        notifications.getUnreadCount(),
      ),
    );
    await Promise.all([bills, community, notifications].map((each) => each.initialize()));
    await Promise.all([bills.subscribeToBill(1), community.subscribeToDiscussion(1)]);
  });
  await joined(tab, 'bill:1', 'discussion:1', 'user_notifications');
  await server.publish('bill:1', { bill_id: 1 }, 'amendment');
  await server.publish('discussion:1', { type: 'comment_update', bill_id: 1, comment_id: 'c1' });
  await server.publish('user_notifications', { type: 'notification', title: 'Paid' });
  await expect
    .poll(() => tab.ask(({ told }) => told.findLast(([by]) => by === 'counts')?.[1]))
    .toEqual([1, 1, 1]);
  expect((await server.stats()).opened).toBe(1);

  const settings = await tab.ask(({ config }) => [
    config.defaultWebSocketConfig.url,
    config.defaultRealTimeConfig.websocket.url,
    config.getWebSocketConfig().url,
    config.getRealTimeConfig().websocket.url,
  ]);
  const usual = 'ws://localhost:3001/ws';
  expect(settings).toEqual([usual, usual, server.url(), server.url()]);
  expect(tab.complaints).toEqual([]);
});
