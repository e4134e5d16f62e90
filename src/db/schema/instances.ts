import { pgTable, text } from 'drizzle-orm/pg-core';
import { civilDate, identity, reference, stamped, versioned } from './column-types.ts';

export const instances = pgTable('instances', {
  id: identity(),
  code: text('code').notNull(),
  name: text('name').notNull(),
  tenantId: reference('tenant_id').notNull(),
  /** The founding partner, for ever. Who earns is in `agreements`. */
  partnerId: reference('partner_id').notNull(),
  status: text('status', { enum: ['active', 'suspended'] })
    .notNull()
    .default('active'),
  foundedOn: civilDate('founded_on'),
  ...stamped(),
});

/** Every suspension and resumption, dated; the status of an instance is the last of them. */
export const instanceStatusChanges = pgTable('instance_status_changes', {
  id: identity(),
  instanceId: reference('instance_id').notNull(),
  status: text('status', { enum: ['active', 'suspended'] }).notNull(),
  effectiveOn: civilDate('effective_on').notNull(),
  reason: text('reason').notNull(),
  ...stamped(),
});

/** Who earns at an instance, and when; founding makes the first by trigger. */
export const agreements = pgTable('agreements', {
  id: identity(),
  instanceId: reference('instance_id').notNull(),
  partnerId: reference('partner_id').notNull(),
  ...versioned(),
});
