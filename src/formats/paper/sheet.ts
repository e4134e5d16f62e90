import type { StatementMonth } from '../../domain/statement.ts';
import type { Table } from './table.ts';

/** What a paper says, in its words: a model as tables and sentences, before anybody asks where they stand. */
export interface Sheet {
  /** As a message speaks of it: 'the statement of acme'. */
  readonly called: string;
  /** Of the document. */
  readonly title: string;
  /** The instant of which it is. */
  readonly moment: string;
  /** What stands across each page; null: nothing. */
  readonly mark: string | null;
  /** Who writes it, where no brand says so. */
  readonly house: string;
  /** At its head what it is, and of what. */
  readonly kind: string;
  readonly of: string;
  /** At the head of every other page, to the left beside the house, and to the right. */
  readonly running: readonly [string, string];
  readonly to: { readonly label: string; readonly name: string; readonly about: string };
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** An account, and beside it a year; null: none. */
  readonly overview: Overview | null;
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
  /** Who answers for it, below the notes. */
  readonly approval: Table;
  readonly foot: readonly string[];
  /** Every text of it that was typed by somebody, for whoever asks whether all of them can be printed. */
  readonly texts: readonly string[];
}

export interface Overview {
  readonly account: Table;
  readonly year: Table;
  readonly months: readonly StatementMonth[];
  readonly currency: string;
}
