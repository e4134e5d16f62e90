import type { Connection } from '../../db/connection.ts';
import { insertInstrument, nextInstrumentVersion } from '../../db/queries/instruments.ts';
import type { InstrumentKind } from '../../domain/instruments.ts';
import { countryOf, maskOf, type AccountDetails } from '../../formats/account-details.ts';
import { requireKeyring, type Keyring } from '../../secrets/keyring.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { findInstrument } from './find-instrument.ts';
import { instrumentView, type Instrument } from './instrument-view.ts';
import { sealDetails } from './sealed-details.ts';

export interface NewInstrument {
  readonly partner: string;
  /** Default: the partner's. */
  readonly currency?: string | undefined;
  readonly kind: InstrumentKind;
  /** In canonical form, as src/formats/account-details.ts reads it. */
  readonly details: AccountDetails;
}

/**
 * Says where a partner is paid in a currency from now on: a new version, sealed and masked. The one before it is paid to
 * no more, and this one not before a second person has verified it and it has cooled off: until then the money stays.
 *
 * Writes. Throws NotFoundError, UnavailableError `keys_missing`. Source: SEMANTICS §7.
 */
export async function addInstrument(ctx: Context, input: NewInstrument): Promise<Instrument> {
  const { kind, details } = input;
  const keyring = kind === 'manual' ? null : requireKeyring(ctx.keys);
  return await ctx.write(async (tx) => {
    const partner = await findPartner(tx, input.partner, today(ctx));
    const currency = input.currency ?? partner.currency;
    const version = await addVersion(ctx, tx, keyring, { partner, currency, kind, details });
    return instrumentView(await findInstrument(tx, { partner: partner.code, currency, version }));
  });
}

/** The next version, of what may be paid to once it is verified; sealed unless `keyring` is null, for what is paid by hand. */
export async function addVersion(
  ctx: Context,
  tx: Connection,
  keyring: Keyring | null,
  added: {
    readonly partner: { readonly id: number; readonly code: string };
    readonly currency: string;
    readonly kind: InstrumentKind;
    readonly details: AccountDetails;
  },
): Promise<number> {
  const { partner, currency, kind, details } = added;
  const version = await nextInstrumentVersion(tx, partner.id, currency);
  const place = { currency, version, kind };
  const instrumentId = await insertInstrument(tx, {
    ...place,
    partnerId: partner.id,
    mask: maskOf(kind, details),
    country: countryOf(kind, details),
  });
  if (keyring !== null)
    await sealDetails(ctx, tx, keyring, [{ ...place, partner: partner.code, instrumentId, details }]);
  return version;
}
