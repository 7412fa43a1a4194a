/** The parsers of jscodeshift, which its types leave out. */
declare module 'jscodeshift/src/getParser.js' {
  import type { File } from 'jscodeshift';

  export default function getParser(name: 'ts' | 'tsx' | 'flow'): {
    parse(source: string): File;
  };
}
