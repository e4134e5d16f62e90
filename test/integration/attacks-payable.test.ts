import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { completePayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { holdCommissions } from '../../src/services/review/hold-commissions.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { testDatabase } from '../database.ts';
import { beginRun, draft, find, give, plantRun, write } from '../support/drafted-run.ts';
import { earn, setSetting } from '../support/earnings.ts';

/** Runs of maker's that pay what was not eligible, past the guards but for two: no second person can approve them (SEMANTICS §7). */
interface PayableScene extends BooksScene {
  readonly honest: number;
  readonly unapproved: number;
  readonly above: number;
  readonly held: number;
  readonly heldPartner: number;
  readonly early: number;
  readonly late: number;
  readonly reversal: number;
  /** Written by the database, of what was held in the run's own transaction. */
  readonly heldAtOnce: number;
  /** Made before a hold came: that is the submission's to see. */
  readonly heldSince: number;
  /** With the bank; and completed. */
  readonly sent: number;
  readonly paid: number;
}

let scene: PayableScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { database, books, logins } = opened;
  const maker = await database.context({ actor: 'maker' });
  const checker = await database.context({ actor: 'checker' });
  const db = logins.operator;
  const planted = async (entries: string[], cutoff?: string) =>
    await plantRun(database.admin(), entries, cutoff === undefined ? {} : { cutoff });
  const drafted = async (work: (tx: Connection) => Promise<number>) => await maker.db.transaction(work);
  const one = async (earning: Partial<Parameters<typeof earn>[2][number]>) =>
    (await earn(db, books, [{ instance: 'acme-uk', amount: 1000, ...earning }]))[0]!;

  const sent = (await generatePayouts(maker, { partner: (await one({}), 'acme') })).run!;
  await approveRun(checker, { run: sent });
  await submitPayouts(maker, { run: sent });
  const paid = (await generatePayouts(maker, { partner: (await one({}), 'acme') })).run!;
  await approveRun(checker, { run: paid });
  await submitPayouts(maker, { run: paid });
  await completePayouts(maker, { payouts: { run: paid } });

  await one({});
  const honest = await drafted(async (tx) => await draft(tx, 'acme-uk'));
  const late = await planted([await one({ on: '2026-10-20', payableOn: '2026-10-20' })], '2026-10-20');
  const early = await planted([await one({ on: '2026-11-01', payableOn: '2026-12-01' })]);
  const disputed = await one({});
  await holdCommissions(maker, { reason: 'dispute', selection: { entries: [disputed] } });
  const held = await planted([disputed]);
  const later = await one({});
  const heldSince = await drafted(async (tx) => await draft(tx, 'acme-uk'));
  await holdCommissions(maker, { reason: 'dispute', selection: { entries: [later] } });
  const [event, leg] = (await one({})).split('.');
  const heldAtOnce = await drafted(async (tx) => {
    const run = await beginRun(tx);
    await find(tx, 'acme-uk');
    await tx.sql`insert into holds (event_id, leg, reason) values (${event!}, ${leg!}, 'dispute')`;
    await give(tx, 'acme-uk');
    await write(tx, run);
    return run;
  });
  await db.sql`insert into holds (partner_id, reason) select id, 'missing_details' from partners where code = 'zenith'`;
  const heldPartner = await planted([await one({ instance: 'zenith-de' })]);
  await setSetting(db, 'review_threshold', { EUR: 5000 });
  const above = await planted([await one({ amount: 5001 })]);
  await setSetting(db, 'approval', 'review');
  const unapproved = await planted([await one({})]);
  const [, reversal] = await earn(db, books, [
    { instance: 'acme-uk', amount: 3000, sale: 'A' },
    { instance: 'acme-uk', amount: -500, sale: 'A' },
  ]);
  await setSetting(db, 'approval', 'at_decision');
  const eaten = await planted([await one({}), reversal!]);
  const runs = {
    honest,
    unapproved,
    above,
    held,
    heldPartner,
    early,
    late,
    heldAtOnce,
    heldSince,
    reversal: eaten,
  };
  scene = { ...opened, ...runs, sent, paid };
});
afterAll(async () => await scene.database.drop());

const approving = (run: (s: PayableScene) => number) => async (tx: Connection, s: PayableScene) =>
  await tx.sql.unsafe(
    `insert into main.payout_approvals (run_id, content_hash) select id, content_hash from main.payout_runs where id = ${run(s)}`,
  );
