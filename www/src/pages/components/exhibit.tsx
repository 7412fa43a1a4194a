import { type ReactNode, useId } from 'react';

interface Props {
  name: string;
  /** The code that an app would use. */
  code: string;
  /** What it shows, in a sentence. */
  about: string;
  children: ReactNode;
}

/** One component of the gallery, with a sentence and its tag. */
export function Exhibit({ name, code, about, children }: Props) {
  const title = useId();
  return (
    <section className="exhibit" aria-labelledby={title} data-testid={`exhibit-${name}`}>
      <h3 id={title}>{name}</h3>
      <p className="exhibit-about">{about}</p>
      <div className="exhibit-stage">{children}</div>
      <pre className="exhibit-code">
        <code>{code}</code>
      </pre>
    </section>
  );
}
