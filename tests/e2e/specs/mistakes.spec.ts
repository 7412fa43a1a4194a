/** Each common mistake is one warning in the console if the app has no error listener; correct use prints nothing. */
import type { Page } from '@playwright/test';
import type * as Tidewire from 'tidewire';
import type { ReferenceServer } from '../support/server.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

type Package = typeof Tidewire;

/** What a mistake uses in the page. */
interface PageContext {
  tidewire: Package;
  url: string;
  token: string;
}

/** A mistake, made in the page, with the pattern of its one warning. */
type Mistake = [what: string, make: (context: PageContext) => unknown, warning: RegExp];

const MISTAKES: Mistake[] = [
  [
    'no token',
    ({ tidewire, url }) => tidewire.createRealtimeClient({ url }).subscribe('news', {}, () => {}),
    /^\[tidewire\] auth_denied: .*setToken/,
  ],
  [
    'a wrong token',
    ({ tidewire, url }) =>
      tidewire
        .createRealtimeClient({ url, getToken: () => 'wrong' })
        .subscribe('news', {}, () => {}),
    /^\[tidewire\] auth_denied: .*setToken/,
  ],
  [
    'a getToken that throws',
    ({ tidewire, url }) =>
      tidewire
        .createRealtimeClient({
          url,
          getToken: () => {
            throw Error('not signed in');
          },
        })
        .subscribe('news', {}, () => {}),
    /^\[tidewire\] token_failed: .*not signed in/,
  ],
  [
    'no server',
    ({ tidewire }) =>
      tidewire
        .createRealtimeClient({ url: 'ws://127.0.0.1:9/', getToken: () => null })
        .subscribe('news', {}, () => {}),
    /^\[tidewire\] connect_refused: .*Check the url/,
  ],
  [
    'an ftp address',
    ({ tidewire }) =>
      tidewire
        .createRealtimeClient({ url: 'ftp://example.test/', getToken: () => null })
        .subscribe('news', {}, () => {}),
    /^\[tidewire\] url_failed: /,
  ],
  [
    'the 51st channel, before the engine is there',
    ({ tidewire, url, token }) => {
      const client = tidewire.createRealtimeClient({ url, getToken: () => token });
      for (let n = 0; n < 51; n++) client.subscribe(`c${n}`, {}, () => {});
    },
    /^\[tidewire\] channel_limit \(c50\): .*maxChannels/,
  ],
  [
    'a forbidden channel',
    ({ tidewire, url, token }) =>
      tidewire
        .createRealtimeClient({ url, getToken: () => token })
        .subscribe('secret:1', {}, () => {}),
    /^\[tidewire\] forbidden \(secret:1\): /,
  ],
  [
    'a misspelt option',
    ({ tidewire, url, token }) =>
      tidewire
        .createRealtimeClient({ url, getToken: () => token, reconect: { maxMs: 1_000 } } as object)
        .subscribe('news', {}, () => {}),
    /^\[tidewire\] invalid_argument: .*"reconect".*"reconnect"/,
  ],
  [
    'a misspelt option within another',
    ({ tidewire, url, token }) => {
      const client = tidewire.createRealtimeClient({ url, getToken: () => token });
      client.configure({ reconnect: { maxms: 1_000 } } as object);
      client.subscribe('news', {}, () => {});
    },
    /^\[tidewire\] invalid_argument: .*"reconnect\.maxms".*"reconnect\.maxMs"/,
  ],
  [
    'a misspelt option of a channel',
    ({ tidewire, url, token }) =>
      tidewire
        .createRealtimeClient({ url, getToken: () => token })
        .subscribe('news', { persistant: true } as object, () => {}),
    /^\[tidewire\] invalid_argument \(news\): .*"persistant".*"persistent"/,
  ],
  [
    'a rejected send',
    ({ tidewire, url, token }) =>
      tidewire.createRealtimeClient({ url, getToken: () => token }).send('secret:1', { x: 1 }),
    /^\[tidewire\] \w+ \(secret:1\): /,
  ],
  [
    'a message that is too large for the queue',
    ({ tidewire, url, token }) =>
      tidewire
        .createRealtimeClient({ url, getToken: () => token, queue: { maxBytes: 10 } })
        .send('news', 'x'.repeat(100)),
    /^\[tidewire\] message_too_large/,
  ],
  [
    'a collection that is not loaded',
    ({ tidewire, url, token }) =>
      tidewire.createRealtimeClient({ url, getToken: () => token }).collection('rows', {
        load: () => Promise.reject(Error('no such table')),
      }),
    /^\[tidewire\] load_failed.*no such table/,
  ],
  [
    'a row that the server rejects',
    ({ tidewire, url, token }) =>
      tidewire
        .createRealtimeClient({ url, getToken: () => token })
        .collection('notes')
        .insert({ id: '1', text: 'forbidden' }),
    /^\[tidewire\] \w+ \(notes\): /,
  ],
];

/** A user who may take part in these channels and no others. */
const token = (): string =>
  signToken({
    channels: ['news', 'notes', 'rows', ...Array.from({ length: 51 }, (_, n) => `c${n}`)],
  });

/** Makes a mistake in a page; returns the list of the console's warnings. */
async function made(page: Page, server: ReferenceServer, make: Mistake[1]): Promise<string[]> {
  const warnings: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'warning') warnings.push(message.text());
  });
  await page.evaluate(
    ([text, url, signed]) =>
      new Function('context', `return void (${text})(context)`)({
        tidewire: window.tidewire,
        url,
        token: signed,
      }),
    [make.toString(), server.url(), token()] as const,
  );
  return warnings;
}

test.use({
  serverOptions: {
    tables: { notes: { rules: [{ field: 'text', forbid: 'forbidden' }] } },
  },
});

for (const [what, make, warning] of MISTAKES) {
  test(`${what} is one warning with code, message and hint`, async ({ tab, server }) => {
    const warnings = await made(tab.page, server, make);
    await expect.poll(() => warnings).toEqual([expect.stringMatching(warning)]);
    // There is no event for a warning that is not printed; further attempts to connect would print one in this time.
    await tab.page.waitForTimeout(700);
    expect(warnings).toHaveLength(1);
    expect(warnings.join()).not.toMatch(/eyJ/);
  });
}

test('correct use leaves the console empty', async ({ tab, server }) => {
  const lines: string[] = [];
  tab.page.on('console', (message) => lines.push(message.text()));
  tab.page.on('pageerror', (error) => lines.push(String(error)));
  const result = await tab.page.evaluate(
    async ([url, token]) => {
      const client = window.tidewire.createRealtimeClient({ url, getToken: () => token });
      const got: unknown[] = [];
      client.subscribe('news', { persistent: true }, (message) => got.push(message));
      const room = client.channel('room');
      room.presence.track({ mood: 'fine' });
      room.typing.start();
      await client.send('news', 'hello', { timeoutMs: 5_000 }).acked;
      client.disconnect();
      await client.connect();
      client.destroy();
      return got;
    },
    [server.url(), signToken()] as const,
  );
  expect(result).toEqual(['hello']);
  expect(lines).toEqual([]);
});
