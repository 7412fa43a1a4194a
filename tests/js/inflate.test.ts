/** Compressed frames are inflated up to the limit, or reported to the engine as invalid. */
import { deflateRawSync, deflateSync } from 'node:zlib';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type EngineDouble, freshPage, type Page, report } from './page.js';

let page: Page;
let engine: EngineDouble;

beforeEach(async () => {
  page = await freshPage();
  const started = page.double.nextEngine();
  page.createRealtimeClient().subscribe('base', {});
  engine = await started;
});

const frame = (...parts: Uint8Array[]): ArrayBuffer =>
  new Uint8Array(Buffer.concat([Buffer.of(1), ...parts])).buffer;

async function inflated(bytes: ArrayBuffer, maxBytes = 1_000): Promise<unknown> {
  report(engine).inflate(7, bytes, maxBytes);
  const [request, text] = await vi.waitUntil(() => engine.of('answerInflate')[0]);
  expect(request).toBe(7);
  return text;
}

it('returns the original text', async () => {
  const text = '{"greeting":"Grüße 👋"}';
  expect(await inflated(frame(deflateRawSync(text)))).toBe(text);
});

it('a text in chunks, split within a character, is complete', async () => {
  const text = 'x👋'.repeat(100_000);
  // Not `toBe`: the printed difference would be unreadable.
  expect((await inflated(frame(deflateRawSync(text)), 500_000)) === text).toBe(true);
});

describe('returns undefined for', () => {
  const text = 'x'.repeat(100);
  it.each([
    ['another format', frame(deflateSync(text)), 1_000],
    ['a truncated frame', frame(deflateRawSync(text).subarray(0, 4)), 1_000],
    ['text that is not UTF-8', frame(deflateRawSync(Buffer.of(0xff, 0xfe))), 1_000],
    ['an empty frame', new ArrayBuffer(0), 1_000],
  ])('%s', async (_, bytes, maxBytes) => {
    expect(await inflated(bytes, maxBytes)).toBeUndefined();
  });
});

it.each([
  ['text', 'x'.repeat(100_000), 99],
  ['bomb', '\0'.repeat(50_000_000), 1_000],
  ['text cut within a letter', '👋'.repeat(30_000), 65_535],
])('of a %s over the limit only the beginning is returned', async (_, text, maxBytes) => {
  const start = (await inflated(frame(deflateRawSync(text)), maxBytes)) as [string];
  expect(Array.isArray(start)).toBe(true);
  expect(text.startsWith(start[0])).toBe(true);
  expect(start[0].length).toBeLessThan(maxBytes + 1_000_000);
});

it('a text of exactly the limit is returned', async () => {
  const text = 'x'.repeat(100);
  expect(await inflated(frame(deflateRawSync(text)), 100)).toBe(text);
});

it.each([
  ['can inflate', true],
  ['cannot inflate', false],
])('the engine receives whether the platform %s', async (_, inflates) => {
  if (!inflates) vi.stubGlobal('DecompressionStream', undefined);
  const started = page.double.nextEngine();
  page.createRealtimeClient().subscribe('base', {});
  expect((await started).options).toMatchObject({ inflates });
  vi.unstubAllGlobals();
});
