/** Formats numbers, times and lists by `Intl`, in the page's language. */
import { useMemo, useSyncExternalStore } from 'react';

/** Functions that format values. Each can be replaced by the prop `format`. */
export interface Format {
  /** A number. Default: at most two decimals. */
  number(value: number): string;
  /** An amount of money in a currency (its ISO code); without one it is a number. */
  money(amount: number, currency?: string): string;
  /** A time of day, of an ISO text or milliseconds since 1970. Default: with seconds, in the local zone. */
  time(time: string | number): string;
  /** A duration in whole seconds. Default: `1:05`, `2:00:00`. */
  duration(seconds: number): string;
  /** Several names. Default: `Ann, Bob and Cid`. */
  list(names: readonly string[]): string;
}

const formats = new Map<string, Format>();

function makeFormat(locale: string, timeZone: string | undefined): Format {
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const plain = new Intl.NumberFormat(locale, { useGrouping: false });
  const padded = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'medium', timeZone });
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });
  const currencyFormats = new Map<string, Intl.NumberFormat>();
  return {
    number: (value) => number.format(value),
    money(amount, currency) {
      if (!currency) return number.format(amount);
      let money = currencyFormats.get(currency);
      if (!money) {
        try {
          money = new Intl.NumberFormat(locale, { style: 'currency', currency });
        } catch {
          // The row's currency is not a valid code.
          return `${number.format(amount)} ${currency}`;
        }
        currencyFormats.set(currency, money);
      }
      return money.format(amount);
    },
    time(when) {
      const date = new Date(when);
      return Number.isNaN(date.getTime()) ? '' : time.format(date);
    },
    duration(seconds) {
      const whole = Math.max(0, Math.floor(seconds));
      const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60)];
      const rest = padded.format(whole % 60);
      if (hours) return `${plain.format(hours)}:${padded.format(minutes)}:${rest}`;
      return `${plain.format(minutes)}:${rest}`;
    },
    list: (names) => list.format(names),
  };
}

/** Returns the cached format of a language: making one is slow. */
function formatOf(locale: string, timeZone: string | undefined): Format {
  const name = `${locale} ${timeZone}`;
  let format = formats.get(name);
  if (!format) {
    try {
      format = makeFormat(locale, timeZone);
    } catch {
      // The page's `lang` is not a valid language.
      format = makeFormat('en', timeZone);
    }
    formats.set(name, format);
  }
  return format;
}

const subscribeToNothing = () => () => {};
const pageLocale = (): string => document.documentElement.lang || navigator.language;

/**
 * Returns the page's format with the given overrides. On a server, and during hydration, the language is `en`
 * and the time zone UTC.
 */
export function useFormat(given?: Partial<Format>): Format {
  const locale = useSyncExternalStore(subscribeToNothing, pageLocale, () => 'en');
  const timeZone = useSyncExternalStore<string | undefined>(
    subscribeToNothing,
    () => undefined,
    () => 'UTC',
  );
  return useMemo(() => ({ ...formatOf(locale, timeZone), ...given }), [locale, timeZone, given]);
}
