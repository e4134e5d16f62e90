import {
  comparedAmount,
  comparedInstant,
  comparedNumber,
  comparedText,
  decimalsOf,
  differencesOf,
  type ComparedColumn,
} from './revenue-differences.ts';
import { OWN_WHOLESALE_NET, type Staging, type StagedPlace } from './revenue-staging.ts';

/**
 * What can only be told by looking at the staged rows together, or at what is stored. Each check is one statement over
 * the whole file; a row is judged once, by the first check that stops it. Tables that were just filled have no
 * statistics yet, and a plan guessed without them can take hours; so stored rows are reached by index probes or through
 * the small tables of names, never by a join whose kind the planner would have to guess.
 */

/** How many rows a check has taken out of what is to be written. */
export interface Settled {
  readonly known: number;
  readonly rejected: number;
}

type Row = Readonly<Record<string, unknown>>;

/** Resolves the names that live rows use, each once: staged_accounts (pairs with an instance) and staged_products. */
export async function stageNames({ tx, live }: Staging): Promise<void> {
  await tx.sql.unsafe(
    `create temporary table staged_accounts on commit drop as
     select n.instance, n.account, i.id as instance_id, null::bigint as account_id
     from (select distinct s.instance, s.account from staged_events s where ${live}) n
     left join instances i on i.code = n.instance`,
  );
  await tx.sql`update staged_accounts n set account_id = a.id from accounts a where a.instance_id = n.instance_id and a.code = n.account`;
  await tx.sql`analyze staged_accounts`;
  await tx.sql.unsafe(
    `create temporary table staged_products on commit drop as
     select n.product, p.id as product_id
     from (select distinct s.product from staged_events s where ${live}) n left join products p on p.code = n.product`,
  );
  await tx.sql`analyze staged_products`;
}

async function exists({ tx }: Staging, query: string): Promise<boolean> {
  const [row] = await tx.sql.unsafe<Row[]>(`select exists (${query}) as found`);
  return row?.['found'] === true;
}

/** Events of instances that do not exist. */
export async function rejectUnknownInstances(staging: Staging, place: StagedPlace): Promise<number> {
  if (!(await exists(staging, 'select from staged_accounts where instance_id is null'))) return 0;
  return await staging.reject(
    `select s.line, 'there is no instance ''' || left(s.instance, 60) || '''' as reason
     from staged_events s
     where ${staging.live} and s.instance in (select n.instance from staged_accounts n where n.instance_id is null)`,
    { place, code: 'instance_unknown', remedy: 'create it (`instance create`), or map the value to one that exists' },
  );
}

/** Events of accounts that do not exist inside their instance. */
export async function rejectUnknownAccounts(staging: Staging, place: StagedPlace): Promise<number> {
  const missing = `select n.instance, n.account from staged_accounts n where n.account <> '' and n.account_id is null`;
  if (!(await exists(staging, missing))) return 0;
  return await staging.reject(
    `select s.line, 'there is no account ''' || left(s.instance || '/' || s.account, 120) || '''' as reason
     from staged_events s where ${staging.live} and (s.instance, s.account) in (${missing})`,
    { place, code: 'account_unknown', remedy: 'add it (`account add`), or import with --create-accounts' },
  );
}

/** Events of subscriptions that do not exist, or are not of their instance and account. Ask only where any is named. */
export async function rejectUnknownSubscriptions(staging: Staging, place: StagedPlace): Promise<number> {
  return await staging.reject(
    `select s.line, 'there is no subscription ''' || left(s.subscription, 60) || ''' of '
         || left(s.instance || case when s.account = '' then '' else '/' || s.account end, 120) as reason
     from staged_events s join staged_accounts n on n.instance = s.instance and n.account = s.account
     where ${staging.live} and s.subscription is not null and not exists (
       select from subscriptions u where u.code = s.subscription and u.instance_id = n.instance_id
         and (u.account_id is null or u.account_id = n.account_id))`,
    { place, code: 'subscription_unknown', remedy: '`subscription list --instance …` shows what there is' },
  );
}

/**
 * Ids that are stored already, in their live version: the same content is known, other content is rejected. Content is
 * the event's own columns; what else a file says of its sale is not compared (SEMANTICS §2).
 */
