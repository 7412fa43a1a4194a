/** The types of users in rows and presence. */

/** A user, as rows contain it. */
export interface Profile {
  /** The user's id. */
  id: string;
  /** The name. */
  name: string;
  /** The URL of the picture. */
  avatar_url?: string | null;
}

/** The presence meta of a user. */
export interface Person {
  /** The name. */
  name: string;
  /** The URL of the picture. */
  avatar_url?: string | null;
}
