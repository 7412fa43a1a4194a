/** Values that `getToken` returns: read once, inside the promise, so that an invalid one rejects the request. */
import { expect, it } from 'vitest';
import { fetchToken, textOf } from '../../pkg-template/src/session/credentials.js';

const fetched = (answer: unknown) => fetchToken({ getToken: () => answer as string });

it.each(['a', null, undefined, { token: 'a' }, { token: 'a', expiresAt: 5 }])(
  '%o is passed on as it is',
  async (answer) => {
    expect(await fetched(answer)).toEqual(answer);
  },
);

it('a getter that throws rejects', async () => {
  const answer = {
    get token(): string {
      throw Error('locked');
    },
  };
  await expect(fetched(answer)).rejects.toThrow('locked');
});

it('a getter runs once', async () => {
  let reads = 0;
  const answer = {
    get token(): string {
      reads += 1;
      return `token ${reads}`;
    },
  };
  const token = await fetched(answer);
  expect([textOf(token), textOf(token), reads]).toEqual(['token 1', 'token 1', 1]);
});

it.each([Symbol('a'), 5, true, {}, { token: Symbol('a') }, { token: 5 }, () => 'a'])(
  '%o has no text that could be redacted',
  async (answer) => {
    expect(textOf(await fetched(answer))).toBeUndefined();
  },
);
