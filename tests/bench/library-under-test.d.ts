/** The build replaces this module by one of `libraries`. */
declare module 'library-under-test' {
  export const library: import('./libraries/library.js').Library;
}
