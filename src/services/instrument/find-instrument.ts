import type { Connection } from '../../db/connection.ts';
import { instrumentRows, type InstrumentRow } from '../../db/queries/instruments.ts';
import { partnerOfCode } from '../../db/queries/partners.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { formatInstrumentCode, type InstrumentCode } from '../../domain/instruments.ts';
import { notFound } from '../not-found.ts';

/** The version of a code; without a number the one that counts. Reads only. Throws NotFoundError `partner_not_found`, `instrument_not_found`. */
export async function findInstrument(tx: Connection, code: InstrumentCode): Promise<InstrumentRow> {
  const { version, ...of } = code;
  const [row] = await instrumentRows(tx, { ...of, ...(version === null ? { current: true } : { version }) }, 1, 0);
  if (row !== undefined) return row;
  if ((await partnerOfCode(tx, code.partner)) === null) throw await notFound(tx, 'partner', code.partner);
  throw new NotFoundError(
    'instrument',
    formatInstrumentCode(code),
    version === null
      ? `${code.partner} is paid by hand in ${code.currency}; \`revshare instrument add\` says where`
      : `revshare instrument list --partner ${code.partner} --all`,
  );
}
