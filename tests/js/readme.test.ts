/** The snippets of the package's README do what they say. */
import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { freshPage, say } from './page.js';

const readme = readFileSync(`${import.meta.dirname}/../../pkg-template/README.md`, 'utf8');

/** The first fenced block of a language. */
function snippet(language: string): string {
  const [, text] = readme.match(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``)) ?? [];
  if (!text) throw Error(`The README has no ${language} block.`);
  return text;
}

it('the module', async () => {
  const { realtimeClient, double } = await freshPage();
  const log = vi.fn();
  const started = double.nextEngine();
  const body = snippet('js').replace("import { realtimeClient } from 'tidewire';", '');
  new Function('realtimeClient', 'fetchToken', 'console', body)(realtimeClient, () => 'token', {
    log,
    error: log,
  });
  const engine = await started;
  expect(engine.options).toMatchObject({ url: 'wss://example.com/ws/realtime' });
  say(engine).message('news', { title: 'It works' });
  expect(log).toHaveBeenCalledWith('news', { title: 'It works' });
  say(engine).send(engine.of('send')[0]?.[0], 'acked', { confirmed: true });
  await vi.waitFor(() => expect(log).toHaveBeenCalledWith('handed over', true));
});

it('the classic script', async () => {
  const { double, ...tidewire } = await freshPage();
  const log = vi.fn();
  const started = double.nextEngine();
  const [, body = ''] = snippet('html').match(/<script>\n([\s\S]*?)<\/script>/) ?? [];
  new Function('tidewire', 'console', body)(tidewire, { log });
  say(await started).message('news', 'hello');
  expect(log).toHaveBeenCalledExactlyOnceWith('hello');
});