export async function settleStored(staging: Staging, sourceId: number, place: StagedPlace): Promise<Settled> {
  const { tx } = staging;
  const notVoided = (await anyVoids(staging))
    ? 'and not exists (select from revenue_events v where v.voids_id = r.id)'
    : '';
  // Names are compared by their ids; only of those that differ are the old ones looked up, and then it is they that
  // count: an account of the same code in another instance is the instance's difference.
  const named = (name: string, old: string, now: string, code: string): ComparedColumn => ({
    name,
    differs: `case when e.${name}_id is distinct from ${old} or (${old} is null and ${now} <> '')
      then ${code} is distinct from nullif(${now}, '') end`,
    before: `coalesce(left(${code}, 60), '(none)')`,
    now: `coalesce(nullif(left(${now}, 60), ''), '(none)')`,
  });
  const saleRef = '(case when e.sale_id is not null then (select t.sale_ref from sales t where t.id = e.sale_id) end)';
  const differences = differencesOf([
    comparedText('kind', 'e.kind', 's.kind'),
    named('instance', 'n.instance_id', 's.instance', '(select i.code from instances i where i.id = e.instance_id)'),
    named('account', 'n.account_id', 's.account', '(select a.code from accounts a where a.id = e.account_id)'),
    named('product', 'p.product_id', 's.product', '(select d.code from products d where d.id = e.product_id)'),
    comparedText('sale_ref', saleRef, 's.sale_ref'),
    ...comparedContent({ row: 'e', wholesaleNet: 'e.wholesale_net' }),
  ]);
  await tx.sql.unsafe(
    `create temporary table staged_stored on commit drop as
     select s.line, e.id as event_id, e.batch_id, ${differences} as difference
     from staged_events s
     join staged_accounts n on n.instance = s.instance and n.account = s.account
     join staged_products p on p.product = s.product
     cross join lateral (
       select r.id, r.batch_id, r.kind::text, r.instance_id, r.account_id, r.product_id, r.sale_id, r.currency,
         r.net_minor as net, r.gross_minor as gross, r.tax_minor as tax, r.wholesale_net_minor as wholesale_net, r.quantity, r.country, r.transaction_type,
         case when r.subscription_id is not null then (select u.code from subscriptions u where u.id = r.subscription_id) end as subscription,
         round(extract(epoch from r.occurred_at) * 1000)::bigint as occurred_ms
       from revenue_events r
       where r.source_id = ${Number(sourceId)} and r.external_id = s.external_id ${notVoided}
       order by r.version desc limit 1
     ) e
     where ${staging.live}`,
  );
  const rejected = await staging.reject(
    `select s.line, 'same id, other content: event ' || s.event_id || ' (batch ' || s.batch_id
         || coalesce(', ' || (select b.file_name from event_batches b where b.id = s.batch_id), '') || ') has ' || s.difference as reason
     from staged_stored s where s.difference <> ''`,
    {
      place,
      code: 'same_id_other_content',
      remedy: 'give a new event an id of its own; void the old event first to replace it',
    },
  );
  const known = await staging.know(`select line from staged_stored where difference = ''`);
  return { known, rejected };
}

/**
 * Refunds that say how much of a sale has come back so far become what has come back since: less what is stored of that
 * sale, and less what an earlier row of the file says. What says nothing new is known; returns how many of those.
 */
export async function takeGrowth(staging: Staging, sourceId: number | null): Promise<number> {
  const { tx } = staging;
  await tx.sql.unsafe(
    `create temporary table staged_growth on commit drop as
     select s.line, greatest(coalesce(max(-s.net) over before, 0), stored.net) as had
     from staged_events s
     cross join lateral (
       select coalesce(-sum(e.net_minor), 0)::bigint as net from sales t join revenue_events e on e.sale_id = t.id
       where t.source_id = ${sourceId ?? 0} and t.sale_ref = s.sale_ref and e.kind = 'refund'
         and not exists (select from revenue_events v where v.voids_id = e.id)
     ) stored
     where s.kind = 'refund' and s.problem_code is null
     window before as (partition by s.sale_ref order by -s.net, s.line rows between unbounded preceding and 1 preceding)`,
  );
  const known = await staging.know(
    `select g.line from staged_growth g join staged_events s on s.line = g.line where -s.net <= g.had`,
  );
  await tx.sql.unsafe(
    `update staged_events s set net = s.net + g.had, gross = s.gross + g.had from staged_growth g
     where g.line = s.line and -s.net > g.had`,
  );
  return known;
}

