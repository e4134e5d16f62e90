import { voidableEvents, type VoidableEvent } from '../../db/queries/corrections.ts';
import type { Connection } from '../../db/connection.ts';
import type { Act, Terms } from '../../domain/acts.ts';

/** The voids of a batch, as they follow from its number. Reads only. */
export async function voidsOfBatch(tx: Connection, terms: Terms): Promise<readonly Act[]> {
  return (await voidableEvents(tx, { batch: terms['batch'] as number })).map(voidOf);
}

export function voidOf({ id, instanceId, currency, saleId }: VoidableEvent): Act {
  return {
    kind: 'void',
    instance_id: instanceId,
    currency,
    ...(saleId === null ? {} : { sale_id: saleId }),
    voids_id: id,
  };
}
