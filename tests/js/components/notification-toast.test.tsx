/** NotificationToast: which toasts are shown, how long, in which order, and the focus. */
import { act, StrictMode } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import type { ToastItem } from '../../../pkg-template/src/components/index.js';
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
  rowsOf,
  setHidden,
} from './stage.js';

let stage: Components;

beforeEach(async () => {
  stage = await freshComponents();
});

const NOW = '2026-01-01T12:00:00Z';
const note = (id: string, more: Partial<ToastItem> = {}): ToastItem => ({
  id,
  title: `Title ${id}`,
  read: false,
  ...more,
});

const titles = (mounted: { element: HTMLElement }): (string | null)[] =>
  [...mounted.element.querySelectorAll('.tw-toast-title')].map(({ textContent }) => textContent);

it('the most urgent are first, at most `max` at once; the others are queued', async () => {
  const items = [
    note('a', { priority: 'low' }),
    note('b'),
    note('c'),
    note('d', { priority: 'high' }),
    note('e', { type: 'error' }),
    note('f', { read: true }),
  ];
  const mounted = await mountAt(NOW, <stage.NotificationToast items={items} />);
  expect(titles(mounted)).toEqual(['Title d', 'Title e', 'Title b']);
  expect(mounted.text).toContain('2 more');
  expect([...mounted.element.querySelectorAll('[role=alert]')]).toHaveLength(2);
  // The time of b ends, then that of c and of a, which replace it one after the other.
  await pass(6_000);
  expect(titles(mounted)).toEqual(['Title d', 'Title e', 'Title c']);
  await pass(6_000);
  await pass(6_000);
  expect(titles(mounted)).toEqual(['Title d', 'Title e']);
  expect(vi.getTimerCount()).toBe(0);
});

it('an onClose that throws is reported as uncaught, and other toasts close too', async () => {
  const onClose = vi.fn(() => {
    throw Error('of the app');
  });
  const items = [note('a'), note('b')];
  const mounted = await mountAt(NOW, <stage.NotificationToast items={items} onClose={onClose} />);
  const uncaught = vi.fn();
  vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((work) => {
    Promise.resolve().then(work).catch(uncaught);
  });
  await pass(6_000);
  expect(titles(mounted)).toEqual([]);
  expect(onClose).toHaveBeenCalledTimes(2);
  expect(uncaught.mock.calls).toEqual([[Error('of the app')], [Error('of the app')]]);
});

it('a visible one is replaced only by a more urgent one, however the rows are sorted', async () => {
  const rows = ['c', 'b', 'a'].map((id) => note(id));
  const mounted = await mount(<stage.NotificationToast items={rows} />);
  await mounted.render(<stage.NotificationToast items={[note('d'), ...rows]} />);
  expect(titles(mounted)).toEqual(['Title c', 'Title b', 'Title a']);
  const urgent = note('e', { priority: 'high' });
  await mounted.render(<stage.NotificationToast items={[urgent, note('d'), ...rows]} />);
  expect(titles(mounted)).toEqual(['Title e', 'Title c', 'Title b']);
  await happen(() => find(mounted, '[aria-label="Close: Title c"]').click());
  expect(titles(mounted)).toEqual(['Title e', 'Title d', 'Title b']);
});

it('of a channel only notifications received while mounted are shown; a closed one is marked as read there', async () => {
  const onClose = vi.fn();
  const mounted = await mount(
    <StrictMode>
      <stage.NotificationToast userId="ann" load={() => []} onClose={onClose} />
    </StrictMode>,
  );
  const old = note('old');
  await rowsOf(stage, 'notifications:ann', [old]);
  expect(titles(mounted)).toEqual([]);
  const fresh = note('new', { message: 'Hello' });
  await rowsOf(stage, 'notifications:ann', [old, fresh]);
  expect(titles(mounted)).toEqual(['Title new']);
  expect(reported(mounted)).toEqual(['Title new. Hello']);
  await happen(() => find(mounted, 'button').click());
  expect(titles(mounted)).toEqual([]);
  expect(onClose).toHaveBeenCalledExactlyOnceWith(fresh, 'reader');
  const [update] = stage.engine.of('mutate');
  expect(update?.slice(3)).toEqual([1, 'new', '{"read":true}']);
});

it('after a change of the user existing notifications are not shown', async () => {
  const mounted = await mount(<stage.NotificationToast userId="ann" />);
  await rowsOf(stage, 'notifications:ann', []);
  await mounted.render(<stage.NotificationToast userId="bob" />);
  await rowsOf(stage, 'notifications:bob', [note('old')]);
  expect(titles(mounted)).toEqual([]);
  await rowsOf(stage, 'notifications:bob', [note('old'), note('new')]);
  expect(titles(mounted)).toEqual(['Title new']);
});

