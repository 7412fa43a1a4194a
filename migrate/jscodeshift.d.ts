/** The parsers of jscodeshift, which its type declarations omit. */
declare module 'jscodeshift/src/getParser.js' {
  import type { File } from 'jscodeshift';

  export default function getParser(name: 'ts' | 'tsx' | 'flow'): {
    parse(source: string): File;
  };
}
