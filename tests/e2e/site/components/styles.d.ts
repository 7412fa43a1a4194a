/** Stylesheets, which bundlers handle. */
declare module '*.css';
