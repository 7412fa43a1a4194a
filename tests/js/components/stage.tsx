/** A page with the components: their texts, and the actions of a user. */
import { act, type ReactNode } from 'react';
import { vi } from 'vitest';
import { report } from '../page.js';
import { freshStage, happen, type Mounted, mount } from '../react/stage.js';

export { happen, members, mount, reactWarnings } from '../react/stage.js';

/** The package, its hooks and components, and a running engine: that of the default client. */
export async function freshComponents() {
  const stage = await freshStage();
  const components = await import('../../../pkg-template/src/components/index.js');
  return { ...stage, ...components };
}

export type Components = Awaited<ReturnType<typeof freshComponents>>;

/** The number of the collection of a channel. */
export const numberOf = ({ engine }: Components, channel: string): unknown =>
  engine
    .of('openCollection')
    .filter(([, , name]) => name === channel)
    .at(-1)?.[0];

/** Reports rows of a channel, as the engine. */
export const rowsOf = (
  stage: Components,
  channel: string,
  rows: { id: string }[],
  more: object = {},
): Promise<void> =>
  happen(() => report(stage.engine).collection(numberOf(stage, channel), { rows, ...more }));

/** Delivers messages of a channel, as the engine, in one batch. */
export const deliver = (
  { engine }: Components,
  channel: string,
  messages: unknown[],
  event?: string,
): Promise<void> =>
  happen(() => {
    for (const message of messages) report(engine).message(channel, message, event);
    report(engine).batch();
  });

/** The last polite announcement to screen readers. */
export const reported = ({ element }: Mounted): string[] =>
  [...element.querySelectorAll('.tw-announcement')].map(({ textContent }) => textContent ?? '');

/** Advances the fake timers. */
export const pass = (ms: number): Promise<void> =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });

/** Waits until an assertion passes, and lets React render between the attempts. */
export async function until(assertion: () => void, turns = 500): Promise<void> {
  await act(() => new Promise((resolve) => setTimeout(resolve, 2)));
  try {
    assertion();
  } catch (error) {
    if (!turns) throw error;
    await until(assertion, turns - 1);
  }
}

/** Hides or shows the page. */
export async function setHidden(isHidden: boolean): Promise<void> {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(isHidden);
  await happen(() => document.dispatchEvent(new Event('visibilitychange')));
}

/** Presses a key on the focused element. */
export const press = (key: string): Promise<void> =>
  happen(() => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
  });

/** The first element with this text. */
export function find(mounted: Mounted, selector: string, message = ''): HTMLElement {
  const found = [...mounted.element.querySelectorAll<HTMLElement>(selector)].find((element) =>
    element.textContent?.includes(message),
  );
  if (!found)
    throw Error(`There is no ${selector} with "${message}" in ${mounted.element.innerHTML}`);
  return found;
}

/** Mounts with fake timers: the test sets the clock. */
export async function mountAt(now: string, node: ReactNode): Promise<Mounted> {
  vi.useFakeTimers({ now: new Date(now) });
  return mount(node);
}
