import type { Connection } from '../connection.ts';

/** A partner as the books begin with it; amounts in minor units. Written into a request word for word. */
export interface OpenedPartner {
  readonly partner_id: number;
  readonly currency: string;
  readonly paid_minor: string;
  readonly withheld_minor: string;
  readonly tier?: string;
  readonly missed_evaluations?: number;
}

/** An account as the books begin with it. */
export interface OpenedAccount {
  readonly account_id: number;
  readonly first_sale_on: string;
  readonly first_sale_only: boolean;
  readonly earning_months?: number;
}

/** Writes what an opening brings besides its acts, for the request that is being done; proved by assert_opened. */
export async function insertOpened(
  { sql }: Connection,
  partners: readonly OpenedPartner[],
  accounts: readonly OpenedAccount[],
): Promise<void> {
  const request = sql`(select request_id from request_applications where transaction_id = pg_current_xact_id_if_assigned() order by request_id desc limit 1)`;
  await sql`
    insert into opening_partners (partner_id, currency, request_id, paid_minor, withheld_minor, tier, missed_evaluations)
    select p.partner_id, p.currency, ${request}, p.paid_minor, p.withheld_minor, p.tier, p.missed_evaluations
    from jsonb_to_recordset(${JSON.stringify(partners)}::text::jsonb)
      p (partner_id bigint, currency text, paid_minor bigint, withheld_minor bigint, tier text, missed_evaluations smallint)`;
  await sql`
    insert into opening_accounts (account_id, request_id, first_sale_on, first_sale_only, earning_months)
    select a.account_id, ${request}, a.first_sale_on, a.first_sale_only, a.earning_months
    from jsonb_to_recordset(${JSON.stringify(accounts)}::text::jsonb)
      a (account_id bigint, first_sale_on date, first_sale_only boolean, earning_months smallint)`;
}

/** Whether the books are opened already, or have decided something; null while neither is so. */
export async function whyNotOpened({ sql }: Connection): Promise<'opened' | 'begun' | null> {
  const [row] = await sql<{ why: 'opened' | 'begun' | null }[]>`
    select case
      when exists (select from request_applications a join requests r on r.id = a.request_id where r.kind = 'opening') then 'opened'
      when exists (select from decision_chunks) then 'begun' end as why`;
  return row!.why;
}

/** Whether anybody has recorded a sale of this name. */
export async function isSaleKnown({ sql }: Connection, source: string, ref: string): Promise<boolean> {
  const [row] = await sql<{ known: boolean }[]>`
    select exists (select from sales s join sources o on o.id = s.source_id where o.code = ${source} and s.sale_ref = ${ref}) as known`;
  return row!.known;
}
