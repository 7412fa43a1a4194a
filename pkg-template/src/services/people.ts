/** People, as rows and channels tell of them. */

/** Somebody as rows show them. */
export interface Profile {
  /** The user's id. */
  id: string;
  /** What they are called. */
  name: string;
  /** The address of their picture. */
  avatar_url?: string | null;
}

/** What somebody says of themselves where they are present. */
export interface Person {
  /** What they are called. */
  name: string;
  /** The address of their picture. */
  avatar_url?: string | null;
}