const moving =
  (run: (s: PayableScene) => number, status: string, on: string) => async (tx: Connection, s: PayableScene) => {
    await tx.sql.unsafe(`insert into main.postings (kind) values ('payout')`);
    await tx.sql.unsafe(
      `insert into main.payout_status_changes (payout_id, status, reason, value_date, posting_id)
     select p.id, '${status}', 'x', '${on}', (select max(id) from main.postings) from main.payouts p where p.run_id = ${run(s)}`,
    );
  };

describe('what is approved was eligible when it was drafted', () => {
  it('takes an honest run, and one whose hold came later', async () => {
    for (const run of [scene.honest, scene.heldSince]) {
      expect(await refusal(scene.logins.operator, async (tx) => await approving(() => run)(tx, scene))).toBe('nothing');
    }
  });

  repels(
    () => scene,
    [
      attack(
        'an entry that waits for a review',
        'RV019',
        approving((s) => s.unapproved),
      ),
      attack(
        'an entry above the threshold',
        'RV019',
        approving((s) => s.above),
      ),
      attack(
        'an entry on hold',
        'RV019',
        approving((s) => s.held),
      ),
      attack(
        'an entry whose partner is on hold',
        'RV019',
        approving((s) => s.heldPartner),
      ),
      attack(
        'an entry whose hold period is not over',
        'RV019',
        approving((s) => s.early),
      ),
      attack(
        'an entry of the cut-off’s day',
        'RV019',
        approving((s) => s.late),
      ),
      attack(
        'an entry that was held between finding and paying it',
        'RV019',
        approving((s) => s.heldAtOnce),
      ),
      attack(
        'the refund of an entry that waits for a review',
        'RV019',
        approving((s) => s.reversal),
      ),
    ],
  );
});

describe('the bank moves money after it was told to', () => {
  repels(
    () => scene,
    [
      attack(
        'completed before the submission',
        'RV020',
        moving((s) => s.sent, 'completed', '2026-11-20'),
      ),
      attack(
        'unclaimed before the submission',
        'RV020',
        moving((s) => s.sent, 'unclaimed', '2026-11-20'),
      ),
      attack(
        'returned before the completion',
        'RV020',
        moving((s) => s.paid, 'returned', '2026-11-20'),
      ),
    ],
  );
});

describe('what nobody takes stands on an account of its own', () => {
  repels(
    () => scene,
    [
      attack('unclaimed, and the books say nothing', 'RV011', async (tx, s) => {
        await tx.sql.unsafe(
          `insert into main.payout_status_changes (payout_id, status, value_date)
           select id, 'unclaimed', '2026-11-21' from main.payouts where run_id = ${s.sent}`,
        );
      }),
      attack(
        'unclaimed, and nothing is posted',
        'RV011',
        moving((s) => s.sent, 'unclaimed', '2026-11-21'),
      ),
      attack('unclaimed, and taken for paid', 'RV011', async (tx, s) => {
        await moving(({ sent }) => sent, 'unclaimed', '2026-11-21')(tx, s);
        await tx.sql.unsafe(
          `insert into main.ledger_accounts (type, currency) values ('cash', 'EUR') on conflict do nothing;
           insert into main.transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
           select (select max(id) from main.postings), d.id, c.id, p.sent_minor, 'payout_unclaimed', '2026-11-21'
           from main.payouts p join main.ledger_accounts d on d.type = 'in_transit' and d.currency = p.currency
           join main.ledger_accounts c on c.type = 'cash' and c.currency = p.currency where p.run_id = ${s.sent}`,
        );
      }),
    ],
  );
});

describe('runs and payouts are numbered by the rows there are', () => {
  it('whatever was rolled back, and whatever an insert says', async () => {
    const { logins, books, honest } = scene;
    await earn(logins.operator, books, [{ instance: 'acme-ie', amount: 1000 }]);
    const next = async () => {
      const seen: number[] = [];
      await refusal(logins.operator, async (tx) => {
        const [run] = await tx.sql.unsafe<{ id: number }[]>(
          `insert into payout_runs (id, cutoff, scope) values (${honest}, '2026-11-21', 'programme') returning id::int`,
        );
        await find(tx, 'acme-ie');
        await give(tx, 'acme-ie');
        await write(tx, run!.id);
        const [payout] = await tx.sql<{ id: number; number: string }[]>`
          select id::int, number from payouts where run_id = ${run!.id}`;
        seen.push(run!.id, payout!.id, Number(payout!.number.slice(1, -1)));
      });
      return seen;
    };
    const first = await next();
    expect(await next()).toEqual(first);
    const [last] = await logins.operator.sql<{ runs: number; payouts: number }[]>`
      select (select max(id)::int from payout_runs) as runs, (select max(id)::int from payouts) as payouts`;
    expect(first).toEqual([last!.runs + 1, last!.payouts + 1, last!.payouts + 1]);
  });
});
