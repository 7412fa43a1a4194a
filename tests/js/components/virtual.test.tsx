/** Long lists: only visible rows are rendered. */
import { act } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { countNewItems } from '../../../pkg-template/src/components/new-item-announcement.js';
import { type Components, freshComponents, mount, press, until } from './stage.js';

let stage: Components;

/** The heights of the viewport and of a row, so that ten rows are visible: jsdom has no layout. */
const [VIEWPORT, ROW] = [480, 48];

beforeEach(async () => {
  stage = await freshComponents();
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(VIEWPORT);
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(ROW);
  vi.spyOn(HTMLElement.prototype, 'scrollHeight', 'get').mockImplementation(function (
    this: HTMLElement,
  ) {
    return Number.parseInt((this.firstElementChild as HTMLElement).style.height, 10);
  });
  HTMLElement.prototype.scrollTo = function (this: HTMLElement, to?: unknown) {
    this.scrollTop = (to as { top: number }).top;
    this.dispatchEvent(new Event('scroll'));
  } as HTMLElement['scrollTo'];
});

const rows = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({ id: `${n + from}`, title: `Row ${n + from}` }));

const articles = (element: HTMLElement): HTMLElement[] => [
  ...element.querySelectorAll<HTMLElement>('[role=article]'),
];

async function mountFeed(count: number) {
  const mounted = await mount(<stage.LiveFeed items={rows(count)} />);
  await until(() => expect(articles(mounted.element).length).toBeLessThan(30));
  return mounted;
}

it('of 10,000 rows the visible ones and a few more are rendered, each with its position', async () => {
  const { element } = await mountFeed(10_000);
  const shown = articles(element);
  expect(shown.length).toBeGreaterThanOrEqual(10);
  expect(shown.length).toBeLessThan(25);
  expect(shown[0]?.textContent).toBe('Row 0');
  expect(shown[9]?.getAttribute('aria-posinset')).toBe('10');
  expect(shown[9]?.getAttribute('aria-setsize')).toBe('10000');
  expect(element.querySelector<HTMLElement>('.tw-rows')?.style.height).toBe('480000px');
});

it('the end is reached with one key; the row with the focus stays on the page', async () => {
  const { element } = await mountFeed(10_000);
  await act(async () => articles(element)[0]?.focus());
  await press('End');
  await until(() => expect(document.activeElement?.textContent).toBe('Row 9999'));
  const scroller = element.querySelector<HTMLElement>('.tw-feed');
  await act(async () => scroller?.scrollTo({ top: 0 }));
  expect(articles(element)[0]?.textContent).toBe('Row 0');
  expect(document.activeElement?.textContent).toBe('Row 9999');
  expect(articles(element).length).toBeLessThan(25);
});

it('visible rows keep their place when new ones are added above; at the top the new ones are visible', async () => {
  const mounted = await mountFeed(1_000);
  const scroller = mounted.element.querySelector<HTMLElement>('.tw-feed') as HTMLElement;
  await mounted.render(<stage.LiveFeed items={[...rows(5, 5_000), ...rows(1_000)]} />);
  expect(scroller.scrollTop).toBe(0);
  expect(articles(mounted.element)[0]?.textContent).toBe('Row 5000');
  await act(async () => scroller.scrollTo({ top: 100 * ROW }));
  await mounted.render(
    <stage.LiveFeed items={[...rows(10, 6_000), ...rows(5, 5_000), ...rows(1_000)]} />,
  );
  expect(scroller.scrollTop).toBe(110 * ROW);
});

it('a row keeps the focus when a list becomes a long one', async () => {
  const mounted = await mount(<stage.LiveFeed items={rows(60)} />);
  const [, second] = articles(mounted.element);
  await act(async () => second?.focus());
  await mounted.render(<stage.LiveFeed items={rows(600)} />);
  await until(() => expect(articles(mounted.element).length).toBeLessThan(30));
  expect(document.activeElement).toBe(second);
});

it('without the library the first rows are shown, and the next list loads it again', async () => {
  const reported = vi.fn();
  vi.stubGlobal('reportError', reported);
  vi.doMock('@tanstack/virtual-core', () => {
    throw Error('offline');
  });
  const mounted = await mount(<stage.LiveFeed items={rows(600)} />);
  await until(() => expect(reported).toHaveBeenCalledOnce());
  expect(articles(mounted.element)).toHaveLength(60);
  expect(articles(mounted.element)[0]?.getAttribute('aria-setsize')).toBe('600');
  await mounted.render(<stage.LiveFeed key="next" items={rows(600)} />);
  await until(() => expect(reported).toHaveBeenCalledTimes(2));
  vi.doUnmock('@tanstack/virtual-core');
});

it('countNewItems returns the growth of the list, or by how many places the other rows moved', () => {
  const idOf = ({ id }: { id: string }) => id;
  const list = rows(300);
  expect(countNewItems(list, list, idOf)).toBe(0);
  expect(countNewItems(list.slice(0, 290), list, idOf)).toBe(10);
  expect(countNewItems(list, list.slice(5), idOf)).toBe(0);
  expect(countNewItems(rows(300, 3), list, idOf)).toBe(3);
  expect(countNewItems(list, rows(300, 4), idOf)).toBe(4);
  expect(countNewItems([], [], idOf)).toBe(0);
});
