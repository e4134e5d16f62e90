import { insertReveal, instrumentRows, type InstrumentFilter } from '../../db/queries/instruments.ts';
import { partnerOfCode } from '../../db/queries/partners.ts';
import type { InstrumentCode, InstrumentStanding } from '../../domain/instruments.ts';
import type { Context } from '../context.ts';
import { notFound } from '../not-found.ts';
import { assertVerifiable } from './change-instrument.ts';
import { findInstrument } from './find-instrument.ts';
import { instrumentView, type Instrument } from './instrument-view.ts';
import { openDetails } from './sealed-details.ts';

/** Instruments by partner and currency. Reads only; throws NotFoundError for a partner that is not there. */
export async function listInstruments(
  ctx: Context,
  filter: Omit<InstrumentFilter, 'obstacle'> & { readonly standing?: InstrumentStanding | undefined },
  page: { readonly limit: number; readonly offset: number },
): Promise<Instrument[]> {
  const { standing, ...of } = filter;
  if (of.partner !== undefined && (await partnerOfCode(ctx.db, of.partner)) === null) {
    throw await notFound(ctx.db, 'partner', of.partner);
  }
  const asked = standing === undefined ? of : { ...of, ...STANDING[standing] };
  return (await instrumentRows(ctx.db, asked, page.limit, page.offset)).map(instrumentView);
}

const STANDING: Readonly<Record<InstrumentStanding, InstrumentFilter>> = {
  usable: { current: true, obstacle: null },
  unverified: { current: true, obstacle: 'instrument_unverified' },
  cooling_off: { current: true, obstacle: 'instrument_cooling_off' },
  retired: { current: true, obstacle: 'instrument_retired' },
  superseded: { superseded: true },
};

export interface InstrumentStory extends Instrument {
  /** All of them, the latest first. */
  readonly versions: readonly Instrument[];
  /** The account data, where somebody asked for it and said why; else null. */
  readonly data: Readonly<Record<string, string>> | null;
}

/**
 * An instrument with its versions. With a reason its account data is opened, too: that is recorded, and committed, before
 * anything is shown. Writes only then. Throws NotFoundError, UnavailableError `keys_missing`, `key_wrong`, IntegrityError
 * `seal_broken`.
 */
export async function showInstrument(
  ctx: Context,
  code: InstrumentCode,
  revealBecause: string | null,
): Promise<InstrumentStory> {
  const row = await findInstrument(ctx.db, code);
  const { partner, currency } = code;
  const versions = await instrumentRows(ctx.db, { partner, currency }, row.version + 1000, 0);
  let data: InstrumentStory['data'] = null;
  if (revealBecause !== null) {
    const [opened] = await openDetails(ctx, ctx.db, [row.id]);
    await ctx.write(async (tx) => await insertReveal(tx, row.id, revealBecause));
    data = opened?.details ?? {};
  }
  return { ...instrumentView(row), versions: versions.map(instrumentView), data };
}

/** The version that a person is asked about before it is verified. Reads only; throws as verifying would. */
export async function instrumentToVerify(ctx: Context, code: InstrumentCode): Promise<Instrument> {
  const row = await findInstrument(ctx.db, code);
  assertVerifiable(ctx, row);
  return instrumentView(row);
}
