import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it, vi } from 'vitest';
import { useNotificationStore } from '@/components/realtime';
import { CallBoard } from './CallBoard';
import { paid } from './toasts';

vi.mock('@/hooks/useRealTimeStats', async () => ({
  ...(await vi.importActual<typeof import('@/hooks/useRealTimeStats')>('@/hooks/useRealTimeStats')),
  useRealTimeStats: () => ({ totalCalls: 7 }),
}));

it('the board shows the statistics', () => {
  const board = createElement(CallBoard, { campaignId: '1', supplierId: 's' });
  expect(renderToString(board)).toContain('7');
});

it('a payment is shown as a notification', () => {
  const id = paid(12);
  const { notifications, removeNotification } = useNotificationStore.getState();
  expect(notifications).toMatchObject([{ id, title: 'Paid', message: '12 received' }]);
  removeNotification(id);
});
