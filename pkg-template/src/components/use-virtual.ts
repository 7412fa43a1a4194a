/**
 * An adapter of the virtualizer library. `@tanstack/react-virtual` is one too, but imports the library eagerly: its 10.5 KB
 * (gzip) would be loaded by every page with a list, however short. This one loads it for long lists only.
 */
import type { Virtualizer } from '@tanstack/virtual-core';
import { useLayoutEffect, useMemo, useReducer } from 'react';
import { lazyModule, useLazyModule } from './lazy-module.js';

const core = /* @__PURE__ */ lazyModule(() => import('@tanstack/virtual-core'));

/** The number of rows that are rendered beyond the visible ones. */
const OVERSCAN = 6;

/** The virtualizer of a list. */
export type Virtual = Virtualizer<HTMLElement, HTMLElement>;

/** The options of a virtualized list. */
export interface VirtualOptions {
  /** The number of rows. */
  count: number;
  /** Returns the key of a row; a new function if any row has changed. */
  keyAt: (index: number) => string | number;
  /** The height of a row, in pixels, until it is measured. */
  estimate: number;
  /** The row that is always rendered: the focused one. */
  kept: number | undefined;
  scroller: () => HTMLElement | null;
}

/** Returns a virtualizer; `undefined` while none is needed or loaded. */
export function useVirtual(
  isNeeded: boolean,
  { count, keyAt, estimate, kept, scroller }: VirtualOptions,
): Virtual | undefined {
  const module = useLazyModule(core, isNeeded);
  const [, rerender] = useReducer((turn: number) => turn + 1, 0);
  // The options are set with every render, below; these are the initial ones.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it lasts as long as the module
  const virtual = useMemo(
    () =>
      module &&
      new module.Virtualizer<HTMLElement, HTMLElement>({
        count,
        getScrollElement: scroller,
        estimateSize: () => estimate,
        scrollToFn: module.elementScroll,
        observeElementRect: module.observeElementRect,
        observeElementOffset: module.observeElementOffset,
      }),
    [module],
  );
  if (module && virtual) {
    virtual.setOptions({
      ...virtual.options,
      count,
      getScrollElement: scroller,
      estimateSize: () => estimate,
      getItemKey: keyAt,
      overscan: OVERSCAN,
      // At the top new rows become visible; further down the visible rows keep their place.
      anchorTo: (virtual.scrollOffset ?? 0) > 1 ? 'end' : 'start',
      rangeExtractor: (range) => {
        const shown = module.defaultRangeExtractor(range);
        if (kept === undefined || kept >= count || shown.includes(kept)) return shown;
        return [...shown, kept].sort((a, b) => a - b);
      },
      onChange: rerender,
    });
  }
  return virtual;
}

/**
 * Updates a virtualizer from the rendered list, after which it must be rendered. It is a separate component
 * since React 18 warns of layout effects on a server, where it is not rendered.
 */
export function VirtualizerEffects({ virtual }: { virtual: Virtual }): null {
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  return null;
}
