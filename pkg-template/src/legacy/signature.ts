import { legacyConfig } from './index.js';

/** The fields of a new row that name the signed-in user and their company. */
export interface Signature {
  created_by?: string;
  company_id?: string;
}

/** Returns the fields for the signed-in user. */
export function signature(): Signature {
  const { user, profile } = legacyConfig().auth.getSnapshot() ?? {};
  return {
    ...(user && { created_by: user.id }),
    ...(profile?.company_id && { company_id: profile.company_id }),
  };
}
