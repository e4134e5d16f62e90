import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection, Database } from '../../src/db/connection.ts';

/** A directory of its own with the mapping and files of one test. */
export class Desk {
  readonly directory = mkdtempSync(join(tmpdir(), 'revshare-desk-'));

  path(name: string): string {
    return join(this.directory, name);
  }

  put(name: string, content: string | Uint8Array): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  text(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  clear(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Tenant globex, partner acme, and the instances named. */
export async function openInstances(db: Database, codes: readonly string[]): Promise<void> {
  await db.transaction(async ({ sql }) => {
    await sql`insert into tenants (code, name) values ('globex', 'Globex')`;
    await sql`insert into partners (code, name, type, status, currency) values ('acme', 'Acme', 'reseller', 'active', 'EUR')`;
    for (const code of codes) {
      await sql`insert into instances (code, name, tenant_id, partner_id) select ${code}, ${code}, t.id, p.id from tenants t, partners p`;
    }
  });
}

/** Everything an import writes, counted: nothing half applied means none of it moved. */
export async function footprint({ sql }: Connection): Promise<Record<string, number>> {
  const [row] = await sql<Record<string, number>[]>`
    select (select count(*)::int from revenue_events) as events, (select count(*)::int from event_batches) as batches,
      (select count(*)::int from sales) as sales, (select count(*)::int from accounts) as accounts,
      (select count(*)::int from products) as products, (select count(*)::int from sources) as sources,
      (select count(*)::int from audit_log) as audited`;
  return row!;
}

/** The mapping of issue "The way in". */
export const ONLINE_RETAIL_MAP = `source = "online-retail"

[columns]
external_id = ["invoice_no", "product", "customer_id"]   # joined
occurred_at = "invoice_date"
net = "amount"
currency = "currency"
product = "product"
account = "customer_id"
instance = { column = "country", lookup = "instances" }

[kind]
rules = [{ column = "invoice_no", prefix = "C", kind = "credit_note" }]
otherwise = "payment"

[lookups.instances]
"United Kingdom" = "uk"
"Channel Islands" = "channel"
"EIRE" = "eire"
"Germany" = "de"
"Austria" = "at"
"Switzerland" = "ch"
"France" = "fr"
"Belgium" = "be"
"Netherlands" = "nl"
"*" = "world"
`;
export const ONLINE_RETAIL_INSTANCES = ['uk', 'channel', 'eire', 'de', 'at', 'ch', 'fr', 'be', 'nl', 'world'];

/** A mapping in which each column is named like the field it fills. */
export const PLAIN_MAP = `source = "billing"

[columns]
external_id = "id"
kind = "kind"
occurred_at = "at"
net = "net"
currency = "currency"
instance = "instance"
account = "account"
product = "product"
sale_ref = "sale_ref"
sale_net = "sale_net"

[kind]
otherwise = "payment"
`;
export const PLAIN_HEADER = 'id,kind,at,net,currency,instance,account,product,sale_ref,sale_net';
