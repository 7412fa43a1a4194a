import { type ComponentPropsWithoutRef, forwardRef, type ReactNode, useMemo } from 'react';
import type { Meta, RealtimeError } from '../index.js';
import { type ChannelName, type PresenceOptions, usePresence } from '../react/index.js';
import { Announcement } from './announcement.js';
import { ListPanel } from './list-panel.js';
import type { RowListOptions } from './row-list.js';
import { useLabels } from './use-labels.js';

/** A member of the presence. */
export interface ActiveUser {
  /** The presence key. */
  readonly id: string;
  /** The name, or the presence key. */
  readonly name: string;
  /** The address of the picture, if there is one. */
  readonly avatarUrl: string | undefined;
  /** All metas, one for each tab. */
  readonly metas: readonly Meta[];
}

/** The texts of {@link ActiveUsers}. */
export interface ActiveUsersTexts {
  /** The list's accessible name. */
  label: string;
  empty: string;
  /** The channel failed. */
  failed: (error: RealtimeError) => string;
  /** The number of users: shown, and announced to screen readers at intervals. */
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
  /** The channel whose presence is shown. */
  channel?: ChannelName;
  /** This user's meta, tracked as long as the component is mounted. Default: none. */
  me?: Meta | null;
  /** The options of presence. */
  presence?: PresenceOptions;
  /** A presence from another source, such as the app's own `usePresence`, instead of a channel. */
  present?: ReadonlyMap<string, readonly Meta[]>;
  /**
   * Returns the name and picture of a meta. Default: the first present of `name`,
   * `user_name`, `userName`, and of `avatar_url`, `avatarUrl`.
   */
  describe?: (meta: Meta, id: string) => { name?: string; avatarUrl?: string };
  /** Renders a user's row. */
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

/** The users who are present on a channel, sorted by name. */
export const ActiveUsers = /* @__PURE__ */ forwardRef<HTMLElement, ActiveUsersProps>(
  function ActiveUsers(props, ref) {
    const { channel, me, presence, present: given, describe, renderItem, texts, ...others } = props;
    const { rowHeight, maxHeight, ...section } = others;
    const subscribed = usePresence(given ? null : channel, me, presence);
    const present = given ?? subscribed.present;
    const labels = useLabels(ENGLISH, texts);
    const users = useMemo(
      () =>
        [...present]
          .map(([id, metas]): ActiveUser => {
            const meta = metas.at(-1) ?? {};
            const described = describe?.(meta, id);
            const name = described?.name ?? firstText(meta, 'name', 'user_name', 'userName') ?? id;
            const avatarUrl = described?.avatarUrl ?? firstText(meta, 'avatar_url', 'avatarUrl');
            return { id, name, avatarUrl, metas };
          })
          .sort((a, b) => a.name.localeCompare(b.name)),
      [present, describe],
    );
    const count = users.length ? labels.count(users.length) : '';
    return (
      <ListPanel
        section={section}
        sectionRef={ref}
        classes={['tw-active-users', 'tw-users']}
        labels={labels}
        rows={{ items: users, error: subscribed.error }}
        keyOf={idOf}
        render={renderItem ?? renderUser}
        summary={<p className="tw-user-count">{count}</p>}
        {...{ rowHeight, maxHeight }}
      >
        <Announcement text={count} />
      </ListPanel>
    );
  },
);
