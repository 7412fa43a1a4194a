/** OnlineStatus and ConnectionIndicator: the state of the connection. */
import { act } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { engineError, report } from '../page.js';
import {
  type Components,
  find,
  freshComponents,
  happen,
  mount,
  mountAt,
  pass,
  press,
  reported,
} from './stage.js';

let stage: Components;

beforeEach(async () => {
  stage = await freshComponents();
});

const state = (...values: Parameters<ReturnType<typeof report>['state']>) =>
  happen(() => report(stage.engine).state(...values));

it('OnlineStatus is live only with a network and a ready connection', async () => {
  const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(true);
  const mounted = await mount(<stage.OnlineStatus />);
  const status = find(mounted, 'output');
  const classes = () => [status.textContent, status.classList.contains('online')];
  expect(classes()).toEqual(['Connecting', false]);
  await state('ready');
  expect(classes()).toEqual(['Live', true]);
  expect(status.className).toBe('tw-online-status status-indicator online');
  await state('reconnecting');
  expect(classes()).toEqual(['Connecting', false]);
  await state('paused');
  expect(classes()).toEqual(['Standby', false]);
  await state('failed');
  expect(classes()).toEqual(['Offline', false]);
  await state('ready');
  online.mockReturnValue(false);
  await happen(() => window.dispatchEvent(new Event('offline')));
  expect(classes()).toEqual(['Offline', false]);
  expect(status.className).toBe('tw-online-status status-indicator offline');
});

it('the indicator shows a state and a level, and announces changes but not the initial state', async () => {
  const mounted = await mountAt('2026-01-01T12:00:00Z', <stage.ConnectionIndicator />);
  const root = find(mounted, '.tw-connection-indicator');
  const shown = () => [find(mounted, 'button').textContent, root.dataset.level];
  expect(shown()).toEqual(['Connection: Connecting', 'fair']);
  expect(reported(mounted)).toEqual(['']);
  await state('ready');
  expect(shown()).toEqual(['Connection: Connected', 'good']);
  expect(reported(mounted)).toEqual(['Connected']);
  await state('reconnecting', 'connection_lost', engineError('connection_lost'));
  expect(shown()).toEqual(['Connection: Reconnecting', 'bad']);
  await state('ready');
  await pass(10_000);
  // The connection was restored before its loss was announced.
  expect(reported(mounted)).toEqual(['Connected']);
});

it('the tooltip has the error and its hint; the keyboard opens and closes it', async () => {
  const mounted = await mount(<stage.ConnectionIndicator />);
  const button = find(mounted, 'button');
  expect(button.getAttribute('aria-describedby')).toBeNull();
  await state('failed', 'gave_up', engineError('gave_up'));
  const tooltip = find(mounted, '[role=tooltip]');
  expect(button.getAttribute('aria-describedby')).toBe(tooltip.id);
  expect(tooltip.textContent).toBe('It is gave_up. Do something. Press to try again.');
  expect(tooltip.hidden).toBe(true);
  await act(async () => button.focus());
  expect(tooltip.hidden).toBe(false);
  await press('Escape');
  expect(tooltip.hidden).toBe(true);
  expect(document.activeElement).toBe(button);
  await happen(() => button.click());
  expect(tooltip.hidden).toBe(false);
  expect(stage.engine.of('connect')).toHaveLength(1);
  await act(async () => button.blur());
  expect(tooltip.hidden).toBe(true);
});

it('a click connects only in the state failed', async () => {
  const mounted = await mount(<stage.ConnectionIndicator texts={{ label: 'Verbindung' }} />);
  await state('ready');
  await happen(() => find(mounted, 'button', 'Verbindung').click());
  expect(stage.engine.of('connect')).toEqual([]);
});
