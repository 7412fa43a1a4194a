/** What the older systems showed as a toast. */
export interface LegacyNotice {
  /** How it is meant. */
  type: 'info' | 'success' | 'warning' | 'error';
  /** What it says. */
  message: string;
}
