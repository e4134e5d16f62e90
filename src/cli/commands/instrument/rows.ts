import { parseInstrumentCode, type InstrumentCode } from '../../../domain/instruments.ts';
import type { Instrument } from '../../../services/instrument/instrument-view.ts';
import { listInstruments } from '../../../services/instrument/show-instrument.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument } from '../../parameters.ts';

const c = columnsOf<Instrument>();

/** Where a partner is paid in a currency: never its account data. */
export const instrumentRows: NounRows<Instrument> = {
  noun: 'instrument',
  plural: 'instruments',
  id: (row) => row.instrument,
  columns: [
    c.code('instrument', (row) => row.instrument),
    c.number('version', (row) => row.version),
    c.code('kind', (row) => row.kind),
    c.text('account', (row) => row.account),
    c.code('country', (row) => row.country, { detail: true }),
    c.code('standing', (row) => row.standing),
    c.date('usable_on', (row) => row.usableOn),
    c.actor('added_by', (row) => row.addedBy),
    c.instant('added_at', (row) => row.addedAt, { detail: true }),
    c.actor('verified_by', (row) => row.verifiedBy),
    c.instant('verified_at', (row) => row.verifiedAt, { detail: true }),
    c.actor('retired_by', (row) => row.retiredBy, { detail: true }),
    c.text('reason', (row) => row.reason, { detail: true }),
  ],
};

export const instrument = argument<InstrumentCode>('INSTRUMENT', 'PARTNER/CURRENCY, as acme/EUR', {
  read: parseInstrumentCode,
  ask: {
    message: 'Instrument:',
    choices: async (ctx) =>
      (await listInstruments(ctx, { current: true }, { limit: 200, offset: 0 })).map((row) => ({
        value: row.instrument,
        name: `${row.instrument}  ${row.kind} ${row.account}, ${row.standing}`,
      })),
  },
});
