/** The members of rows that come from joined tables, which change events do not contain. */
import type { LegacyAuth } from '../index.js';
import type { CreatorProfile, Interview } from './types.js';

type Authored = Pick<Interview, 'id' | 'created_by' | 'created_by_profile'>;

const DEFINITIONS = ['ai_persona_definition', 'confirmed_persona_definition'] as const;

/** Returns the profile of the signed-in user, as rows contain it. */
export const ownProfile = ({ user, profile }: LegacyAuth): CreatorProfile => ({
  id: user.id,
  name: profile?.name ?? null,
  avatar_url: profile?.avatar_url ?? null,
});

/** Adds joined members to rows, from earlier versions of them or from other rows of the same author. */
export class JoinedMembers {
  readonly #profiles = new Map<string, CreatorProfile>();
  readonly #definitions = new Map<string, Pick<Interview, (typeof DEFINITIONS)[number]>>();
  readonly #completed = new WeakMap<object, object>();

  /** @param auth the signed-in user, whose profile is known even if no row has it */
  constructor(auth: LegacyAuth | null) {
    if (auth) this.#profiles.set(auth.user.id, ownProfile(auth));
  }

  /** Returns the rows with their author's profile; the same objects for the same rows once it is known. */
  authored<T extends Authored>(rows: readonly T[]): T[] {
    for (const { created_by_profile: profile } of rows) {
      if (profile) this.#profiles.set(profile.id, profile);
    }
    return rows.map((row) => {
      const profile = this.#profiles.get(row.created_by ?? '');
      if (row.created_by_profile !== undefined || !profile) return row;
      const known = this.#completed.get(row) as T | undefined;
      if (known?.created_by_profile === profile) return known;
      const completed = { ...row, created_by_profile: profile };
      this.#completed.set(row, completed);
      return completed;
    });
  }

  /** Returns the persona definitions that an interview was loaded with, for a change without them. */
  definitions(row: Interview): Partial<Interview> {
    const own = Object.fromEntries(
      DEFINITIONS.filter((name) => row[name] !== undefined).map((name) => [name, row[name]]),
    );
    const known = { ...this.#definitions.get(row.id), ...own };
    this.#definitions.set(row.id, known);
    const isOf = known.confirmed_persona_definition?.id === row.confirmed_persona_definition_id;
    // Another definition was confirmed meanwhile.
    if (row.confirmed_persona_definition_id !== undefined && !isOf) {
      delete known.confirmed_persona_definition;
    }
    return known;
  }
}
