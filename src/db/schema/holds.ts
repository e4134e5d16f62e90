import { pgTable, pgView, smallint, text } from 'drizzle-orm/pg-core';
import { civilDate, identity, reference, stamped, transactionId } from './column-types.ts';

const holdColumns = () => ({
  partnerId: reference('partner_id'),
  instanceId: reference('instance_id'),
  eventId: reference('event_id'),
  leg: smallint('leg'),
  reason: text('reason', {
    enum: ['partner_frozen', 'instance_suspended', 'fraud_review', 'missing_details', 'dispute'],
  }).notNull(),
  note: text('note'),
  /** Of an instance: only what events of this day and later earn. */
  heldFrom: civilDate('held_from'),
  ...stamped(),
});

/** What keeps earnings from being paid: on a partner, an instance or one entry, until its release row exists. */
export const holds = pgTable('holds', { id: identity(), ...holdColumns(), transactionId: transactionId() });

export const holdReleases = pgTable('hold_releases', {
  holdId: reference('hold_id').primaryKey(),
  note: text('note'),
  transactionId: transactionId(),
  ...stamped(),
});

export const openHolds = pgView('open_holds', { id: reference('id').notNull(), ...holdColumns() }).existing();
