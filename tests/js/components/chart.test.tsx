/** RealtimeChart: the plot, and its text alternative. */
import { beforeEach, expect, it, vi } from 'vitest';
import {
  type Components,
  deliver,
  find,
  freshComponents,
  happen,
  mountAt,
  pass,
  rowsOf,
} from './stage.js';

/** Replaces the library uPlot, which needs a canvas. */
class Plot {
  static made: Plot[] = [];
  drawn: unknown[];
  size = { width: 0, height: 0 };
  isDestroyed = false;
  constructor(
    readonly options: {
      series: object[];
      scales: { x: { range: () => [number, number] } };
      axes: { values: (plot: unknown, splits: number[]) => string[] }[];
    },
    data: unknown[],
  ) {
    this.drawn = data;
    Plot.made.push(this);
  }
  setData(data: unknown[]): void {
    this.drawn = data;
  }
  setSize(size: { width: number; height: number }): void {
    this.size = size;
  }
  redraw(): void {}
  destroy(): void {
    this.isDestroyed = true;
  }
}

let stage: Components;
let resize = (): void => {};
const NOON = Date.parse('2026-01-01T12:00:00Z');

beforeEach(async () => {
  Plot.made = [];
  vi.doMock('uplot', () => ({ default: Plot }));
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(resized: () => void) {
        resize = resized;
      }
      observe() {}
      disconnect() {}
    },
  );
  vi.stubGlobal('matchMedia', () => new EventTarget());
  stage = await freshComponents();
});

interface Load {
  cpu: number;
  memory?: number;
  at?: number;
}

const value = ({ cpu, memory }: Load) => ({ cpu, memory });
const time = ({ at }: Load): number => at ?? NOON;

it('the values of the window are drawn in order, with a line for each series', async () => {
  const mounted = await mountAt(
    '2026-01-01T12:00:00Z',
    <stage.RealtimeChart<Load> channel="load" value={value} time={time} windowMs={10_000} />,
  );
  expect(mounted.text).toContain('No values yet');
  await deliver(stage, 'load', [
    { cpu: 9, at: NOON - 20_000 },
    { cpu: 3, at: NOON - 1_000 },
    { cpu: 1, memory: 50, at: NOON - 2_000 },
    { cpu: 2, memory: 60, at: NOON },
  ]);
  await vi.waitFor(() => expect(Plot.made).toHaveLength(2));
  const [former, plot] = Plot.made;
  expect(former?.isDestroyed).toBe(true);
  expect(plot?.drawn).toEqual([
    [NOON - 2_000, NOON - 1_000, NOON],
    [1, 3, 2],
    [50, null, 60],
  ]);
  expect(plot?.options.scales.x.range()).toEqual([NOON - 10_000, NOON]);
  expect(plot?.options.axes[1]?.values(plot, [1_234.5])).toEqual(['1,234.5']);
  const legend = [...mounted.element.querySelectorAll('li')].map(({ textContent }) => textContent);
  expect(legend).toEqual([
    ' cpu latest 2, lowest 1, highest 3',
    ' memory latest 60, lowest 50, highest 60',
  ]);
});

it('the window follows the time, and the plot has the width of its element', async () => {
  const mounted = await mountAt(
    '2026-01-01T12:00:00Z',
    <stage.RealtimeChart<Load> channel="load" value={({ cpu }) => cpu} height={100} />,
  );
  await vi.waitFor(() => expect(Plot.made).toHaveLength(1));
  const [plot] = Plot.made;
  await deliver(stage, 'load', [{ cpu: 5 }]);
  await pass(3_000);
  expect(plot?.options.scales.x.range()).toEqual([NOON - 57_000, NOON + 3_000]);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(321);
  await happen(() => resize());
  expect(plot?.size).toEqual({ width: 321, height: 100 });
  await pass(60_000);
  expect(mounted.text).toContain('No values yet');
  await mounted.unmount();
  expect(plot?.isDestroyed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it('the newest values are a table that can be opened', async () => {
  const mounted = await mountAt(
    '2026-01-01T12:00:00Z',
    <stage.RealtimeChart<Load>
      items={Array.from({ length: 30 }, (_, n) => ({ cpu: n, at: NOON - n * 1_000 }))}
      value={value}
      time={time}
      series={['cpu', 'memory']}
      texts={{ label: 'Load', series: (name) => name.toUpperCase() }}
      format={{ time: (at) => `${(Number(at) - NOON) / 1_000} s` }}
    />,
  );
  const details = find(mounted, 'details') as HTMLDetailsElement;
  const rows = () => [...mounted.element.querySelectorAll('tbody tr')];
  expect(rows()).toEqual([]);
  await happen(() => {
    details.open = true;
    details.dispatchEvent(new Event('toggle'));
  });
  expect(rows()).toHaveLength(20);
  expect(rows()[0]?.textContent).toBe('0 s0');
  expect(find(mounted, 'thead').textContent).toBe('TimeCPUMEMORY');
  expect(find(mounted, 'caption').textContent).toBe('Load');
  expect(find(mounted, 'figure').getAttribute('aria-label')).toBe('Load');
});

it('rows of a collection are points too', async () => {
  const mounted = await mountAt(
    '2026-01-01T12:00:00Z',
    <stage.RealtimeChart<{ id: string; price: number }>
      channel="prices"
      of="rows"
      value={({ price }) => price}
    />,
  );
  const row = { id: '1', price: 4, updated_at: '2026-01-01T11:59:59Z' };
  await rowsOf(stage, 'prices', [row, { ...row, id: '2', price: 6 }]);
  expect(mounted.text).toContain('latest 6, lowest 4, highest 6');
});
