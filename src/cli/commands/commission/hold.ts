import {
  HOLD_REASONS,
  holdCommissions,
  releaseCommissions,
  type Released,
} from '../../../services/review/hold-commissions.ts';
import type { ActedOn } from '../../../services/review/act-on-entries.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { option, requiredOption } from '../../parameters.ts';
import { afterAccrual } from '../../example-books.ts';
import { afterHold } from './example.ts';
import { actedColumns, actCommand } from './selection.ts';

const heldRows: NounRows<ActedOn> = {
  noun: 'hold',
  plural: 'holds',
  id: (row) => String(row.entries),
  columns: actedColumns,
};

const c = columnsOf<Released>();
const releasedRows: NounRows<Released> = {
  ...heldRows,
  columns: [...actedColumns, c.number('holds', (row) => row.holds), c.number('still_held', (row) => row.stillHeld)],
};

export const hold = actCommand({
  rows: heldRows,
  verb: 'hold',
  outcome: 'held',
  summary: 'keep entries out of every payout until released',
  description:
    'Puts entries on hold, beside whatever their status is; no approval lifts that. A payout drafted or approved with one ' +
    'of them is cancelled when it is submitted. Holds stack, one for each reason. A refund shares the holds of what it ' +
    'takes back.',
  parameters: {
    reason: requiredOption('--reason <reason>', 'why', { choices: HOLD_REASONS, ask: { message: 'Reason:' } }),
    note: option('--note <text>', 'more about it, for the record'),
  },
  examples: [
    afterAccrual('commission hold 1.0 --reason dispute --note "customer says it never came"'),
    afterAccrual('commission hold --partner acme --period 2026-10 --reason fraud_review --dry-run'),
  ],
  run: async (ctx, { reason, note }, request) => await holdCommissions(ctx, { ...request, reason, note }),
  nothing: ({ reason }) => `nothing that this means can be held for ${reason}, or all of it is`,
});

export const release = actCommand({
  rows: releasedRows,
  verb: 'release',
  outcome: 'released',
  summary: 'lift the holds on entries',
  description:
    'Lifts the holds on entries themselves, of one --reason or all. The hold of a frozen partner is lifted by `partner ' +
    'activate`.',
  parameters: {
    reason: option('--reason <reason>', 'only holds of this reason', { choices: HOLD_REASONS }),
    note: option('--note <text>', 'why, for the record'),
  },
  examples: [
    afterHold('commission release 1.0 --note "parcel was found"'),
    afterHold('commission release --status held --reason dispute --dry-run'),
  ],
  async run(ctx, { reason, note }, request, say) {
    const done = await releaseCommissions(ctx, { ...request, reason, note });
    if (done.stillHeld > 0) {
      say(`still held: ${done.stillHeld} of ${done.entries}, for another reason or with their partner or instance`);
    }
    return done;
  },
  nothing: () => 'nothing that this means has such a hold of its own',
});
