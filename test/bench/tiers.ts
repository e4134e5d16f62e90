import { progressTiersJob } from '../../jobs/progress-tiers.ts';
import type { Database } from '../../src/db/connection.ts';
import { runJob } from '../../src/runner/run-job.ts';
import type { OwnHome } from './own-home.ts';
import { grouped, median, say, secondsOf, type Figure } from './report.ts';

const EVENTS_PER_PARTNER = 10;

/**
 * The tiers of every partner at a month-end: ten payments each in the month, a third of the partners move. What is shown is
 * the time for a partner of many beside that of few; each round is another month of a programme of its own size.
 */
export async function benchTiers(home: OwnHome, sizes: readonly number[], rounds: number): Promise<Figure[]> {
  const books = await Promise.all(
    sizes.map(async (events) => ({ events, ctx: await home.programme(`tiers_${events}`), taken: [] as number[] })),
  );
  for (const { events, ctx } of books) await fillPartners(ctx.db, events / EVENTS_PER_PARTNER);
  // Turn about, so that what else the machine does in a round falls upon all of them.
  for (let round = 1; round <= rounds; round += 1) {
    for (const { events, ctx, taken } of books) {
      await fillMonth(ctx.db, events, round);
      const date = `2026-${String(round + 1).padStart(2, '0')}-01`;
      taken.push(await secondsOf(async () => await runJob(ctx, progressTiersJob, date)));
      say(`${ctx.programme} month ${round}: ${taken.at(-1)!.toFixed(2)} s`);
    }
  }
  const perPartner = new Map<number, number>();
  const figures: Figure[] = [];
  for (const { events, taken } of books) {
    const partners = events / EVENTS_PER_PARTNER;
    perPartner.set(partners, median(taken) / partners);
    figures.push({ bench: 'tiers', name: `${grouped(partners)} partners, ${grouped(events)} payments`, value: median(taken), unit: 's' }); // prettier-ignore
  }
  const [few, many] = [Math.min(...perPartner.keys()), Math.max(...perPartner.keys())];
  if (few === many) return figures;
  return [
    ...figures,
    {
      bench: 'tiers',
      name: `time per partner, ${grouped(many)} / ${grouped(few)}`,
      value: perPartner.get(many)! / perPartner.get(few)!,
      unit: '',
      aim: { atMost: 1.15 },
    },
  ];
}

/** Partners with an instance each and as many accounts there as there are payments a month. */
async function fillPartners(db: Database, partners: number): Promise<void> {
  await db.transaction(async ({ sql }) => {
    await sql`insert into tenants (code, name) values ('tenant', 'Tenant')`;
    await sql`insert into sources (code) values ('billing')`;
    await sql`insert into partners (code, name, type, status, currency)
      select 'partner-' || g, 'Partner ' || g, 'reseller', 'active', 'EUR' from generate_series(1, ${partners}::int) g`;
    await sql`insert into partner_tiers (partner_id, tier, valid, known_seq)
      select p.id, case p.id % 2 when 0 then 'bronze' else 'silver' end, daterange(null, null), d.seq
      from partners p, (select draw_known_seq('tiers of the bench') as seq) d`;
  });
  // Each instance founds its agreement under a number of its own, which its guard looks for among those of its transaction.
  for (let done = 0; done < partners; done += 1_000) {
    await db.transaction(async ({ sql }) => {
      await sql`insert into instances (code, name, tenant_id, partner_id)
        select 'instance-' || p.id, 'Instance', t.id, p.id from tenants t, (select id from partners order by id offset ${done}::int limit 1000) p`;
    });
  }
  await db.transaction(async ({ sql }) => {
    await sql`insert into accounts (instance_id, code)
      select i.id, 'customer-' || g from instances i, generate_series(1, ${EVENTS_PER_PARTNER}::int) g`;
  });
}

/** A payment of every account in a month: of a third of the partners enough for silver, another third in each month. */
async function fillMonth(db: Database, events: number, month: number): Promise<void> {
  const first = `2026-${String(month).padStart(2, '0')}-01`;
  await db.transaction(async ({ sql }) => {
    const [drawn] = await sql<{ first: string }[]>`select allocate_event_ids(${events}) as first`;
    const firstId = Number(drawn!.first);
    const [batch] = await sql<{ id: string }[]>`
      insert into event_batches (source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected)
      select id, 'import', ${firstId}, ${firstId + events - 1}, ${firstId - 1}, ${first}, ${first}, ${events}, 0, 0 from sources returning id`;
    await sql`
      insert into revenue_events (id, batch_id, source_id, kind, external_id, instance_id, account_id, currency, net_minor, gross_minor, occurred_at, occurred_on)
      select ${firstId}::bigint + row_number() over (order by a.id) - 1, ${batch!.id}, s.id, 'payment', ${first}::text || '/' || a.id, a.instance_id, a.id, 'EUR',
        x.net, x.net, ${first}::date, ${first}::date
      from accounts a cross join sources s
      cross join lateral (select case when (a.instance_id + ${month}::int) % 3 = 0 then 60000 else 1000 end as net) x`;
  });
}
