import { type ComponentPropsWithoutRef, forwardRef } from 'react';
import { type ChannelName, useTyping } from '../react/index.js';
import { classNames } from './class-names.js';
import { type Format, useFormat } from './format.js';
import { useTexts } from './use-labels.js';

/** What {@link TypingIndicator} says. */
export interface TypingIndicatorTexts {
  /**
   * Who types.
   *
   * @param names them as one text, with {@link others} at its end if they are many
   * @param count how many they are
   */
  typing: (names: string, count: number) => string;
  /** Those who are not named. */
  others: (count: number) => string;
}

const ENGLISH: TypingIndicatorTexts = {
  typing: (names, count) => `${names} ${count === 1 ? 'is' : 'are'} typing`,
  others: (count) => (count === 1 ? '1 other' : `${count} others`),
};

/** The props of {@link TypingIndicator}, besides those of an `<output>`. */
export interface TypingIndicatorOwnProps {
  /** The channel on which they type. */
  channel?: ChannelName;
  /** This user's name, who is not listed. */
  me?: string | null;
  /** Names from anywhere, such as the app's own `useTyping`, instead of a channel. */
  who?: readonly string[];
  /** How many are named at most. Default 3. */
  max?: number;
  /** Texts instead of the English ones. */
  texts?: Partial<TypingIndicatorTexts>;
  /** How values are said. */
  format?: Partial<Format>;
}

/** The props of {@link TypingIndicator}. */
export type TypingIndicatorProps = TypingIndicatorOwnProps &
  Omit<ComponentPropsWithoutRef<'output'>, keyof TypingIndicatorOwnProps | 'children'>;

/** Who is typing on a channel. It is there, empty, while nobody does: so screen readers hear of the first. */
export const TypingIndicator = /* @__PURE__ */ forwardRef<HTMLOutputElement, TypingIndicatorProps>(
  function TypingIndicator(
    { channel, me, who: given, max = 3, texts, format, className, ...rest },
    ref,
  ) {
    const heard = useTyping(given ? null : channel, me);
    const who = given ?? heard.who;
    const say = useTexts(ENGLISH, texts);
    const { list } = useFormat(format);
    const named = who.slice(0, who.length > max ? Math.max(1, max - 1) : max);
    const others = who.length - named.length;
    const names = list(others ? [...named, say.others(others)] : named);
    return (
      <output
        {...rest}
        ref={ref}
        className={classNames('tw-typing-indicator', className)}
        data-count={who.length}
      >
        {who.length > 0 && (
          <>
            {say.typing(names, who.length)}
            <span className="tw-typing-dots" aria-hidden="true">
              <span />
              <span />
              <span />
            </span>
          </>
        )}
      </output>
    );
  },
);
