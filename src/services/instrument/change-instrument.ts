import { insertRetirement, insertVerification, type InstrumentRow } from '../../db/queries/instruments.ts';
import { RefusedError } from '../../domain/errors.ts';
import { formatInstrumentCode, type InstrumentCode } from '../../domain/instruments.ts';
import type { Context } from '../context.ts';
import { findInstrument } from './find-instrument.ts';
import { instrumentView, type Instrument } from './instrument-view.ts';

/**
 * Says as the second person that the account is the partner's: it is paid to once it has cooled off. With a version in
 * its code it is refused unless that is the one that counts.
 *
 * Writes. Throws NotFoundError, RefusedError `four_eyes`, `instrument_verified`, `instrument_retired`, and
 * `status_transition` for a version that gave way, as the database says.
 */
export async function verifyInstrument(ctx: Context, code: InstrumentCode, note?: string): Promise<Instrument> {
  return await ctx.write(async (tx) => {
    const found = await findInstrument(tx, code);
    assertVerifiable(ctx, found);
    await insertVerification(tx, found.id, note ?? null);
    return instrumentView(await findInstrument(tx, { ...code, version: found.version }));
  });
}

/** What the database would refuse, said before anybody is asked anything. Throws RefusedError as above. */
export function assertVerifiable(ctx: Pick<Context, 'actor'>, found: InstrumentRow): void {
  assertNotRetired(found);
  if (found.verifiedBy !== null) {
    throw new RefusedError('instrument_verified', `${called(found)} was verified by ${found.verifiedBy} before`, {
      details: { verified_by: found.verifiedBy, verified_at: found.verifiedAt },
    });
  }
  if (found.createdBy === ctx.actor) {
    throw new RefusedError('four_eyes', `${called(found)} was added by ${ctx.actor}, who cannot verify it`, {
      hint: 'a second person verifies, with a login of their own',
    });
  }
}

/**
 * Takes an instrument out of use. Nothing is paid to the partner in this currency until another is added, and be it one
 * of kind manual: who had an account is not paid by hand in passing. Writes. Throws NotFoundError, RefusedError
 * `instrument_retired`.
 */
export async function retireInstrument(ctx: Context, code: InstrumentCode, reason: string): Promise<Instrument> {
  return await ctx.write(async (tx) => {
    const found = await findInstrument(tx, code);
    assertNotRetired(found);
    await insertRetirement(tx, found.id, reason);
    return instrumentView(await findInstrument(tx, { ...code, version: found.version }));
  });
}

function assertNotRetired(found: InstrumentRow): void {
  if (found.retiredBy === null) return;
  throw new RefusedError(
    'instrument_retired',
    `${called(found)} was retired by ${found.retiredBy}: ${found.retiredBecause}`,
    {
      hint: '`revshare instrument add` makes the next version',
    },
  );
}

const called = ({ partner, currency, version }: InstrumentRow) => formatInstrumentCode({ partner, currency, version });
