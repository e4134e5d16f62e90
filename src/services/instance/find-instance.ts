import type { Connection } from '../../db/connection.ts';
import { instanceByCode, instanceIdByCode, type InstanceRow } from '../../db/queries/instances.ts';
import { notFound } from '../not-found.ts';

/** The instance of a code, with who earns on a day. Reads only. Throws NotFoundError `instance_not_found`. */
export async function findInstance(tx: Connection, code: string, day: string): Promise<InstanceRow> {
  const row = await instanceByCode(tx, code, day);
  if (row === null) throw await notFound(tx, 'instance', code);
  return row;
}

/** Its identity alone. Reads only. Throws NotFoundError `instance_not_found`. */
export async function findInstanceId(tx: Connection, code: string): Promise<number> {
  const id = await instanceIdByCode(tx, code);
  if (id === null) throw await notFound(tx, 'instance', code);
  return id;
}
