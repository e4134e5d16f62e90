import { PartialError, UsageError } from '../../../domain/errors.ts';
import { refusalLines } from '../../../services/review/refusals.ts';
import type { ActedOn, ActRequest, CurrencySum, PartnerSum } from '../../../services/review/act-on-entries.ts';
import type { ReviewSelection } from '../../../services/review/select-entries.ts';
import type { Context } from '../../../services/context.ts';
import type { Command, Example, Invocation } from '../../command.ts';
import { confirmRoutine } from '../../confirmation.ts';
import { dateParameters, dateWindow } from '../../date-window.ts';
import type { NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { flag, option, repeatedArgument, type Input, type Parameters } from '../../parameters.ts';
import { reviewFilters, withWindow } from './filters.ts';

// ── Which entries ─────────────────────────────────────────────────────────────────────────────────────────────────

const filterParameters = { ...reviewFilters, ...dateParameters('business date') };

/** The parameters of whatever acts on entries: by number, from a file, by a filter, or all of them. */
const selectionParameters = {
  entries: repeatedArgument('ENTRY', 'EVENT.LEG as `commission list` shows it, or EVENT for all its shares'),
  file: option('--file <file>', 'entries of a file: one a line, or a CSV with a column entry'),
  ...filterParameters,
  all: flag('--all', 'everything it can be done to; asks, or wants --yes'),
  partial: flag('--partial', 'of named entries do those that can be done; exit code 6 when there are others'),
};
type Selecting = Input<typeof selectionParameters>;

/** How the selection is told in the description of each command. */
const SELECTION_HELP =
  'Entries are named, listed in a --file, or meant by a filter. Named ones are all done or none is, each refusal with its ' +
  'reason; with --partial the others are done (exit code 6). Of a filter, those that can be done are.';

/**
 * Sees to it that exactly one kind of selection is given, asks for one on a terminal, and has "everything" confirmed.
 * @throws UsageError `filter_empty`, `selection_twice`, `confirmation_missing`
 */
async function prepareSelection<T extends Selecting>(invocation: Invocation, verb: string, input: T): Promise<T> {
  const given = [
    input.entries.length > 0 ? 'entries by number' : null,
    input.file === undefined ? null : '--file',
    Object.keys(filterParameters).some((key) => input[key as keyof Selecting] !== undefined) ? 'a filter' : null,
    input.all ? '--all' : null,
  ].filter((kind) => kind !== null);
  if (given.length > 1) {
    throw new UsageError('selection_twice', `${given.join(' and ')} both say which entries are meant`, {
      hint: 'give one of them',
    });
  }
  if (input.partial && given.length === 1 && (input.all || given[0] === 'a filter')) {
    throw new UsageError('partial_of_filter', '--partial is for named entries: a filter means those that can be done', {
      hint: 'leave out --partial',
    });
  }
  if (input.all) await confirmRoutine(invocation, `${verb} everything that can be?`);
  if (given.length > 0 || invocation.asker === null) return input;
  const answer = await invocation.asker.text({
    message: 'Entries (1042.0 1043.0):',
    check: (text) => (text.trim() === '' ? 'name at least one' : null),
  });
  return { ...input, entries: answer.trim().split(/[\s,]+/) };
}

/** The selection as the service wants it; `say` tells the dates that were meant. */
function selectionOf(
  ctx: Context,
  { entries, file, all, partner, instance, account, product, kind, status, currency, minAmount, ...dates }: Selecting,
  say: (text: string) => void,
  path: Invocation['path'],
): ReviewSelection {
  if (all) return { everything: true };
  if (file !== undefined) return { file: { path: path(file), label: file } };
  if (entries.length > 0) return { entries };
  const { window, echo } = dateWindow(ctx, dates);
  if (echo !== null) say(echo);
  const filter = { partner, instance, account, product, kind, status, currency, minAmount };
  return { filter: withWindow(filter, window) };
}

/**
 * An act on entries: selected in one of those ways, done to those it can be done to, told in one way. `nothing` is said
 * where a filter meant none.
 */
export function actCommand<R extends ActedOn, P extends Parameters>(act: {
  readonly rows: NounRows<R>;
  readonly verb: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: P;
  readonly examples: readonly Example[];
  run(ctx: Context, input: Input<P>, request: ActRequest, say: (text: string) => void): Promise<R>;
  nothing(input: Input<P>): string;
  readonly outcome: ActedOn['outcome'];
}): Command {
  const { verb } = act;
  return mutation({
    ...{ rows: act.rows, sections: actedSections, previews: true, verb, summary: act.summary, examples: act.examples },
    description: `${act.description} ${SELECTION_HELP}`,
    parameters: { ...selectionParameters, ...act.parameters },
    async prepare(invocation, given) {
      // The compiler cannot know that P names none of the selection's own.
      const input = given as Input<P> & Selecting;
      return await prepareSelection(invocation, `${verb[0]!.toUpperCase()}${verb.slice(1)}`, input);
    },
    async run(ctx, given, say, path) {
      const input = given as Input<P> & Selecting;
      const selection = selectionOf(ctx, input, say, path);
      const done = await act.run(ctx, input, { selection, partial: input.partial }, say);
      if (done.entries === 0) say(act.nothing(input));
      return done;
    },
    done: (row) => `${act.outcome} ${actedText(row)}`,
    partly: partlyDone,
  });
}

// ── What came of it ───────────────────────────────────────────────────────────────────────────────────────────────

const c = columnsOf<ActedOn>();
export const actedColumns = [
  c.code('outcome', (row) => row.outcome),
  c.number('entries', (row) => row.entries),
  c.amounts('amounts', (row) => row.amounts.map(({ amount, currency }) => `${amount} ${currency}`)),
  c.number('refused', (row) => row.refused.length),
];

const s = columnsOf<CurrencySum>();
const p = columnsOf<PartnerSum>();
const sumColumns = [
  s.code('currency', (sum) => sum.currency),
  s.number('entries', (sum) => sum.entries),
  s.money('amount', (sum) => sum.amount),
];
const actedSections = [
  section<ActedOn, CurrencySum>('sums', sumColumns, (row) => row.amounts),
  section<ActedOn, PartnerSum>(
    'partners',
    [p.code('partner', (sum) => sum.partner), ...sumColumns],
    (row) => row.partners,
  ),
];

/** '3 entries: 120.00 EUR, 500 JPY' */
function actedText({ entries, amounts }: ActedOn): string {
  const sums = amounts.map(({ amount, currency }) => `${amount} ${currency}`).join(', ');
  return `${entries === 1 ? '1 entry' : `${entries} entries`}${sums === '' ? '' : `: ${sums}`}`;
}

/** The summary has been printed by then; this says what is missing from it, and ends with exit code 6. */
function partlyDone({ refused, entries, outcome }: ActedOn, dryRun: boolean): PartialError | null {
  if (refused.length === 0) return null;
  const others = dryRun ? 'would be' : entries === 1 ? 'is' : 'are';
  const message = `${refused.length} of ${entries + refused.length} were left alone, ${entries} ${others} ${outcome}`;
  return new PartialError('entries_refused', [message, ...refusalLines(refused)].join('\n'), {
    details: { outcome, entries, refused },
  });
}
