import { formatMinor } from '../../src/domain/money.ts';
import type { Connection } from '../../src/db/connection.ts';
import { drawKnownSeq, insertSale, recordBatch, type Books, type NewEvent } from '../books.ts';
import { booksOfEachTest, type OpenedBooks } from './each-test.ts';

/** Rules of every kind and the sales they decide, in plain SQL: the services that write rules are tested elsewhere. */
export interface NewTerms {
  /** 0: the own slot; n: the override slot of that level. */
  readonly level?: number;
  readonly scope?: 'programme' | 'partner' | 'instance' | 'account';
  readonly scopeId?: number;
  readonly from?: string;
  readonly to?: string;
  /** Columns of rule_versions: kind, rate_ppm, bracket_from as '{0,20000}' and so on. */
  readonly says: Readonly<Record<string, string | number | boolean | null>>;
}

/** A rule with one version under a number of its own; the version's id. */
export async function insertTerms(tx: Connection, rule: NewTerms): Promise<number> {
  const { level = 0, scope = 'programme', scopeId = null, from = null, to = null, says } = rule;
  const of = (one: NewTerms['scope']) => (scope === one ? scopeId : null);
  await tx.sql`
    insert into rules (slot, level, scope, account_id, instance_id, partner_id)
    values (${level === 0 ? 'own' : 'override'}, ${level}, ${scope}, ${of('account')}, ${of('instance')}, ${of('partner')})
    on conflict do nothing`;
  const [made] = await tx.sql<{ id: number }[]>`
    select id::int from rules where level = ${level} and scope = ${scope} and product_id is null
      and account_id is not distinct from ${of('account')} and instance_id is not distinct from ${of('instance')}
      and partner_id is not distinct from ${of('partner')}`;
  const knownSeq = await drawKnownSeq(tx, 'terms');
  const [version] = await tx.sql<{ id: number }[]>`
    insert into rule_versions ${tx.sql({ rule_id: made!.id, known_seq: knownSeq, valid: `[${from ?? ''},${to ?? ''})`, ...says })} returning id::int`;
  return version!.id;
}

/** 4 % from 0, 6 % from 200.00, 8 % from 400.00, by the month and partner, in EUR: the brackets of SEMANTICS §5. */
export const GOLDEN_BRACKETS = {
  kind: 'tiered',
  bracket_from: '{0,20000,40000}',
  bracket_ppm: '{40000,60000,80000}',
  window_kind: 'month',
  window_per: 'partner',
  currency: 'EUR',
} as const;

/** Ends whatever the programme's 10 % of openBooks says, so that a test's own rules are all there is. */
export async function endPlainRule(tx: Connection, books: Books): Promise<void> {
  const seq = await drawKnownSeq(tx, 'the plain rule is gone');
  await tx.sql`update rule_versions set retired_seq = ${seq} where id = ${books.ruleVersion}`;
}

/** An event at acme-uk; with `of` an event of the sale that is called so and is worth that much. */
export interface Told extends Partial<NewEvent> {
  readonly id: string;
  readonly on: string;
  readonly net: number;
  readonly of?: { readonly sale: string; readonly worth: number; readonly on?: string };
}

/** Records events as one batch, in the order of their dates; sales are made by their first event. */
export async function tell(tx: Connection, books: Books, events: readonly Told[]): Promise<void> {
  const sales = new Map<string, number>();
  const told: NewEvent[] = [];
  for (const { id, net, of, instanceId = books.instance['acme-uk']!, ...event } of events) {
    if (of !== undefined && !sales.has(of.sale)) {
      sales.set(of.sale, await saleCalled(tx, books, of, { instanceId, ...event }));
    }
    const kind = event.kind ?? (net < 0 ? 'refund' : 'payment');
    const saleId = of === undefined ? undefined : sales.get(of.sale);
    const { accountId, productId, currency, grossMinor, wholesaleNetMinor, country, on } = event;
    told.push({
      externalId: id,
      netMinor: net,
      kind,
      instanceId,
      on,
      ...given({ saleId, accountId, productId, currency, grossMinor, wholesaleNetMinor, country }),
    });
  }
  await recordBatch(tx, books.source, told);
}

async function saleCalled(
  tx: Connection,
  books: Books,
  of: NonNullable<Told['of']>,
  event: Omit<Told, 'id' | 'net' | 'of'> & { instanceId: number },
): Promise<number> {
  const [known] = await tx.sql<{ id: number }[]>`select id::float8 as id from sales where sale_ref = ${of.sale}`;
  if (known !== undefined) return known.id;
  const { accountId, productId, currency, instanceId } = event;
  return await insertSale(tx, {
    source: books.source,
    ref: of.sale,
    instanceId,
    netMinor: of.worth,
    date: of.on ?? event.on,
    ...given({ accountId, productId, currency }),
  });
}

function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

/** Every entry in the order of decisions, as 'EVENT[.LEG] AMOUNT[ REASON]'; true-ups as 'true-up'. */
export async function entriesOf({ sql }: Pick<Connection, 'sql'>): Promise<string[]> {
  const rows = await sql<
    { kind: string; id: string; leg: number; amount: string; currency: string; reason: string | null }[]
  >`
    select n.kind, e.external_id as id, n.leg, n.amount_minor as amount, coalesce(w.currency, e.currency) as currency, n.reason
    from entries n join revenue_events e on e.id = n.event_id left join ledger_accounts w on w.id = n.wallet_id
    order by n.chunk_id, e.occurred_on, e.id, n.leg`;
  return rows.map(
    ({ kind, id, leg, amount, currency, reason }) =>
      `${kind === 'true_up' ? 'true-up' : id}${leg === 0 ? '' : `.${leg}`} ${formatMinor(BigInt(amount), currency)}${reason === null ? '' : ` ${reason}`}`,
  );
}

/** Books of each test that rules are told to; `record` and `setRules` write into those of the test that runs. */
export function ratingBooksOfEachTest(take: (opened: OpenedBooks) => void) {
  let now: OpenedBooks;
  booksOfEachTest((opened) => take((now = opened)));
  return {
    record: async (...events: Told[]): Promise<void> =>
      await now.maker.db.transaction(async (tx) => await tell(tx, now.books, events)),
    /** In place of the rule that the books begin with. */
    setRules: async (...rules: NewTerms[]): Promise<void> =>
      await now.maker.db.transaction(async (tx) => {
        await endPlainRule(tx, now.books);
        for (const rule of rules) await insertTerms(tx, rule);
      }),
  };
}
