import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it, vi } from 'vitest';
import { getRealTimeConfig } from '../core/realtime/config';
import { BillTrackingService } from '../core/realtime/services/bill-tracking';
import { UnifiedWebSocketManager } from '../core/realtime/websocket/manager';
import { BillPage } from './BillPage';

it('the page renders before a connection', () => {
  expect(renderToString(createElement(BillPage, { billId: 1 }))).toContain('not live');
});

it('the service subscribes through the manager it is given', () => {
  const manager = {
    subscribe: vi.fn(() => 'sub_1'),
    unsubscribe: vi.fn(),
    isConnected: vi.fn(() => true),
    getConnectionState: vi.fn(() => 'connected'),
    send: vi.fn(),
    on: vi.fn(() => () => {}),
    off: vi.fn(),
  };
  const service = new BillTrackingService(manager as never);
  service.subscribeToBill(1);
  expect(manager.subscribe).toHaveBeenCalledWith('bill:1', expect.any(Function));
});

it('there is one manager, and it has defaults', () => {
  expect(UnifiedWebSocketManager.getInstance()).toBe(UnifiedWebSocketManager.getInstance());
  expect(getRealTimeConfig().websocket.reconnect.maxAttempts).toBe(5);
});
