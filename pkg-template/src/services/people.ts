/** The types of users in rows and presence. */

/** A user in rows. */
export interface Profile {
  /** The user's id. */
  id: string;
  /** The name. */
  name: string;
  /** The address of the picture. */
  avatar_url?: string | null;
}

/** The presence meta of a user. */
export interface Person {
  /** The name. */
  name: string;
  /** The address of the picture. */
  avatar_url?: string | null;
}