it('existing="show" shows existing ones', async () => {
  const mounted = await mount(<stage.NotificationToast userId="ann" existing="show" />);
  await rowsOf(stage, 'notifications:ann', [note('old')]);
  expect(titles(mounted)).toEqual(['Title old']);
});

it('time is paused by the pointer, the focus, and while the page is hidden', async () => {
  const onClose = vi.fn();
  const items = [note('a')];
  const mounted = await mountAt(NOW, <stage.NotificationToast items={items} onClose={onClose} />);
  const list = find(mounted, '.tw-toasts');
  const button = find(mounted, 'button');
  const pointer = (type: string) =>
    happen(() => list.dispatchEvent(new MouseEvent(type, { bubbles: true })));
  await pass(5_000);
  await pointer('mouseover');
  await pass(60_000);
  await pointer('mouseout');
  await pass(500);
  await act(async () => button.focus());
  await pass(60_000);
  await act(async () => button.blur());
  await setHidden(true);
  await pass(60_000);
  await setHidden(false);
  await pass(400);
  expect(titles(mounted)).toEqual(['Title a']);
  await pass(100);
  expect(titles(mounted)).toEqual([]);
  expect(onClose).toHaveBeenCalledExactlyOnceWith(items[0], 'time');
  expect(vi.getTimerCount()).toBe(0);
});

it('each toast has its own duration, that of the component, or none', async () => {
  const items = [
    note('short', { duration: 1_000 }),
    note('stays', { autoClose: false }),
    note('error', { type: 'error' }),
    note('other'),
  ];
  const mounted = await mountAt(
    NOW,
    <stage.NotificationToast items={items} max={9} durationMs={3_000} />,
  );
  await pass(1_000);
  expect(titles(mounted)).not.toContain('Title short');
  await pass(2_000);
  expect(titles(mounted)).toEqual(['Title error', 'Title stays']);
});

it('Escape closes, and the focus moves to the next, the last, and back to the element before', async () => {
  const items = ['a', 'b', 'c'].map((id) => note(id));
  const mounted = await mount(
    <>
      <button type="button">before</button>
      <stage.NotificationToast items={items} durationMs={false} />
    </>,
  );
  const focused = () => document.activeElement?.getAttribute('aria-label');
  find(mounted, 'button', 'before').focus();
  const [, second] = mounted.element.querySelectorAll<HTMLElement>('.tw-toast-close');
  await act(async () => second?.focus());
  await press('Escape');
  expect(focused()).toBe('Close: Title c');
  await press('Escape');
  expect(focused()).toBe('Close: Title a');
  await press('Escape');
  expect(document.activeElement?.textContent).toBe('before');
  expect(titles(mounted)).toEqual([]);
});

it('several at once are announced by their number, and not again when one is removed', async () => {
  const items = ['a', 'b'].map((id) => note(id));
  const mounted = await mountAt(NOW, <stage.NotificationToast items={items} />);
  expect(reported(mounted)).toEqual(['2 new notifications']);
  await pass(10_000);
  expect(reported(mounted)).toEqual(['2 new notifications']);
  await mounted.render(<stage.NotificationToast items={[...items, note('c')]} />);
  expect(reported(mounted)).toEqual(['Title c']);
});

it('every text, and the content of a toast, can be replaced', async () => {
  const mounted = await mount(
    <stage.NotificationToast
      items={[note('a', { type: 'warning' })]}
      texts={{
        label: 'Meldungen',
        types: { info: 'Info', success: 'Erfolg', warning: 'Warnung', error: 'Fehler' },
        close: (title) => `${title} schließen`,
      }}
      renderItem={({ id }) => <em>mine: {id}</em>}
      className="mine"
    />,
  );
  const region = find(mounted, 'section');
  expect(region.className).toBe('tw-notification-toast notification-container mine');
  expect(region.getAttribute('aria-label')).toBe('Meldungen');
  expect(find(mounted, '.tw-toast-body').textContent).toBe('Warnungmine: a');
  expect(find(mounted, 'button').getAttribute('aria-label')).toBe('Title a schließen');
});

it('after unmounting no timer remains', async () => {
  const mounted = await mountAt(NOW, <stage.NotificationToast items={[note('a')]} />);
  expect(vi.getTimerCount()).toBe(1);
  await mounted.unmount();
  expect(vi.getTimerCount()).toBe(0);
});
