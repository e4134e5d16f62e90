/**
 * A corruption: the check that must find it, the SQL that plants it in the books of decided-books.ts, and what doctor must
 * say about an offender.
 */
export type Corruption = readonly [check: string, sql: string, says: RegExp];

// Rows by the codes people use, for the SQL of corruptions.
export const event = (id: string) => `(select id from revenue_events where external_id = '${id}')`;
export const instance = (code: string) => `(select id from instances where code = '${code}')`;
export const partner = (code: string) => `(select id from partners where code = '${code}')`;
export const wallet = (code: string, at: string) =>
  `(select id from ledger_accounts where type = 'wallet' and partner_id = ${partner(code)} and instance_id = ${instance(at)})`;
export const rule = (scope: string) =>
  `(select min(v.id) from rule_versions v join rules r on r.id = v.rule_id where r.scope = '${scope}' and r.product_id is null)`;
/** Versions that the exclusion constraints would refuse. */
export const without = (table: string) => `alter table ${table} drop constraint ${table}_overlap`;
