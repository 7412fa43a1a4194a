/** The npm package plays the scenarios in `tests/scenarios`, which the bare module plays in its `main.rs`. */
import { readdirSync, readFileSync } from 'node:fs';
import { ROOT } from '../support/environment.js';
import type { ServerOptions } from '../support/server.js';
import { expect, test } from '../support/test.js';

declare global {
  interface Window {
    play(scenario: string, server: { origin: string; control: string }): Promise<void>;
  }
}

const FOLDER = `${ROOT}/tests/scenarios`;
const read = (file: string): string => readFileSync(`${FOLDER}/${file}`, 'utf8');
const files = readdirSync(`${FOLDER}/data`);

// The options are those of the bare module's run, but for the key, which `--demo` would make.
const { publish, ...serverOptions } = JSON.parse(read('server.json')) as ServerOptions & {
  publish: 'open';
};
test.use({ serverOptions: { ...serverOptions, flags: ['--demo'] } });

test('the bare module runs every scenario too', () => {
  expect(publish).toBe('open');
  const played = [...read('main.rs').matchAll(/^ {4}\w+ "([\w-]+)";$/gm)].map(([, name]) => name);
  expect(played.map((name) => `${name}.json`).toSorted()).toEqual(files.toSorted());
});

for (const file of files) {
  const text = read(`data/${file}`);
  const { name } = JSON.parse(text) as { name: string };
  test(name, async ({ page, site, server }) => {
    await page.goto(`${site.origin}/scenarios.html`);
    const control = `http://127.0.0.1:${server.controlPort}`;
    await page.waitForFunction(() => 'play' in window);
    await page.evaluate(([scenario, at]) => window.play(scenario, at), [
      text,
      { origin: server.origin, control },
    ] as const);
  });
}
