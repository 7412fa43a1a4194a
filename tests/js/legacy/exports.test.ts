/** What the families of older hooks export is used in a browser, not only here. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ROOT = `${import.meta.dirname}/../../..`;
const LEGACY = `${ROOT}/pkg-template/src/legacy`;

/** The values an entry exports, by their outer names. */
function exportsOf(entry: string): string[] {
  const lists = readFileSync(entry, 'utf8').matchAll(/^export \{([^}]*)\}/gm);
  return [...lists]
    .flatMap(([, list]) => (list ?? '').split(','))
    .map((name) => name.trim())
    .filter((name) => name && !name.startsWith('type '))
    .map((name) => name.split(' as ').at(-1) ?? name);
}

const inBrowsers = ['site', 'specs', 'support']
  .map((folder) => `${ROOT}/tests/e2e/${folder}`)
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => readFileSync(`${folder}/${file}`, 'utf8')),
  )
  .join('\n');

it.each(['interviews', 'broadcast', 'lazy-client', 'core-realtime', 'supabase-hooks'])(
  'every value of %s is used in a browser test',
  (family) => {
    const names = exportsOf(`${LEGACY}/${family}/index.ts`);
    expect(names.length).toBeGreaterThan(1);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(inBrowsers))).toEqual([]);
  },
);
