/** Names that were replaced by the standard terms of the field must not return to the package's sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const SOURCE = `${import.meta.dirname}/../../pkg-template/src`;

/** Replaced identifiers, each with its present name. */
const IDENTIFIERS: Record<string, string> = {
  Ledger: 'ClientState',
  FacadeLedger: 'FacadeState',
  ledger: 'client',
  Outgoing: 'PendingSend',
  Errand: 'SendTarget',
  errand: 'target',
  takeBack: 'removeQueued',
  carryOver: 'rebuildLog',
  wordsOf: 'messageOf',
  AskInflate: 'InflateRequest',
  AskToken: 'TokenRequest',
  AskUrl: 'UrlRequest',
  askAddress: 'fetchAddress',
  askToken: 'fetchToken',
  asksAck: 'wantsAck',
  attend: 'ensurePresence',
  speakFor: 'setIdentity',
  hurry: 'retryNow',
  unqueued: 'queueError',
  Unclaimed: 'UnhandledError',
  isHeard: 'hasListener',
  isNews: 'isNew',
  isTelling: 'isNotifying',
  isAlike: 'deepEqual',
  haveAlikeMembers: 'haveEqualMembers',
  Claims: 'SharedPresence or RefCounts',
  STANDING: 'INITIAL_HEALTH',
  ChannelWishes: 'SelectedOptions',
  useChannelWishes: 'useChannelOptions',
  Standing: 'ListStatus',
  Arrivals: 'NewItemAnnouncementProps',
  ArrivalAnnouncement: 'NewItemAnnouncement',
  countArrivals: 'countNewItems',
  useTexts: 'useLabels',
  saying: 'formatter',
  sayTime: 'formatTime',
  sayNumber: 'formatNumber',
  HOPELESS: 'NOT_CONNECTING',
  BELIEVED_MS: 'TYPING_EXPIRY_MS',
  refusal: 'error',
  refused: 'rejection',
  refuse: 'reject',
  standing: 'status',
  wish: 'options',
  wishes: 'options',
  heard: 'received',
  hear: 'receive',
  told: 'the last value',
  said: 'content',
  say: 'send or labels',
  words: 'message',
  asked: 'requested',
  ask: 'request',
  arrivals: 'newItems',
  beginAnew: 'resetPositions',
  landing: 'reconciliation',
  pardon: 'retryFailed',
  settleFresh: 'process',
  shelf: 'collectionModel',
  speech: 'outbound',
  takenBack: 'rolledBack',
};

/** Replaced names of files, each with its present name. */
const FILES: Record<string, string> = {
  'alike.ts': 'deep-equal.ts',
  'asks.ts': 'credentials.ts',
  'claims.ts': 'shared-presence.ts',
  'core.ts': 'engine-host.ts',
  'door.ts': 'validate.ts, serialize.ts or id.ts',
  'guard.ts': 'trap-guard.ts',
  'host.ts': 'client-internals.ts',
  'joining.ts': 'subscribe-options.ts',
  'ledger.ts': 'client-state.ts',
  'outgoing.ts': 'pending-send.ts',
  'routes.ts': 'channel-router.ts',
  'session.ts': 'engine-session.ts',
  'use-claims.ts': 'use-ref-counts.ts',
};

/** Replaced folders, each with its present name. */
const FOLDERS: Record<string, string> = { 'core-realtime/before': 'core-realtime/v1' };

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.tsx?$/.test(file));

const WORD = new RegExp(`(?<![\\w-])#?(${Object.keys(IDENTIFIERS).join('|')})(?![\\w-])`, 'g');

/** Blanks out comments and texts, and keeps the lines. Expressions in `${}` stay. */
const code = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[^:])\/\/.*$/gm, '$1')
    .replace(/'(?:\\.|[^'\\\n])*'/g, "''")
    .replace(/`[^`$]*`/g, (text) => text.replace(/[^\n]/g, ' '));

it('no source has a replaced identifier', () => {
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) =>
    code(readFileSync(`${SOURCE}/${file}`, 'utf8'))
      .split('\n')
      .flatMap((line, at) =>
        [...line.matchAll(WORD)].map(
          ([, name = '']) => `pkg-template/src/${file}:${at + 1}: ${name} → ${IDENTIFIERS[name]}`,
        ),
      ),
  );
  expect(found).toEqual([]);
});

/** The replaced identifiers that are checked in the tests, the demo and the codemod. */
const TEST_WORD = /(?<![\w.'"-])(ask|asked|heard|refuse|refused|refusal|told)(?![\w'"-])/g;

it('no test, and no file of the demo or the codemod, has a replaced identifier', () => {
  const root = `${import.meta.dirname}/../..`;
  const found = ['tests/js', 'tests/e2e', 'tests/peers', 'www/src', 'migrate/src'].flatMap(
    (folder) =>
      readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.[jt]sx?$/.test(file) && !file.includes('node_modules'))
        .filter((file) => !file.endsWith('names.test.ts'))
        .flatMap((file) =>
          code(readFileSync(`${root}/${folder}/${file}`, 'utf8'))
            .split('\n')
            .flatMap((line, at) =>
              [...line.matchAll(TEST_WORD)].map(([word]) => `${folder}/${file}:${at + 1}: ${word}`),
            ),
        ),
  );
  expect(found).toEqual([]);
});

it('no comment has the verbs of speech that identifiers had', () => {
  // The generated ones have the texts of docs/errors.md and docs/reasons.md.
  const written = files.filter((file) => !file.startsWith('generated/'));
  const found = written.flatMap((file) =>
    readFileSync(`${SOURCE}/${file}`, 'utf8')
      .split('\n')
      .flatMap((line, at) => {
        const [comment] = /(?:^|\s)(?:\/\/|\/?\*).*/.exec(line) ?? [];
        const [word] =
          /\b(tells?|told|hears?|heard|asks|asked|refus(?:es?|ed|als?))\b/.exec(comment ?? '') ??
          [];
        return word ? [`pkg-template/src/${file}:${at + 1}: ${word}`] : [];
      }),
  );
  expect(found).toEqual([]);
});

it('no file or folder has a replaced name', () => {
  const found = files.flatMap((file) => {
    const name = file.slice(file.lastIndexOf('/') + 1);
    const folder = Object.keys(FOLDERS).find((former) => file.includes(`${former}/`));
    return [
      ...(Object.hasOwn(FILES, name) ? [`pkg-template/src/${file} → ${FILES[name]}`] : []),
      ...(folder ? [`pkg-template/src/${file} → ${FOLDERS[folder]}`] : []),
    ];
  });
  expect(found).toEqual([]);
});
