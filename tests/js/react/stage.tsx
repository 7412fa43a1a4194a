/** A page with React: mounts components, counts their renders, and plays the reports of an engine. */
import { act, type ReactNode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, vi } from 'vitest';
import { type EngineDouble, freshPage } from '../page.js';

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

/** The package, its hooks, and a running engine: that of the default client. */
export async function freshStage() {
  const page = await freshPage();
  const hooks = await import('../../../pkg-template/src/react/index.js');
  const started = page.double.nextEngine();
  page.realtimeClient.subscribe('base', {});
  return { ...page, ...hooks, engine: await started };
}

export type Stage = Awaited<ReturnType<typeof freshStage>>;

const roots = new Set<Root>();

/** A place for components. */
export interface Mounted {
  readonly element: HTMLElement;
  readonly text: string;
  render(node: ReactNode): Promise<void>;
  /** Unmounts them, in the same task as something else. */
  unmount(meanwhile?: () => void): Promise<void>;
}

/** Mounts components. They are unmounted when the test ends. */
export async function mount(node: ReactNode): Promise<Mounted> {
  const element = document.body.appendChild(document.createElement('div'));
  const root = createRoot(element);
  roots.add(root);
  const render = (next: ReactNode) => act(async () => root.render(next));
  await render(node);
  return {
    element,
    get text() {
      return element.textContent ?? '';
    },
    render,
    unmount: (meanwhile = () => {}) =>
      act(async () => {
        meanwhile();
        roots.delete(root);
        root.unmount();
      }),
  };
}

/** Lets something happen, and React and what follows at once with it. */
export const happen = (work: () => void = () => {}): Promise<void> => act(async () => work());

/** The numbers of those that are subscribed to a channel now, collections among them. */
export function members(engine: EngineDouble, channel: string): unknown[] {
  const came = [
    ...engine.of('subscribe').filter(([, name]) => name === channel),
    ...engine.of('openCollection').filter(([, , name]) => name === channel),
  ].map(([number]) => number);
  const left = [...engine.of('unsubscribe'), ...engine.of('closecollection')].flat();
  return came.filter((number) => !left.includes(number));
}

/** The warnings of React. */
export const complaints = () => vi.spyOn(console, 'error').mockImplementation(() => {});

afterEach(async () => {
  await act(async () => {
    for (const root of roots) root.unmount();
    roots.clear();
  });
  document.body.replaceChildren();
  vi.restoreAllMocks();
  vi.useRealTimers();
});
