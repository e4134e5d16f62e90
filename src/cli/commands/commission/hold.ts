import {
  HOLD_REASONS,
  holdCommissions,
  releaseCommissions,
  type Released,
} from '../../../services/review/hold-commissions.ts';
import type { ActedOn } from '../../../services/review/act-on-entries.ts';
import type { NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { option, requiredOption } from '../../parameters.ts';
import { afterAccrual, afterHold } from './example.ts';
import {
  actedColumns,
  actedSections,
  actedText,
  partlyDone,
  prepareSelection,
  SELECTION_HELP,
  selectionOf,
  selectionParameters,
} from './selection.ts';

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

export const hold = mutation({
  rows: heldRows,
  sections: actedSections,
  previews: true,
  verb: 'hold',
  summary: 'keep entries out of every payout until released',
  description:
    'Puts entries on hold, beside whatever their status is; no approval lifts that. A payout drafted or approved with one ' +
    'of them is cancelled when it is submitted. Holds stack, one for each reason. A refund shares the holds of what it ' +
    'takes back. ' +
    SELECTION_HELP,
  parameters: {
    ...selectionParameters,
    reason: requiredOption('--reason <reason>', 'why', { choices: HOLD_REASONS, ask: { message: 'Reason:' } }),
    note: option('--note <text>', 'more about it, for the record'),
  },
  examples: [
    afterAccrual('commission hold 1.0 --reason dispute --note "customer says it never came"'),
    afterAccrual('commission hold --partner acme --period 2026-10 --reason fraud_review --dry-run'),
  ],
  prepare: async (invocation, input) => await prepareSelection(invocation, 'Hold', input),
  async run(ctx, { reason, note, partial, ...input }, say, path) {
    const selection = selectionOf(ctx, { partial, ...input }, say, path);
    const done = await holdCommissions(ctx, { selection, partial, reason, note });
    if (done.entries === 0) say(`nothing that this means can be held for ${reason}, or all of it is`);
    return done;
  },
  done: (row) => `held ${actedText(row)}`,
  partly: partlyDone,
});

export const release = mutation({
  rows: releasedRows,
  sections: actedSections,
  previews: true,
  verb: 'release',
  summary: 'lift the holds on entries',
  description:
    'Lifts the holds on entries themselves, of one --reason or all. The hold of a frozen partner is lifted by `partner ' +
    'activate`. ' +
    SELECTION_HELP,
  parameters: {
    ...selectionParameters,
    reason: option('--reason <reason>', 'only holds of this reason', { choices: HOLD_REASONS }),
    note: option('--note <text>', 'why, for the record'),
  },
  examples: [
    afterHold('commission release 1.0 --note "parcel was found"'),
    afterHold('commission release --status held --reason dispute --dry-run'),
  ],
  prepare: async (invocation, input) => await prepareSelection(invocation, 'Release', input),
  async run(ctx, { reason, note, partial, ...input }, say, path) {
    const selection = selectionOf(ctx, { partial, ...input }, say, path);
    const done = await releaseCommissions(ctx, { selection, partial, reason, note });
    if (done.entries === 0) say('nothing that this means has such a hold of its own');
    if (done.stillHeld > 0) {
      say(`still held: ${done.stillHeld} of ${done.entries}, for another reason or with their partner or instance`);
    }
    return done;
  },
  done: (row) => `released ${actedText(row)}`,
  partly: partlyDone,
});
