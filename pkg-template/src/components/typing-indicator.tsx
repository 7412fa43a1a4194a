import { type ComponentPropsWithoutRef, forwardRef } from 'react';
import { type ChannelName, useTyping } from '../react/index.js';
import { classNames } from './class-names.js';
import { type Format, useFormat } from './format.js';
import { useLabels } from './use-labels.js';

/** The texts of {@link TypingIndicator}. */
export interface TypingIndicatorTexts {
  /**
   * The text for the typing members.
   *
   * @param names the names as one text, with {@link others} at the end if there are many
   * @param count the number of typing users
   */
  typing: (names: string, count: number) => string;
  /** The text for the members whose names are not shown. */
  others: (count: number) => string;
}

const ENGLISH: TypingIndicatorTexts = {
  typing: (names, count) => `${names} ${count === 1 ? 'is' : 'are'} typing`,
  others: (count) => (count === 1 ? '1 other' : `${count} others`),
};

/** The props of {@link TypingIndicator}, besides those of an `<output>`. */
export interface TypingIndicatorOwnProps {
  /** The channel whose typing members are shown. */
  channel?: ChannelName;
  /** This user's name, who is not listed. */
  me?: string | null;
  /** Names from another source, such as the app's own `useTyping`, instead of a channel. */
  who?: readonly string[];
  /** The maximum number of names that are shown. Default 3. */
  max?: number;
  /** Texts instead of the English ones. */
  texts?: Partial<TypingIndicatorTexts>;
  /** Overrides of the formats of values. */
  format?: Partial<Format>;
}

/** The props of {@link TypingIndicator}. */
export type TypingIndicatorProps = TypingIndicatorOwnProps &
  Omit<ComponentPropsWithoutRef<'output'>, keyof TypingIndicatorOwnProps | 'children'>;

/** The members who are typing on a channel. The element is rendered even while nobody is, so that screen readers announce the first. */
export const TypingIndicator = /* @__PURE__ */ forwardRef<HTMLOutputElement, TypingIndicatorProps>(
  function TypingIndicator(
    { channel, me, who: given, max = 3, texts, format, className, ...rest },
    ref,
  ) {
    const subscribed = useTyping(given ? null : channel, me);
    const who = given ?? subscribed.who;
    const labels = useLabels(ENGLISH, texts);
    const { list } = useFormat(format);
    const named = who.slice(0, who.length > max ? Math.max(1, max - 1) : max);
    const others = who.length - named.length;
    const names = list(others ? [...named, labels.others(others)] : named);
    return (
      <output
        {...rest}
        ref={ref}
        className={classNames('tw-typing-indicator', className)}
        data-count={who.length}
      >
        {who.length > 0 && (
          <>
            {labels.typing(names, who.length)}
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
