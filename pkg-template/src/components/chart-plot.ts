/** Draws a chart: the only file that uses the chart library. */

import { type RefObject, useEffect, useRef } from 'react';
import type uPlot from 'uplot';
import { lazyModule, useLazyModule } from './lazy-module.js';

const library = /* @__PURE__ */ lazyModule(() => import('uplot'));

/** Dash patterns, which distinguish lines without colours. */
export const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 3, 2, 3]];

/** The data of a plot. */
export interface Plot {
  /** Milliseconds since 1970, ascending. */
  times: readonly number[];
  /** A value for each time and series. */
  values: readonly (readonly (number | null)[])[];
  /** The visible range of times. */
  from: number;
  to: number;
  height: number;
  formatTime: (time: number) => string;
  formatNumber: (value: number) => string;
}

/** The elements of a plot. */
interface PlotElements {
  host: RefObject<HTMLElement | null>;
  /** Has an element for each series, whose colour is used for the line. */
  legend: RefObject<HTMLElement | null>;
}

/** Sets the needed part of the library's own stylesheet as inline styles. */
function layOut({ root, over, under, ctx }: uPlot): void {
  const wrap = over.parentElement;
  root.style.width = 'min-content';
  if (wrap) wrap.style.position = 'relative';
  for (const layer of [over, under]) layer.style.position = 'absolute';
  Object.assign(ctx.canvas.style, { display: 'block', width: '100%', height: '100%' });
}

const colourOf = (element: Element | null | undefined): string =>
  element ? getComputedStyle(element).color : 'currentColor';

/** Returns the colour with a low opacity. */
const faint = (colour: string): string => colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.15)');

function optionsOf(
  { host, legend }: PlotElements,
  latest: { readonly current: Plot },
): uPlot.Options {
  const text = () => colourOf(host.current);
  const axis = {
    stroke: text,
    font: '12px system-ui, sans-serif',
    grid: { stroke: () => faint(text()), width: 1 },
    ticks: { show: false },
  };
  const { values, height } = latest.current;
  return {
    width: host.current?.clientWidth ?? 0,
    height,
    ms: 1,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { range: () => [latest.current.from, latest.current.to] } },
    axes: [
      {
        ...axis,
        space: 90,
        size: 24,
        values: (_, splits) => splits.map((time) => latest.current.formatTime(time)),
      },
      {
        ...axis,
        size: 48,
        values: (_, splits) => splits.map((value) => latest.current.formatNumber(value)),
      },
    ],
    series: [
      {},
      ...values.map((_, at) => ({
        stroke: () => colourOf(legend.current?.children[at]?.firstElementChild),
        width: 2,
        dash: [...(DASHES[at % DASHES.length] ?? [])],
        points: { show: false },
        spanGaps: true,
      })),
    ],
    hooks: { init: [layOut] },
  };
}

/** Draws the plot whenever it has changed, in the page's colours and at the width of its element. */
export function usePlot(elements: PlotElements, plot: Plot): void {
  const module = useLazyModule(library, true);
  const drawn = useRef<uPlot>(undefined);
  const latest = useRef(plot);
  const { host, legend } = elements;
  useEffect(() => {
    latest.current = plot;
    drawn.current?.setData([plot.times, ...plot.values] as uPlot.AlignedData);
  });
  const { height } = plot;
  const series = plot.values.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: created again only for changes that the library cannot apply
  useEffect(() => {
    const element = host.current;
    if (!module || !element) return;
    const { times, values } = latest.current;
    const data = [times, ...values] as uPlot.AlignedData;
    const chart = new module.default(optionsOf({ host, legend }, latest), data, element);
    drawn.current = chart;
    const resized = new ResizeObserver(() => {
      chart.setSize({ width: element.clientWidth, height });
    });
    resized.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => chart.redraw(false, true);
    scheme.addEventListener('change', redraw);
    return () => {
      drawn.current = undefined;
      scheme.removeEventListener('change', redraw);
      resized.disconnect();
      chart.destroy();
    };
  }, [module, host, legend, series, height]);
}
