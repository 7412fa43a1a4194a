/** A toast of the older systems. */
export interface LegacyNotice {
  type: 'info' | 'success' | 'warning' | 'error';
  message: string;
}
