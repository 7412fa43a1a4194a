/** Our own adapter for the virtualiser: what of a long list is on the page. */
import type { Virtualizer } from '@tanstack/virtual-core';
import { useLayoutEffect, useMemo, useReducer } from 'react';
import { lazyModule, useLazyModule } from './lazy-module.js';

const core = /* @__PURE__ */ lazyModule(() => import('@tanstack/virtual-core'));

/** Beyond the edge of what is seen so many rows are there already. */
const OVERSCAN = 6;

/** What knows which rows are seen. */
export type Virtual = Virtualizer<HTMLElement, HTMLElement>;

/** A list that is too long to be on the page as a whole. */
export interface VirtualOptions {
  /** How many rows there are. */
  count: number;
  /** What tells a row apart; another function if any row is another. */
  keyAt: (index: number) => string | number;
  /** How high a row is, in pixels, until it was measured. */
  estimate: number;
  /** The row that stays on the page wherever it is: the one with the focus. */
  kept: number | undefined;
  scroller: () => HTMLElement | null;
}

/** A virtualiser; `undefined` as long as none is needed or there. */
export function useVirtual(
  isNeeded: boolean,
  { count, keyAt, estimate, kept, scroller }: VirtualOptions,
): Virtual | undefined {
  const module = useLazyModule(core, isNeeded);
  const [, rerender] = useReducer((turn: number) => turn + 1, 0);
  // The options come with every render, below; the first ones only make it.
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
      // At the top what is new is seen; further down, what is being read stays where it is.
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
 * Lets a virtualiser follow what was put on the page: to be rendered after its list. A component of its own,
 * since there is none on a server, and React 18 complains of layout effects there.
 */
export function Following({ virtual }: { virtual: Virtual }): null {
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  return null;
}
