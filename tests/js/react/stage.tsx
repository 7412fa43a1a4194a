/** A page with React: mounts components, and reports events as an engine. */
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

/** Mounted components. */
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

/** Runs `work` in React's `act`, with the updates that follow. */
export const happen = (work: () => void = () => {}): Promise<void> => act(async () => work());

/** The numbers of the current subscribers of a channel, collections included. */
export function members(engine: EngineDouble, channel: string): unknown[] {
  const joined = [
    ...engine.of('subscribe').filter(([, name]) => name === channel),
    ...engine.of('openCollection').filter(([, , name]) => name === channel),
  ].map(([number]) => number);
  const left = [...engine.of('unsubscribe'), ...engine.of('closecollection')].flat();
  return joined.filter((number) => !left.includes(number));
}

/** Records React's warnings. */
export const reactWarnings = () => vi.spyOn(console, 'error').mockImplementation(() => {});

afterEach(async () => {
  await act(async () => {
    for (const root of roots) root.unmount();
    roots.clear();
  });
  document.body.replaceChildren();
  vi.restoreAllMocks();
  vi.useRealTimers();
});
