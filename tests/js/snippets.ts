/** The snippets of a document, as modules that run in a test. */
import { readFileSync } from 'node:fs';
import * as react from 'react';
import { transformWithOxc } from 'vite';

/** A document and its `tsx` blocks. */
export interface Document {
  readonly text: string;
  /** The names that the snippets export, in their order. */
  readonly names: (string | undefined)[];
  /** The component that a snippet exports, with these modules to import from. */
  component<P = object>(
    name: string,
    modules: Record<string, object>,
  ): Promise<react.ComponentType<P>>;
}

/** Reads a document in `docs/`. */
export function readDocument(file: string): Document {
  const text = readFileSync(`${import.meta.dirname}/../../docs/${file}`, 'utf8');
  const snippets = [...text.matchAll(/```tsx\n([\s\S]*?)```/g)].map(([, code = '']) => code);
  return {
    text,
    names: snippets.map((code) => code.match(/export function (\w+)/)?.[1]),
    async component(name, modules) {
      const source = snippets.find((code) => code.includes(`export function ${name}(`)) ?? '';
      const { code } = await transformWithOxc(source, 'snippet.tsx', {
        jsx: { runtime: 'classic' },
      });
      const body = code
        .replace(/^import (\{.*\}) from "(.*)";$/gm, 'const $1 = modules["$2"];')
        .replace(/^export /gm, '');
      const all = { react, ...modules };
      return new Function('modules', 'React', `${body}\nreturn ${name};`)(all, react);
    },
  };
}
