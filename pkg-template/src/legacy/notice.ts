/** A toast of the older systems. */
export interface LegacyNotice {
  /** The type. */
  type: 'info' | 'success' | 'warning' | 'error';
  /** The text. */
  message: string;
}
