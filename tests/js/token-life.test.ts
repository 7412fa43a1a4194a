/** What the engine learns of a token's life: both readings of it, and no decision. */
import { beforeEach, expect, it, vi } from 'vitest';
import { freshPage, type Page, say } from './page.js';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

let page: Page;

beforeEach(async () => {
  page = await freshPage();
  vi.spyOn(Date, 'now').mockReturnValue(NOW);
});

const jwt = (claims: object): string => `e30.${btoa(JSON.stringify(claims))}.s`;
const seconds = (ms: number): number => ms / 1000;

it.each([
  ['a JWT', jwt({ iat: seconds(NOW), exp: seconds(NOW + HOUR), sub: 'ann' }), [HOUR, HOUR, 'ann']],
  [
    'one that is an hour old',
    jwt({ iat: seconds(NOW - HOUR), exp: seconds(NOW + 36_000) }),
    [HOUR + 36_000, 36_000, undefined],
  ],
  [
    'one that ended by this clock',
    jwt({ iat: seconds(NOW - 3 * HOUR), exp: seconds(NOW - 2 * HOUR) }),
    [HOUR, -2 * HOUR, undefined],
  ],
  ['one without iat', jwt({ exp: seconds(NOW + HOUR) }), [undefined, HOUR, undefined]],
  ['one without exp', jwt({ iat: seconds(NOW) }), [undefined, undefined, undefined]],
  ['an opaque one', 'opaque', [undefined, undefined, undefined]],
  [
    'an opaque one that ends',
    { token: 'opaque', expiresAt: NOW + HOUR },
    [undefined, HOUR, undefined],
  ],
  [
    'one that ended, in seconds',
    { token: 'opaque', expiresAt: seconds(NOW - HOUR) },
    [undefined, -HOUR, undefined],
  ],
])('%s', async (_, given, expected) => {
  const started = page.double.nextEngine();
  const client = page.createRealtimeClient({ getToken: () => given });
  client.subscribe('any', {});
  const engine = await started;
  engine.sink(10, 7);
  const [request, token, ...known] = await vi.waitUntil(() => engine.of('answerToken')[0]);
  expect([request, token]).toEqual([7, typeof given === 'string' ? given : given.token]);
  expect(known).toEqual(expected);
  say(engine).state('ready');
  client.setToken(typeof given === 'string' ? given : given.token);
  if (typeof given === 'string') expect(engine.of('setToken')[0]?.slice(1)).toEqual(expected);
});
