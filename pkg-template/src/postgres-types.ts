/** The public types of database changes, which Supabase tells of. They have realtime-js's shape. */

/** Which changes are wanted. */
export interface PostgresFilter {
  /** Which kind. Default `'*'`: all. */
  event?: '*' | 'INSERT' | 'UPDATE' | 'DELETE';
  /** The database schema. Default `'public'`. */
  schema?: string;
  /** The table. Default: all of the schema. */
  table?: string;
  /**
   * Which rows: `column=operator.value`, such as `'id=eq.1'`; several, separated by commas, must all hold.
   * A filter builder of realtime-js is understood too.
   */
  filter?: string | { build(): string };
  /** The columns that are wanted. Default: all. */
  select?: readonly string[];
}

interface AnyPostgresChange {
  /** The database schema. */
  schema: string;
  /** The table. */
  table: string;
  /** When it was committed, in ISO 8601. */
  commit_timestamp: string;
  /** Why something is missing in it, such as a value too large to send. */
  errors: string[] | null;
}

/** A row came. */
export interface PostgresInsert<Row extends object> extends AnyPostgresChange {
  eventType: 'INSERT';
  /** The row. */
  new: Row;
  old: {};
}

/** A row changed. */
export interface PostgresUpdate<Row extends object> extends AnyPostgresChange {
  eventType: 'UPDATE';
  /** The row as it is now. */
  new: Row;
  /** What the database told of the former row: its primary key, or more by its replica identity. */
  old: Partial<Row>;
}

/** A row went. */
export interface PostgresDelete<Row extends object> extends AnyPostgresChange {
  eventType: 'DELETE';
  new: {};
  /** What the database told of it: its primary key, or more by its replica identity. */
  old: Partial<Row>;
}

/** One change of a table; `eventType` tells which. */
export type PostgresChange<Row extends object = Record<string, unknown>> =
  | PostgresInsert<Row>
  | PostgresUpdate<Row>
  | PostgresDelete<Row>;
