/** The few words in which the engines' table definitions differ. */
export interface TableDialect {
  /** Type and constraints of an id column whose values are never used twice. */
  identity: string;
  /** Table option that stores rows in primary key order, where the engine has one. */
  clustered: string;
  /** Table option that leaves room for rows that are updated in place. */
  hot: string;
  /** Type of text that is compared and sorted by code points, whatever the language of the database. */
  exactText: string;
  /** A number in a column of JSON; null where there is none. */
  jsonNumber(column: string, key: string): string;
  /**
   * Makes what revisions stand on: the function `current_revision()` of the open transaction, where the engine does not
   * bring it, and the view `snapshot (token, top, open,
   * generation)`: every row that is committed and has a lower revision than the token is seen, and of those below `top`, where it is
   * higher, all but the ones of the open transactions in the comma-separated list.
   */
  revisions: readonly string[];
  /**
   * Makes what folding stands on, where the engine does not bring it: `revision_snapshot()`, which transactions are seen by the open one, and
   * `folded_revision(own, bump, seen, saw)`, the revision of a row that had its own one when it took over that of its chat's bump.
   */
  folding: readonly string[];
  /** Makes the table `message_text`, in which messages are found by parts of their texts; its `rowid` is the message's id. */
  texts: readonly string[];
  /** Lets `journal.detail` be of any length, where the engine minds. */
  longDetails: readonly string[];
}

/** A list of statements, run in one transaction at start; once released it never changes. */
export interface Migration {
  id: number;
  name: string;
  up: (dialect: TableDialect) => string[];
}
