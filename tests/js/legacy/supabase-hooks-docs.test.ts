/** The guide to the call marketplace's hooks lists all of them, and the table of compatibility decisions names existing tests. */
import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { configureLegacy, legacyConfig } from '../../../pkg-template/src/legacy/index.js';
import * as entry from '../../../pkg-template/src/legacy/supabase-hooks/index.js';

const read = (path: string): string =>
  readFileSync(`${import.meta.dirname}/../../../${path}`, 'utf8');

it('the guide has every export', () => {
  const guide = read('docs/legacy/supabase-hooks.md');
  for (const name of Object.keys(entry)) expect(guide).toContain(`\`${name}`);
});

it('its snippet is the whole configuration', () => {
  const [, snippet = ''] =
    read('docs/legacy/supabase-hooks.md').match(/```ts\n([\s\S]*?)```/) ?? [];
  const createClient = (supabaseUrl: string, supabaseKey: string) => ({
    supabaseUrl,
    supabaseKey,
    auth: {
      getSession: async () => ({ data: { session: null } }),
      onAuthStateChange: () => ({ data: { subscription: { unsubscribe: vi.fn() } } }),
    },
    from: vi.fn(),
  });
  const lines = snippet.replace(/^import .*$/gm, '');
  new Function('createClient', 'configureLegacy', 'url', 'key', lines)(
    createClient,
    configureLegacy,
    'https://ref.supabase.co',
    'public',
  );
  expect(legacyConfig()).toMatchObject({ supabase: { supabaseKey: 'public' } });
});

it('each compatibility decision names existing tests', () => {
  const files: Record<string, string> = {
    hooks: read('tests/js/legacy/supabase-hooks.test.tsx'),
    market: read('tests/js/legacy/supabase-hooks-market.test.tsx'),
    browser: read('tests/e2e/specs/legacy-supabase-hooks.spec.ts'),
  };
  const rows =
    read('docs/legacy/compatibility-supabase-hooks.md')
      .match(/^\|.*\|$/gm)
      ?.slice(2) ?? [];
  expect(rows.length).toBeGreaterThan(25);
  for (const row of rows) {
    let file = '';
    for (const named of (row.split('|').at(-2) ?? '').split(';')) {
      const [, where, title = ''] = named.trim().match(/^(?:(\w+) › )?(.*)$/) ?? [];
      file = where ?? file;
      const text = `'${title.replaceAll('`', '')}`;
      expect(files[file]?.includes(text), `${file} › ${title}`).toBe(true);
    }
  }
});
