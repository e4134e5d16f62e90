import type { Connection } from '../../db/connection.ts';
import { insertOpened, type OpenedAccount, type OpenedPartner } from '../../db/queries/opening.ts';
import type { Terms } from '../../domain/acts.ts';
import type { Context } from '../context.ts';

/** Writes what an opening says of partners and accounts; wallets and sales are its acts. Writes. */
export async function applyOpening(_ctx: Context, tx: Connection, terms: Terms): Promise<void> {
  await insertOpened(tx, terms['partners'] as OpenedPartner[], terms['accounts'] as OpenedAccount[]);
}
