/** One figure: a name and a value. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  /** A note about the value. */
  readonly note?: string | undefined;
}

interface Props {
  figures: readonly Figure[];
  label: string;
}

/** Some figures side by side. */
export function Figures({ figures, label }: Props) {
  return (
    <dl className="figures" aria-label={label}>
      {figures.map(({ name, value, note }) => (
        <div key={name} className="figure" data-figure={name}>
          <dt>{name}</dt>
          <dd>
            {value} {note && <span className="figure-note">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
