import { originPeriod } from '../../../domain/decision-dates.ts';
import { explainCommission, type Explanation } from '../../../services/commission/explain-commission.ts';
import { whyNotCommission, type WhyNot } from '../../../services/commission/why-not-commission.ts';
import { command, type Invocation } from '../../command.ts';
import { previewLines, stepLines, undecidedLine } from '../../explanation.ts';
import { isoInstant, toRecord } from '../../output/columns.ts';
import { plainJson, plainText } from '../../output/plain-text.ts';
import { argument } from '../../parameters.ts';
import { commissionRows } from './columns.ts';
import { afterAccrual } from '../../example-books.ts';

const reference = argument<string>(
  'ENTRY|EVENT',
  'an entry (1042.0), an event number, an external id, or SOURCE:EXTERNAL_ID',
);

export const explain = command({
  verb: 'explain',
  summary: 'tell why an event earned what it did, to the cent',
  description:
    'Tells the stored decision from a fresh run of the same rating function over what was known when it was made: who ' +
    'earns, the rule that won and those that lost, the arithmetic, the rounding, the sale so far. Where the two differ ' +
    'the books are wrong, and it ends with exit code 5. An undecided event is rated by the rules of now.',
  parameters: { reference },
  examples: [afterAccrual('commission explain manual:pay-1'), afterAccrual('commission explain 1.0 --json')],
  async run(invocation, input) {
    const ctx = await invocation.context();
    await print(invocation, await explainCommission(ctx, input.reference), story);
  },
});

export const whyNot = command({
  verb: 'why-not',
  summary: 'tell why an event earned nothing, or is not payable',
  parameters: { reference },
  examples: [afterAccrual('commission why-not manual:pay-1')],
  async run(invocation, input) {
    const ctx = await invocation.context();
    await print(invocation, await whyNotCommission(ctx, input.reference), (told) => [
      ...obstacles(told),
      '',
      ...story(told),
    ]);
  },
});

async function print<T extends Explanation>(
  invocation: Invocation,
  told: T,
  lines: (told: T) => string[],
): Promise<void> {
  const { out, format } = invocation.print;
  if (format === 'json' || format === 'ndjson') {
    await out.write(`${plainJson(asRecord(told), format === 'json' ? 2 : undefined)}\n`);
    return;
  }
  if (format === 'id') {
    await out.write(told.entries.map((entry) => `${entry.entry}\n`).join(''));
    return;
  }
  await out.write(`${lines(told).map(plainText).join('\n')}\n`);
}

/** In the dialect of every other JSON here: snake_case, instants as ISO 8601, entries as `commission list` has them. */
function asRecord(told: Explanation): Record<string, unknown> {
  const { event, entries, waitsFor, ...rest } = told;
  const { externalId, saleRef, occurredAt, occurredOn, recordedAt, recordedBy, ...plain } = event;
  return {
    event: {
      ...plain,
      external_id: externalId,
      sale_ref: saleRef,
      occurred_at: isoInstant(occurredAt),
      occurred_on: occurredOn,
      recorded_at: isoInstant(recordedAt),
      recorded_by: recordedBy,
    },
    entries: entries.map((entry) => toRecord(commissionRows.columns, entry)),
    waits_for: waitsFor,
    ...rest,
  };
}

const LATER = {
  void: 'voided',
  rerate: 'rated again, by other rules,',
  reattribution: 'rated again, for others,',
};

function story(told: Explanation): string[] {
  const { event, decided, entries, steps, since } = told;
  const place = [event.instance, event.account, event.product].filter((part) => part !== null).join(' / ');
  const sale = event.saleRef === null ? '' : `, sale ${event.saleRef}`;
  return [
    `${event.kind} ${event.source}:${event.externalId} (event ${event.id}) of ${event.net} ${event.currency} net`,
    `  ${place}${sale}, ${event.occurredOn}; recorded ${isoInstant(event.recordedAt)} by ${event.recordedBy}${event.file === null ? '' : ` from ${event.file}`}`,
    '',
    ...stepLines(told),
    ...(steps.length === 0 ? [] : ['']),
    ...entries.map(
      (entry) =>
        `entry ${entry.entry}  ${entry.kind}  ${entry.amount} ${entry.currency}  ${entry.status}` +
        `${entry.reason === null ? '' : ` (${entry.reason})`}  to ${entry.partner ?? 'nobody'}, ` +
        `posting ${entry.postingDate}${origin(event.occurredOn, entry.postingDate)}, payable ${entry.payableOn}${entry.run === null ? '' : `, run ${entry.run}`}`,
    ),
    ...(decided
      ? ['the stored decision and a fresh run of the rating function agree']
      : [...previewLines(told), undecidedLine(told, 'not decided yet')]),
    ...since.map((act) => `${LATER[act.kind]} on ${act.on} by ${act.event}: revshare commission explain ${act.event}`),
  ];
}

/** The month that it is of, where that one took nothing more. */
function origin(occurredOn: string, postingDate: string): string {
  const month = originPeriod(occurredOn);
  return month === originPeriod(postingDate) ? '' : ` (of ${month}, which was not open)`;
}

function obstacles({ obstacles: found }: WhyNot): string[] {
  if (found.length === 0) {
    return ['nothing stands in the way: it is earned and payable'];
  }
  return found.flatMap(({ code, text, remedy }) => [`${code}: ${text}`, ...(remedy === null ? [] : [`  → ${remedy}`])]);
}
