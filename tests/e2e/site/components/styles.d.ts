/** Bundlers know what to do with stylesheets. */
declare module '*.css';
