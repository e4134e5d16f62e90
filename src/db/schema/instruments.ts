import { integer, pgTable, pgView, primaryKey, text } from 'drizzle-orm/pg-core';
import { INSTRUMENT_KINDS } from '../../domain/instruments.ts';
import { bytes, civilDate, identity, instant, reference, stamped } from './column-types.ts';

const instrumentColumns = () => ({
  partnerId: reference('partner_id').notNull(),
  currency: text('currency').notNull(),
  version: integer('version').notNull(),
  kind: text('kind', { enum: INSTRUMENT_KINDS }).notNull(),
  mask: text('mask').notNull(),
  country: text('country'),
  /** The first day on which it is paid to, by the database. */
  usableOn: civilDate('usable_on').notNull(),
  ...stamped(),
});

/** Where a partner is paid in a currency; each change of it is a version. */
export const instruments = pgTable('instruments', { id: identity(), ...instrumentColumns() });

/** Those that count today, and what keeps them from being paid to. */
export const instrumentStandings = pgView('instrument_standings', {
  id: reference('id').notNull(),
  ...instrumentColumns(),
  verifiedBy: text('verified_by'),
  verifiedAt: instant('verified_at'),
  retiredBy: text('retired_by'),
  retiredBecause: text('retired_because'),
  obstacle: text('obstacle'),
}).existing();

/** The account data of a version, sealed by a key. */
export const instrumentSeals = pgTable(
  'instrument_seals',
  {
    instrumentId: reference('instrument_id').notNull(),
    keyId: text('key_id').notNull(),
    sealed: bytes('sealed').notNull(),
    ...stamped(),
  },
  (table) => [primaryKey({ columns: [table.instrumentId, table.keyId] })],
);

export const instrumentVerifications = pgTable('instrument_verifications', {
  instrumentId: reference('instrument_id').primaryKey(),
  note: text('note'),
  ...stamped(),
});

export const instrumentRetirements = pgTable('instrument_retirements', {
  instrumentId: reference('instrument_id').primaryKey(),
  reason: text('reason').notNull(),
  ...stamped(),
});

/** Who has seen account data in full, and why. */
export const instrumentReveals = pgTable('instrument_reveals', {
  id: identity(),
  instrumentId: reference('instrument_id').notNull(),
  reason: text('reason').notNull(),
  ...stamped(),
});
