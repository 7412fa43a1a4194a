import { useId } from 'react';

interface Props<T extends { id: string }> {
  label: string;
  rows: readonly T[];
  value: string;
  nameOf(row: T): string;
  onChange(id: string): void;
}

/** Selects one of several rows. */
export function Picker<T extends { id: string }>({
  label,
  rows,
  value,
  nameOf,
  onChange,
}: Props<T>) {
  const field = useId();
  return (
    <div className="picker">
      <label htmlFor={field}>{label}</label>
      <select id={field} value={value} onChange={({ target }) => onChange(target.value)}>
        {rows.map((row) => (
          <option key={row.id} value={row.id}>
            {nameOf(row)}
          </option>
        ))}
      </select>
    </div>
  );
}
