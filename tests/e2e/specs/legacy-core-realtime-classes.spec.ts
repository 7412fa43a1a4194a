/** The older civic module's classes, and those of its first generation, in a page, against the reference server. */
import { initialize, joined, open } from '../support/core-page.js';
import { expect, test } from '../support/test.js';

test('the manager and the service: topics, filters, events, stats, start and shutdown', async ({
  browser,
  site,
  server,
}) => {
  const tab = await open({ browser, origin: site.origin, server });
  expect(
    await tab.evaluate(({ core, paths, config }) => [
      paths.UnifiedWebSocketManager === core.UnifiedWebSocketManager,
      paths.BillTrackingService === core.BillTrackingService,
      config.getRealTimeConfig === core.getRealTimeConfig,
      core.UnifiedWebSocketManager.getInstance() === core.realTimeService.getWebSocketManager(),
    ]),
  ).toEqual([true, true, true, true]);
  await tab.evaluate(({ core, received }) => {
    const manager = core.UnifiedWebSocketManager.getInstance();
    for (const event of ['connected', 'disconnected']) {
      manager.on(event, () => received.push(['manager', event]));
    }
    core.realTimeService.on('connectionChange', (is) => received.push(['change', is]));
    core.realTimeService.on('billUpdate', ({ type }) => received.push(['billUpdate', type]));
    manager.subscribe('*', ({ type }) => received.push(['all', type]));
    manager.subscribe('bill:1', ({ n }) => received.push(['filtered', n]), {
      filters: { level: ['high', 'low'] },
    });
    core.realTimeService.subscribe({ type: 'bill', id: 1 });
    manager.send({ type: 'vote_update', data: { billId: 5, vote: 'support' } });
  });
  expect(await tab.evaluate(({ core }) => core.realTimeService.getConnectionState())).toBe(
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
    .poll(() => tab.evaluate(({ received }) => received.filter(([by]) => by === 'filtered')))
    .toEqual([
      ['filtered', 1],
      ['filtered', 3],
    ]);
  const received = await tab.evaluate((page) => page.received);
  expect(received).toEqual(
    expect.arrayContaining([
      ['manager', 'connected'],
      ['change', true],
      ['all', 'bill_update'],
      ['billUpdate', 'update'],
    ]),
  );
  expect(await tab.evaluate(({ core }) => core.realTimeService.getStats())).toEqual({
    connectionState: 'connected',
    isConnected: true,
    subscriptionCount: 4,
    billSubscriptions: 0,
    communitySubscriptions: 0,
    notificationSubscriptions: 1,
  });
  await tab.evaluate(({ core }) => core.realTimeService.shutdown());
  await expect.poll(async () => (await server.stats()).open).toBe(0);
  expect(await tab.evaluate((page) => page.received)).toEqual(
    expect.arrayContaining([
      ['manager', 'disconnected'],
      ['change', false],
    ]),
  );
  expect(await tab.evaluate(({ core }) => core.realTimeService.getStats())).toMatchObject({
    connectionState: 'disconnected',
    subscriptionCount: 0,
  });

  // A rejected attempt is reported; the client continues, and connects once the server accepts.
  await server.reject('handshake');
  const rejected = tab.evaluate(({ core, token }) =>
    core.realTimeService.initialize(token).then(
      () => 'connected',
      () => 'rejected',
    ),
  );
  expect(await rejected).toBe('rejected');
  await server.reject('off');
  await expect
    .poll(() => tab.evaluate(({ core }) => core.realTimeService.isConnected()))
    .toBe(true);
  await joined(tab, 'user_notifications');
  // It reconnects after more than one lost connection.
  for (let times = 0; times < 2; times++) {
    const { opened } = await server.stats();
    await server.cut({ drop: true });
    await expect.poll(async () => (await server.stats()).opened).toBe(opened + 1);
    await expect
      .poll(() => tab.evaluate(({ core }) => core.realTimeService.isConnected()))
      .toBe(true);
  }
});

test('the first generation: both of its connections share one socket', async ({
  browser,
  site,
  server,
}) => {
  const at = { browser, origin: site.origin, server };
  const [ann, bob] = [await open(at, 'ann'), await open(at, 'bob')];
  for (const tab of [ann, bob]) {
    await tab.evaluate(async (page) => {
      const { webSocketService, communityWebSocketManager } = page.before;
      await webSocketService.connect(page.token);
      await communityWebSocketManager.connect();
      webSocketService.setHandlers({
        onBillUpdate: ({ type }) => page.received.push(['service', type]),
      });
      webSocketService.subscribe({ type: 'bill', id: 1 });
      webSocketService.subscribe({ type: 'bill', id: 1 });
      const receive = (event: string, data: object) => page.received.push([event, data]);
      communityWebSocketManager.subscribeToDiscussion(1, receive);
      communityWebSocketManager.subscribeToExpertUpdates((data) => receive('expert', data));
      communityWebSocketManager.subscribeToModerationEvents((data) => receive('moderation', data));
      communityWebSocketManager.subscribeToCommunityAnalytics((data) => receive('analytics', data));
      communityWebSocketManager.subscribe('greeting', (data) => receive('greeting', data));
    });
    await joined(tab, 'bill:1', 'comment:update:1', 'typing:start', 'community:analytics');
  }
  expect((await server.stats()).opened).toBe(2);
  expect(
    await ann.evaluate(({ before }) => [
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
  await bob.evaluate(({ before: { communityWebSocketManager: community } }) => {
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
    .poll(() => ann.evaluate(({ received }) => received))
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
  expect(
    await ann.evaluate(({ received }) => received.filter(([by]) => by === 'typing:start').length),
  ).toBe(1);

  await ann.evaluate(({ before }) => {
    before.webSocketService.unsubscribe({ type: 'bill', id: 1 });
    before.webSocketService.unsubscribe({ type: 'bill', id: 1 });
    // Others still need the connection.
    before.webSocketService.disconnect();
  });
  expect(await ann.evaluate(({ before }) => before.communityWebSocketManager.isConnected())).toBe(
    true,
  );
  await ann.evaluate(({ before }) => before.communityWebSocketManager.disconnect());
  await expect.poll(async () => (await server.stats()).open).toBe(1);
});

test('classes that the app constructs, and the settings, use the page’s one connection', async ({
  browser,
  site,
  server,
}) => {
  const tab = await open({ browser, origin: site.origin, server });
  await tab.evaluate(async ({ core, paths, token, received }) => {
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
    emitter.on('counts', (...counts) => received.push(['counts', counts]));
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
    .poll(() => tab.evaluate(({ received }) => received.findLast(([by]) => by === 'counts')?.[1]))
    .toEqual([1, 1, 1]);
  expect((await server.stats()).opened).toBe(1);

  const settings = await tab.evaluate(({ config }) => [
    config.defaultWebSocketConfig.url,
    config.defaultRealTimeConfig.websocket.url,
    config.getWebSocketConfig().url,
    config.getRealTimeConfig().websocket.url,
  ]);
  const usual = 'ws://localhost:3001/ws';
  expect(settings).toEqual([usual, usual, server.url(), server.url()]);
  expect(tab.consoleErrors).toEqual([]);
});
