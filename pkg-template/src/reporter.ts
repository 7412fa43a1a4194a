/** Reports what goes wrong: to listeners, to the log, and to the console where nobody listens. */
import type { Ledger, Outgoing } from './client-state.js';
import type { RealtimeError } from './errors.js';
import { OPTION_NAMES, type OptionsOf, type UnknownName, unknownNames } from './option-names.js';
import type { LogRecord } from './options.js';
import { warn } from './warn.js';

/** What the app itself brought about. */
const INTENDED = ['aborted', 'destroyed'];

/** Distinct warnings of one client; more would be a flood. */
const MAX_WARNINGS = 100;

/** An error for which a listener is still looked for. */
interface Unclaimed {
  /** Errors with the same key are one warning. */
  key: string;
  error: RealtimeError;
  channel: string | undefined;
  isHandled(): boolean;
}

/** What a log record holds of an error. */
export const details = ({ code, message, hint, channel, cause }: RealtimeError): object => ({
  error: code,
  message,
  hint,
  ...(channel !== undefined && { channel }),
  ...(cause !== undefined && { cause }),
});

/** Reports the errors of one client, whatever engine it has. */
export class Reporter {
  readonly #ledger: Ledger;
  /** Keys of what was warned of, or what a channel's `onError` got. */
  readonly #known = new Set<string>();
  readonly #names = new Set<string>();
  #unclaimed: Unclaimed[] = [];

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Emits and logs an error; `isHandled`: somebody else listened to it. */
  error(error: RealtimeError, isHandled: boolean): void {
    this.log('warn', 'error', details(error));
    this.emit(error, isHandled);
  }

  /** Emits an error that the log has already. */
  emit(error: RealtimeError, isHandled: boolean): void {
    this.#ledger.emit('error', error);
    const key = keyOf(error, error.channel);
    if (isHandled) this.#known.add(key);
    else this.#claim({ key, error, channel: error.channel, isHandled: () => false });
  }

  /** Watches over a send, whose failure counts as handled if its promise is waited for. */
  watch({ channel, sent: { acked } }: Outgoing): void {
    // Not by the promise's own `then`, which counts.
    Promise.prototype.then.call(acked, undefined, (error: RealtimeError) => {
      if (INTENDED.includes(error.code)) return;
      this.log('warn', 'send', { ...details(error), channel });
      const key = keyOf(error, channel);
      this.#claim({ key, error, channel, isHandled: () => acked.isObserved });
    });
  }

  /** Reports the names in `options` that are none, each once. */
  checkNames(kind: OptionsOf, options: object, channel?: string): void {
    for (const { path, nearest } of unknownOf(kind, options)) {
      const key = `${kind} ${path}`;
      if (this.#names.has(key) || this.#names.size >= MAX_WARNINGS) continue;
      this.#names.add(key);
      const error = this.#ledger.makeError(
        'invalid_argument',
        `There is no ${kind} option "${path}".`,
        nearest ? `Did you mean "${nearest}"?` : 'It has no effect. Check its name.',
        { channel },
      );
      this.log('warn', 'error', details(error));
      this.#ledger.emit('error', error);
      this.#claim({ key, error, channel, isHandled: () => false });
    }
  }

  /** Logs, to the app's logger or with `debug` to the console. */
  log(level: LogRecord['level'], event: string, values: object): void {
    const { logger, debug } = this.#ledger.options;
    if (!logger && (!debug || logger === false)) return;
    const record: LogRecord = { level, at: Date.now(), event, ...values };
    if (logger) this.#ledger.call(logger, record);
    else console[level]('[tidewire]', event, record);
  }

  #claim(unclaimed: Unclaimed): void {
    // Whoever gets a promise or a client in this task can still listen. What concerns the connection
    // comes before the channels that fail with it.
    if (!this.#unclaimed.length) setTimeout(() => this.#warn());
    this.#unclaimed.push(unclaimed);
  }

  #warn(): void {
    const { debug } = this.#ledger.options;
    const due = this.#unclaimed.sort((a, b) => Number(!!a.channel) - Number(!!b.channel));
    this.#unclaimed = [];
    for (const { key, error, channel, isHandled } of due) {
      const isKnown = this.#known.has(key) || this.#known.has(error.code);
      const isHeard = isHandled() || this.#ledger.listens('error');
      if (isKnown || isHeard || this.#known.size >= MAX_WARNINGS) continue;
      this.#known.add(key);
      // A logger has it already, and with `debug` so has the console.
      if (!debug) warn(error, this.#ledger.options, channel && ` (${channel})`);
    }
  }
}

/** Names that are none. What cannot be read is refused by the call that has it. */
function unknownOf(kind: OptionsOf, options: object): UnknownName[] {
  try {
    return unknownNames(options, OPTION_NAMES.get(kind) ?? {});
  } catch {
    return [];
  }
}

/** One warning a code and channel. */
const keyOf = ({ code }: RealtimeError, channel: string | undefined): string =>
  channel ? `${code} ${channel}` : code;

const reporters = new WeakMap<Ledger, Reporter>();

/** The reporter of a client. */
export function reporterOf(ledger: Ledger): Reporter {
  const reporter = reporters.get(ledger) ?? new Reporter(ledger);
  reporters.set(ledger, reporter);
  return reporter;
}
