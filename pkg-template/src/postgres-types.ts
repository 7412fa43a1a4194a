/** The public types of Supabase's database changes. They have realtime-js's shape. */

/** Which database changes to receive. */
export interface PostgresFilter {
  /** The kind of change. Default `'*'`: all. */
  event?: '*' | 'INSERT' | 'UPDATE' | 'DELETE';
  /** The database schema. Default `'public'`. */
  schema?: string;
  /** The table. Default: all of the schema. */
  table?: string;
  /**
   * Which rows: `column=operator.value`, such as `'id=eq.1'`; several, separated by commas, must all match.
   * A filter builder of realtime-js is accepted too.
   */
  filter?: string | { build(): string };
  /** The columns to receive. Default: all. */
  select?: readonly string[];
}

interface AnyPostgresChange {
  /** The database schema. */
  schema: string;
  /** The table. */
  table: string;
  /** When it was committed, in ISO 8601. */
  commit_timestamp: string;
  /** Errors of the server with this change, such as a value too large to send. */
  errors: string[] | null;
}

/** An inserted row. */
export interface PostgresInsert<Row extends object> extends AnyPostgresChange {
  eventType: 'INSERT';
  /** The row. */
  new: Row;
  old: {};
}

/** An updated row. */
export interface PostgresUpdate<Row extends object> extends AnyPostgresChange {
  eventType: 'UPDATE';
  /** The new row. */
  new: Row;
  /** The columns of the old row that the database sent: its primary key, or more by its replica identity. */
  old: Partial<Row>;
}

/** A deleted row. */
export interface PostgresDelete<Row extends object> extends AnyPostgresChange {
  eventType: 'DELETE';
  new: {};
  /** The columns of the row that the database sent: its primary key, or more by its replica identity. */
  old: Partial<Row>;
}

/** A change of a table, discriminated by `eventType`. */
export type PostgresChange<Row extends object = Record<string, unknown>> =
  | PostgresInsert<Row>
  | PostgresUpdate<Row>
  | PostgresDelete<Row>;
