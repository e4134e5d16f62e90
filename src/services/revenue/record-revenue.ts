import type { Connection } from '../../db/connection.ts';
import { firstProblems, type FoundProblem } from '../../db/queries/revenue-intake.ts';
import { revenueByExternalId } from '../../db/queries/revenue.ts';
import { stagedProblemRow } from '../../db/queries/revenue-staging.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { bindMapping } from '../../formats/mapping-binding.ts';
import { EVENT_FIELDS, type EventField, type Mapping } from '../../formats/mapping.ts';
import { EventReader } from '../../formats/event-rows.ts';
import type { RecordProblem } from '../../formats/records.ts';
import { findAccount } from '../account/find-account.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { takeIn } from './intake.ts';
import { revenueView, type RevenueEvent } from './list-revenue.ts';
import { eventRow } from './stage-file.ts';

/** One event as a person types it: each field as a mapping would find it in a file. */
export interface RecordRequest {
  readonly source?: string | undefined;
  readonly fields: Readonly<Partial<Record<EventField, string | undefined>>>;
  readonly createAccount?: boolean | undefined;
}

export interface Recorded extends RevenueEvent {
  /** False where the very same event had been recorded before: then nothing was written. */
  readonly isNew: boolean;
}

/** What people record by hand has no billing system behind it. */
export const MANUAL_SOURCE = 'manual';

// What is well typed and against the state of the books; the rest is a mistake in what was typed.
const REFUSALS = new Set([
  'instance_unknown',
  'account_unknown',
  'subscription_unknown',
  'same_id_other_content',
  'sale_differs',
  'signup_repeated',
]);

/**
 * Records one event through the very path of an import: same checks, a batch of its own. The id is the operator's to
 * give, because only a name makes a repeated command harmless: recorded again with the same content it adds nothing.
 * Writes; one transaction of `ctx.write`.
 * @throws UsageError for what cannot be an event, naming the field
 * @throws RefusedError `same_id_other_content`, `sale_differs`, `signup_repeated`
 * @throws NotFoundError `instance_not_found`, `account_not_found`
 */
export async function recordRevenue(ctx: Context, request: RecordRequest): Promise<Recorded> {
  const source = request.source ?? MANUAL_SOURCE;
  if (!/^[a-z0-9][a-z0-9_.-]{0,62}$/.test(source)) {
    throw new UsageError('source_invalid', `'${source.slice(0, 80)}' cannot name a source`, {
      hint: 'use 1–63 lower-case letters, digits, . _ and -',
    });
  }
  const { instance, account, external_id: externalId = '' } = request.fields;
  if (instance !== undefined) {
    await findInstanceId(ctx.db, instance);
    if (account !== undefined && request.createAccount !== true) await findAccount(ctx.db, { instance, code: account });
  }

  const mapping = typedMapping(source, request.fields);
  const binding = bindMapping(mapping, EVENT_FIELDS, { mapping: 'command line', data: 'command line' }, false);
  const span = { line: 1, start: 0, end: 0 };
  const problems: RecordProblem[] = [];
  const draft = new EventReader(mapping, binding, ctx.zone, today(ctx)).read(
    EVENT_FIELDS.map((field) => request.fields[field] ?? ''),
    problems,
  );
  return await ctx.write(async (tx) => {
    const { new: added } = await takeIn(
      tx,
      { createAccounts: request.createAccount ?? false },
      async (write) => {
        if (draft !== null) await write(eventRow(draft, span));
        for (const problem of problems) await write(stagedProblemRow({ ...span, ...problem }));
        return {
          source,
          origin: 'record',
          fileName: null,
          fileSha256: null,
          read: 1,
          damaged: draft === null ? 1 : 0,
          hasSales: draft?.saleRef != null,
          namesSubscriptions: draft?.subscription != null,
          defaulted: false,
          place: (field) => ({ column: null, field }),
        };
      },
      async (inside) => {
        throw await refusal(inside);
      },
    );
    const row = await revenueByExternalId(tx, source, externalId.trim());
    return { ...revenueView(row!), isNew: added === 1 };
  });
}

function typedMapping(source: string, fields: RecordRequest['fields']): Mapping {
  const given = EVENT_FIELDS.filter((field) => fields[field] !== undefined);
  return {
    source,
    format: null,
    fields: Object.fromEntries(
      given.map((field) => [field, { columns: [field], separator: '/', lookup: null, fallback: null, format: null }]),
    ),
    kindRules: [],
    otherwise: 'payment',
    defaultInstance: null,
    lookups: {},
    dates: { format: 'iso', zone: null },
    decimals: { style: { decimal: '.' }, minor: false },
    csv: { delimiter: ',', quote: '"', encoding: 'utf-8' },
  };
}

async function refusal(tx: Connection): Promise<Error> {
  const problems = await firstProblems(tx, 20);
  const [first] = problems;
  const told = problems.map(({ field, reason }) => `${flagOf(field)}: ${reason}`);
  const code = problems.length === 1 ? first!.code : 'event_invalid';
  const hint = hintOf(first!);
  const options = {
    ...(hint === undefined ? {} : { hint }),
    details: { problems },
  };
  const message =
    told.length === 1 ? told[0]! : `the event cannot be recorded\n${told.map((line) => `  ${line}`).join('\n')}`;
  return REFUSALS.has(code) ? new RefusedError(code, message, options) : new UsageError(code, message, options);
}

function flagOf(field: string | null): string {
  return field === 'external_id' || field === null ? '--id' : `--${field.replaceAll('_', '-')}`;
}

/** What to do about it, unless that speaks of files and mappings, where there are none. */
function hintOf({ code, remedy }: FoundProblem): string | undefined {
  if (code === 'wrong_sign') return 'what is given back is negative; a negative payment is a refund or a credit note';
  return remedy === '' || /mapping|\[|minor =/.test(remedy) ? undefined : remedy;
}
