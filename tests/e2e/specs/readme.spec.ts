/** Every snippet of the README does what the README describes. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { CONSUMER, INSTALLED, ROOT } from '../support/environment.js';
import { placeSnippet, readSnippets, type Snippet } from '../support/readme.js';
import { ReferenceServer } from '../support/server.js';
import { expect, test } from '../support/test.js';

const run = promisify(execFile);
const snippets = readSnippets();

/** What a page's snippet must print, among other things. */
const PRINTED: Record<string, string[]> = {
  'Install and use, js': ['news {title: It works}'],
  'Install and use, html': ['{title: From outside}'],
  'Install and use, ts': [
    'authenticating opened',
    'ready authenticated',
    'I wrote hello',
    'confirmed true',
  ],
  'Collections, ts': ['pending', '1 notes 1', 'stored Milk', '5 notes 0'],
  'Presence and typing, ts': ['ann is here, as fine'],
  'React, tsx': ['rendered with undefined', 'rendered with From outside'],
  'Services, ts': ['last They mean it', 'stored They mean it'],
  'Components, tsx': ['an entry: From outside'],
  'Supabase, ts': ['ready to load', 'confirmed true', 'added From outside'],
  'Phoenix, ts': ['chat {text: hello}', 'reply {}'],
  'The bare module, js': [
    'stored Straight from Rust',
    '5 notes 0',
    'ann is here',
    'I wrote hello',
    '1 channels',
  ],
};

const nameOf = ({ heading, language }: Snippet): string => `${heading}, ${language}`;
const pages = snippets.filter(({ language }) => language !== 'sh');
const commands = snippets.flatMap(({ language, code }) =>
  language === 'sh' ? code.trim().split('\n') : [],
);

test('every snippet of a page has expected output', () => {
  expect(pages.map(nameOf).toSorted()).toEqual(Object.keys(PRINTED).toSorted());
});

for (const snippet of pages) {
  test(`${nameOf(snippet)}: works`, async ({ page }) => {
    const folder = await placeSnippet(snippet);
    const server = await ReferenceServer.start({ flags: ['--demo', '--static', folder] });
    const printed: string[] = [];
    const thrown: Error[] = [];
    page.on('console', (message) => printed.push(message.text()));
    page.on('pageerror', (error) => thrown.push(error));
    await page.goto(server.origin);
    await expect.poll(() => server.joined(), 'it subscribed').not.toEqual([]);
    await server.publish('news', { title: 'From outside' });
    for (const line of PRINTED[nameOf(snippet)] ?? []) {
      await expect.poll(() => printed).toContain(line);
      if (line === 'ready to load') {
        await server.change('notes', { change: 'insert', row: { title: 'From outside' } });
      }
    }
    expect(thrown).toEqual([]);
    await server.stop();
  });
}

for (const snippet of pages.filter(({ language }) => language.startsWith('ts'))) {
  test(`${nameOf(snippet)}: is well typed`, async () => {
    const folder = `${CONSUMER}/readme-types-${snippet.line}`;
    await mkdir(folder, { recursive: true });
    const file = `${folder}/snippet.${snippet.language}`;
    await writeFile(file, snippet.code);
    await run(process.execPath, [
      `${ROOT}/node_modules/typescript/bin/tsc`,
      ...['--noEmit', '--strict', '--ignoreConfig', '--types', ''],
      ...['--lib', 'es2022,dom', '--module', 'nodenext', '--jsx', 'react-jsx', file],
    ]);
  });
}

test('the curl command publishes', async ({ server }) => {
  const curls = commands.filter((command) => command.startsWith('curl '));
  expect(curls).toHaveLength(1);
  for (const command of curls) {
    const here = command.replace('http://127.0.0.1:4321', server.origin);
    expect(here).not.toBe(command);
    const { stdout } = await run('sh', ['-c', `${here} --silent --show-error`]);
    expect(JSON.parse(stdout)).toMatchObject({ seq: 1 });
  }
  expect(await server.payloads('news')).toEqual([{ title: 'From outside' }]);
});

test('every other command exists', async () => {
  const xtask = readFileSync(`${ROOT}/xtask/src/main.rs`, 'utf8');
  const testCommand = readFileSync(`${ROOT}/xtask/src/test.rs`, 'utf8');
  const installed = JSON.parse(readFileSync(`${INSTALLED}/package.json`, 'utf8'));
  const known: Record<string, () => void> = {
    'npm install tidewire': () => expect(installed.name).toBe('tidewire'),
    // What it does has tests of its own.
    'npx tidewire-migrate src --from supabase-hooks # shows a diff; --write writes': () =>
      expect(existsSync(`${ROOT}/node_modules/.bin/tidewire-migrate`)).toBe(true),
    'cargo xtask demo': () => expect(xtask).toContain('["demo"] =>'),
    'cargo xtask scenarios': () => expect(xtask).toContain('["scenarios"] =>'),
    'cargo xtask test': () => expect(xtask).toContain('["test"] =>'),
    // Run by `cargo xtask test`, before these tests.
    'wasm-pack build --target web': () => expect(testCommand).toContain('"build --target web '),
    'wasm-pack test --headless --chrome': () =>
      expect(testCommand).toContain('"test --headless --chrome'),
    'cargo run -p tidewire-server -- --demo --port 4321': () => {},
  };
  const others = commands.filter((command) => !command.startsWith('curl '));
  expect(others.toSorted()).toEqual(Object.keys(known).toSorted());
  for (const command of others) known[command]?.();
  // The flags of the last one.
  const server = await ReferenceServer.start({ flags: ['--demo'] });
  await server.stop();
});

test('the table of options names every option, and no other', () => {
  const readme = readFileSync(`${ROOT}/README.md`, 'utf8');
  const section = readme.split('\n## ').find((part) => part.startsWith('Options')) ?? '';
  const received = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  const types = readFileSync(`${ROOT}/pkg-template/src/options.ts`, 'utf8');
  const [, body = ''] = types.match(/interface ClientOptions \{([\s\S]*?)\n\}/) ?? [];
  const real = [...body.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name);
  expect(received).toEqual(real);
});

test('its links have existing targets', () => {
  const readme = readFileSync(`${ROOT}/README.md`, 'utf8');
  for (const [, target] of readme.matchAll(/\]\((?!http)([^)]+)\)/g)) {
    const [file, heading] = (target ?? '').split('#');
    // A target of a heading alone is in this page.
    const text = readFileSync(`${ROOT}/${file || 'README.md'}`, 'utf8');
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );
    if (heading) expect(headings, target).toContain(heading);
  }
});
