import { pgTable, text } from 'drizzle-orm/pg-core';
import { identity, stamped } from './column-types.ts';

export const tenants = pgTable('tenants', {
  id: identity(),
  code: text('code').notNull(),
  name: text('name').notNull(),
  ...stamped(),
});