/** The same id twice in the file: again the same is known, something else is rejected, naming both lines. */
export async function settleRepeated(staging: Staging, place: StagedPlace): Promise<Settled> {
  const { tx, live } = staging;
  await tx.sql.unsafe(
    `create temporary table staged_repeats on commit drop as
     select s.external_id, min(s.line) as line from staged_events s where ${live}
     group by s.external_id having count(*) > 1`,
  );
  await tx.sql`analyze staged_repeats`;
  if (!(await exists(staging, 'select from staged_repeats'))) return { known: 0, rejected: 0 };
  const texts = ['kind', 'instance', 'account', 'product', 'sale_ref'];
  const differences = differencesOf([
    ...texts.map((name) => comparedText(name, `e.${name}`, `s.${name}`)),
    ...comparedContent({ row: 'e', wholesaleNet: OWN_WHOLESALE_NET('e') }),
  ]);
  await tx.sql.unsafe(
    `create temporary table staged_repeated on commit drop as
     select s.line, e.line as first_line, ${differences} as difference
     from staged_repeats first
     join staged_events e on e.line = first.line
     join staged_events s on s.external_id = first.external_id and s.line > first.line
     where ${live}`,
  );
  const rejected = await staging.reject(
    `select s.line, 'same id as line ' || s.first_line || ', other content: line ' || s.first_line || ' has ' || s.difference as reason
     from staged_repeated s where s.difference <> ''`,
    { place, code: 'same_id_in_file', remedy: 'keep one of the two lines, or give each an id of its own' },
  );
  const known = await staging.know(`select line from staged_repeated where difference = ''`);
  return { known, rejected };
}

/** Signups of accounts that have signed up. Ask only where there are signups: this reads every event. */
export async function rejectRepeatedSignups(staging: Staging, place: StagedPlace): Promise<number> {
  const { live } = staging;
  return await staging.reject(
    `with asked as materialized (
       select s.line, s.instance, s.account, n.account_id, row_number() over (partition by s.instance, s.account order by s.line) as nth
       from staged_events s join staged_accounts n on n.instance = s.instance and n.account = s.account
       where s.kind = 'signup' and ${live}),
     stored as materialized (
       select r.account_id, min(r.id) as event_id from revenue_events r
       where r.kind = 'signup' and not exists (select from revenue_events v where v.voids_id = r.id) group by r.account_id)
     select asked.line, 'account ' || left(asked.instance || '/' || asked.account, 120) || ' has signed up already'
         || coalesce(': event ' || stored.event_id, ', in this file') as reason
     from asked left join stored using (account_id)
     where stored.event_id is not null or asked.nth > 1`,
    { place, code: 'signup_repeated', remedy: 'an account signs up once' },
  );
}

/** Whether anything was ever voided here; hardly anything is, and then nobody needs to ask it of each event. */
export async function anyVoids(staging: Staging): Promise<boolean> {
  return await exists(staging, 'select from revenue_events where voids_id is not null');
}

/** What stands in the rows of two events themselves: one staged or stored, and the staged `s`. */
function comparedContent({ row, wholesaleNet }: { row: string; wholesaleNet: string }): ComparedColumn[] {
  const from = (minor: string) => sideOf(row, minor);
  const to = (minor: string) => sideOf('s', minor);
  return [
    ...['currency', 'country', 'transaction_type', 'subscription'].map((name) =>
      comparedText(name, `${row}.${name}`, `s.${name}`),
    ),
    ...['net', 'gross', 'tax'].map((name) => comparedAmount(name, from(`${row}.${name}`), to(`s.${name}`))),
    comparedAmount('wholesale_net', from(wholesaleNet), to(OWN_WHOLESALE_NET('s'))),
    comparedNumber('quantity', `${row}.quantity`, 's.quantity'),
    comparedInstant('occurred_at', `${row}.occurred_ms`, 's.occurred_ms'),
  ];
}

function sideOf(row: string, minor: string): { minor: string; currency: string; decimals: string } {
  return { minor, currency: `${row}.currency`, decimals: decimalsOf(`${row}.currency`) };
}
