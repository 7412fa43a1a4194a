/** Inflates where the platform cannot (Jest's jsdom, old browsers). Loaded only there. */
export { inflateSync } from 'fflate';
