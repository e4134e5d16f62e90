import { parseDate } from '../../../domain/dates.ts';
import { reasonText, whyNotPaid, type WhyNotPaid } from '../../../services/payout/why-not-paid.ts';
import { partnerChoices } from '../../choices.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { argument, option } from '../../parameters.ts';
import { whenDrafted, whenDue } from './example.ts';

/** Money that is not paid, in one wallet, for one reason. */
interface Unpaid {
  /** 'now', or the run that recorded it. */
  readonly seen: string;
  readonly instance: string;
  readonly amount: string;
  readonly currency: string;
  readonly entries: number | null;
  readonly reason: string;
  readonly payout: string | null;
  readonly meaning: string;
}

const c = columnsOf<Unpaid>();

export const whyNot = command({
  verb: 'why-not',
  summary: 'what stands between a partner’s earnings and a payout',
  description:
    'Every wallet of the partner: what a run with this cut-off would pay now, what it would leave out and why, what payouts ' +
    'on their way hold, and what the last run recorded that left anything of this partner out. Reads only.',
  parameters: {
    partner: argument<string>('PARTNER', 'the partner', { ask: { message: 'Partner:', choices: partnerChoices } }),
    cutoff: option('--cutoff <date>', 'the first day that would not be in the run (default and latest: today)', {
      read: parseDate,
    }),
  },
  examples: [whenDrafted('payout why-not acme'), whenDue('payout why-not acme --cutoff 2026-10-01 --json')],
  async run(invocation, { partner, cutoff }) {
    const ctx = await invocation.context();
    const found = await whyNotPaid(ctx, partner, cutoff);
    const rows = unpaidOf(found);
    await printList(
      invocation.print,
      [
        c.code('seen', (row) => row.seen),
        c.code('instance', (row) => row.instance),
        c.money('amount', (row) => row.amount),
        c.code('currency', (row) => row.currency),
        c.number('entries', (row) => row.entries),
        c.code('reason', (row) => row.reason),
        c.code('payout', (row) => row.payout),
        c.text('meaning', (row) => row.meaning),
      ],
      rows,
      (row) => row.reason,
    );
    const nothing = rows.length === 0 ? `: nothing of ${partner} is unpaid` : '';
    await invocation.note(`cut-off ${found.cutoff} (${ctx.zone})${nothing}`);
  },
});

function unpaidOf({ payable, left, open, recorded }: WhyNotPaid): Unpaid[] {
  const now = { seen: 'now', payout: null, entries: null };
  return [
    ...payable.map(({ text, ...row }) => ({ ...now, ...row, reason: 'payable', meaning: text })),
    ...left.map(({ text, ...row }) => ({ ...now, ...row, meaning: text })),
    ...open.map(({ number, text, ...row }) => ({
      ...now,
      ...row,
      reason: 'in_payout',
      payout: number,
      meaning: text,
    })),
    ...recorded.map((row) => ({ ...row, payout: null, seen: `run ${row.run}`, meaning: reasonText(row.reason) })),
  ];
}
