/** docs/components.md: its snippets run, and it documents every component, prop and class. */
import { readdirSync, readFileSync } from 'node:fs';
import type { ComponentType } from 'react';
import { act } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { readDocument } from '../snippets.js';
import { type Components, deliver, find, freshComponents, mount, rowsOf } from './stage.js';

const SOURCE = `${import.meta.dirname}/../../../pkg-template/src/components`;
const docs = readDocument('components.md');
const section = (name: string): string =>
  docs.text.split('\n## ').find((part) => part.startsWith(`${name}\n`)) ?? '';

let stage: Components;

beforeEach(async () => {
  stage = await freshComponents();
});

const component = <P = object>(name: string): Promise<ComponentType<P>> =>
  docs.component<P>(name, { 'tidewire/components': stage, 'tidewire/react': stage });

const sources = readdirSync(SOURCE).map((file) => readFileSync(`${SOURCE}/${file}`, 'utf8'));

/** The members of an interface and of those it extends. */
function membersOf(name: string): string[] {
  const found = sources
    .map((text) => text.match(new RegExp(`interface ${name}\\b([^{]*)\\{\n([\\s\\S]*?)\n\\}`)))
    .find((match) => match);
  const [, head = '', body = ''] = found ?? [];
  const own = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, member = '']) => member);
  const bases = [...head.matchAll(/\b(RowSource|RowListOptions)\b/g)].map(([base]) => base);
  return [...own, ...new Set(bases)].flatMap((member) =>
    /^Row/.test(member) ? membersOf(member) : member,
  );
}

it('every component has a section with all of its props', () => {
  const components = Object.keys(stage).filter((name) =>
    sources.join().includes(`${name}OwnProps`),
  );
  expect(components).toHaveLength(10);
  for (const name of components) {
    const rows = section(name).match(/^\|.*$/gm) ?? [];
    const documented = rows.flatMap((row) => {
      const [, cell = ''] = row.split('|');
      return [...cell.matchAll(/`(\w+)`/g)].map(([, prop = '']) => prop);
    });
    expect(new Set(documented), name).toEqual(new Set(membersOf(`${name}OwnProps`)));
  }
});

it('every custom property is documented', () => {
  const styles = readFileSync(`${SOURCE}/styles.css`, 'utf8');
  const set = [...styles.matchAll(/^ {2}(--tw-[\w-]+):/gm)].map(([, name]) => name);
  expect(set.length).toBeGreaterThan(5);
  for (const name of set) {
    expect(docs.text).toContain(`\`${name?.replace(/chart-[23]$/, 'chart-1')}\``);
  }
});

it('every class in the stylesheet is used by a component', () => {
  const styles = readFileSync(`${SOURCE}/styles.css`, 'utf8');
  const code = sources.filter((text) => text !== styles).join();
  const classes = [...styles.matchAll(/\.(tw-[\w-]+)/g)];
  expect(classes.length).toBeGreaterThan(10);
  for (const [, name = ''] of classes) {
    expect(code, name).toContain(name.replace(/\d$/, ''));
  }
});

it('every snippet is run here', () => {
  expect(docs.names).toEqual([
    ...['Dashboard', 'Calls', 'Feed', 'Toasts', 'Status', 'Chart', 'Users', 'Bids'],
    ...['Running', 'Light', 'Typing'],
  ]);
});

it('the snippet Dashboard renders its components', async () => {
  const Dashboard = await component<{ token: string }>('Dashboard');
  const mounted = await mount(<Dashboard token="t" />);
  expect(mounted.text).toContain('Loading');
  expect(find(mounted, 'button', 'Connection')).toBeDefined();
});

it('the snippet Calls shows the calls of a channel', async () => {
  const Calls = await component('Calls');
  const mounted = await mount(<Calls />);
  await rowsOf(stage, 'calls:7', [{ id: '1', status: 'ringing', caller_number: '1' } as never]);
  expect(find(mounted, '[aria-label="Our calls"]').textContent).toContain('1 under way');
});

it('the snippet Feed shows messages', async () => {
  const Feed = await component('Feed');
  const mounted = await mount(<Feed />);
  await deliver(stage, 'room', [{ text: 'hello' }], 'chat');
  expect(find(mounted, 'q').textContent).toBe('hello');
});

it('the snippet Toasts shows new notifications up to its maximum', async () => {
  const Toasts = await component<{ user: string }>('Toasts');
  const mounted = await mount(<Toasts user="ann" />);
  await rowsOf(stage, 'notifications:ann', []);
  const rows = ['1', '2', '3'].map((id) => ({ id, title: id }));
  await rowsOf(stage, 'notifications:ann', rows);
  expect(mounted.text).toContain('1 more');
});

it('the snippet Chart shows the latest values', async () => {
  vi.doMock('uplot', () => new Promise(() => {}));
  const Chart = await component('Chart');
  const mounted = await mount(<Chart />);
  await deliver(stage, 'load', [{ cpu: 1, memory: 2 }]);
  expect(mounted.text).toContain('memory latest 2');
});

it('the snippet Bids shows the highest bid', async () => {
  const Bids = await component<{ user: string }>('Bids');
  const mounted = await mount(<Bids user="ann" />);
  const bid = { id: '1', bidder_id: 'ann', amount: 3, currency: 'EUR' };
  await rowsOf(stage, 'bids:7', [bid]);
  expect(mounted.text).toContain('Highest bid: €3.00 by you');
});

it('the other snippets render their initial state', async () => {
  const shown = async <P extends object>(name: string, props: P): Promise<string> => {
    const Snippet = await component<P>(name);
    const mounted = await mount(<Snippet {...props} />);
    await act(async () => {});
    return mounted.text;
  };
  expect(await shown('Status', {})).toBe('Connecting');
  expect(await shown('Users', { name: 'Ann' })).toBe('Nobody is here');
  expect(await shown('Running', { since: new Date().toISOString() })).toBe('0:00');
  expect(await shown('Light', {})).toContain('Server: Connecting');
  expect(await shown('Typing', { name: 'Ann' })).toBe('');
});
