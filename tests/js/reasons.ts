/** The codes of reasons, which the engine reports instead of their names. */
import { REASONS } from '../../pkg-template/src/generated/engine.js';
import type { Reason } from '../../pkg-template/src/generated/types.js';

/** The code of a reason. */
export const codeOf = (reason: Reason): number =>
  Number(Object.keys(REASONS).find((code) => REASONS[Number(code)] === reason));
