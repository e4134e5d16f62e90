import { pgTable, text } from 'drizzle-orm/pg-core';
import { bytes, identity, reference, stamped } from './column-types.ts';

/** How the papers of a white-label partner look; what was said last counts. */
export const brands = pgTable('brands', {
  id: identity(),
  partnerId: reference('partner_id').notNull(),
  name: text('name').notNull(),
  colour: text('colour').notNull(),
  logo: bytes('logo'),
  logoType: text('logo_type', { enum: ['image/png', 'image/jpeg'] }),
  ...stamped(),
});
