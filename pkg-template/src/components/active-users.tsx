import { type ComponentPropsWithoutRef, forwardRef, type ReactNode, useMemo } from 'react';
import type { Meta, RealtimeError } from '../index.js';
import { type ChannelName, type PresenceOptions, usePresence } from '../react/index.js';
import { Announcement } from './announcement.js';
import { classNames } from './class-names.js';
import { Standing } from './list-status.js';
import { RowList, type RowListOptions } from './row-list.js';
import { useTexts } from './use-labels.js';

/** Somebody who is present. */
export interface ActiveUser {
  /** What they are known by. */
  readonly id: string;
  /** Their name, or what they are known by. */
  readonly name: string;
  /** Where their picture is, if there is one. */
  readonly avatarUrl: string | undefined;
  /** All they say of themselves, once for each tab. */
  readonly metas: readonly Meta[];
}

/** What {@link ActiveUsers} says. */
export interface ActiveUsersTexts {
  /** The list's name. */
  label: string;
  empty: string;
  /** The channel failed. */
  failed: (error: RealtimeError) => string;
  /** How many there are: shown, and told to screen readers once in a while. */
  count: (count: number) => string;
}

const ENGLISH: ActiveUsersTexts = {
  label: 'Who is here',
  empty: 'Nobody is here',
  failed: ({ message }) => message,
  count: (count) => (count === 1 ? '1 person is here' : `${count} people are here`),
};

/** The props of {@link ActiveUsers}, besides those of a `<section>`. */
export interface ActiveUsersOwnProps extends RowListOptions {
  /** The channel on which they are present. */
  channel?: ChannelName;
  /** What to say of this user, as long as the component is mounted. Default: nothing. */
  me?: Meta | null;
  /** How this user is present. */
  presence?: PresenceOptions;
  /** Who is present from anywhere, such as the app's own `usePresence`, instead of a channel. */
  present?: ReadonlyMap<string, readonly Meta[]>;
  /**
   * Reads a name and a picture out of what somebody says. Default: the first there is of `name`,
   * `user_name`, `userName`, and of `avatar_url`, `avatarUrl`.
   */
  describe?: (meta: Meta, id: string) => { name?: string; avatarUrl?: string };
  /** Makes a user's row. */
  renderItem?: (user: ActiveUser) => ReactNode;
  /** Texts instead of the English ones. */
  texts?: Partial<ActiveUsersTexts>;
}

/** The props of {@link ActiveUsers}. */
export type ActiveUsersProps = ActiveUsersOwnProps &
  Omit<ComponentPropsWithoutRef<'section'>, keyof ActiveUsersOwnProps | 'children'>;

const firstText = (meta: Meta, ...names: string[]): string | undefined =>
  names.map((name) => meta[name]).find((text) => typeof text === 'string' && text !== '') as
    | string
    | undefined;

const idOf = ({ id }: ActiveUser): string => id;

const renderUser = ({ name, avatarUrl }: ActiveUser): ReactNode => (
  <div className="tw-user">
    {avatarUrl ? (
      <img className="tw-avatar" src={avatarUrl} alt="" />
    ) : (
      <span className="tw-avatar" aria-hidden="true">
        {[...name][0]}
      </span>
    )}
    <span className="tw-user-name">{name}</span>
  </div>
);

/** Who is present on a channel, by name. */
export const ActiveUsers = /* @__PURE__ */ forwardRef<HTMLElement, ActiveUsersProps>(
  function ActiveUsers(props, ref) {
    const { channel, me, presence, present: given, describe, renderItem, texts, ...others } = props;
    const { rowHeight, maxHeight, className, ...rest } = others;
    const heard = usePresence(given ? null : channel, me, presence);
    const present = given ?? heard.present;
    const say = useTexts(ENGLISH, texts);
    const users = useMemo(
      () =>
        [...present]
          .map(([id, metas]): ActiveUser => {
            const meta = metas.at(-1) ?? {};
            const told = describe?.(meta, id);
            const name = told?.name ?? firstText(meta, 'name', 'user_name', 'userName') ?? id;
            const avatarUrl = told?.avatarUrl ?? firstText(meta, 'avatar_url', 'avatarUrl');
            return { id, name, avatarUrl, metas };
          })
          .sort((a, b) => a.name.localeCompare(b.name)),
      [present, describe],
    );
    const count = users.length ? say.count(users.length) : '';
    return (
      <section
        {...rest}
        ref={ref}
        className={classNames('tw-active-users', className)}
        aria-label={rest['aria-label'] ?? say.label}
      >
        <Standing
          error={heard.error && say.failed(heard.error)}
          isLoading={false}
          loading=""
          empty={users.length ? undefined : say.empty}
        />
        {users.length > 0 && (
          <>
            <p className="tw-user-count">{count}</p>
            <RowList
              items={users}
              keyOf={idOf}
              render={renderItem ?? renderUser}
              role="list"
              label={say.label}
              isBusy={false}
              className="tw-users"
              {...{ rowHeight, maxHeight }}
            />
          </>
        )}
        <Announcement text={count} />
      </section>
    );
  },
);
