import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { PAYOUT_STATUSES, PAYOUT_TRANSITIONS } from '../../src/domain/payout-status.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { reviewCommissions } from '../../src/services/review/review-commissions.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { testDatabase } from '../database.ts';
import { draft } from '../support/drafted-run.ts';
import { earn } from '../support/earnings.ts';

interface PayoutScene extends BooksScene {
  /** Made by tester, who attacks: pending, zenith's 25.00. */
  readonly own: number;
  /** Made by maker and approved by checker: ready, acme's 60.00 from acme-uk. */
  readonly approved: number;
  /** Made by maker: pending, acme's 7.00. */
  readonly pending: number;
  /** An entry of acme-ie that no payout holds, 4.00; and one that was rejected. */
  readonly free: string;
  readonly rejected: string;
  /** The entry of the approved run. */
  readonly taken: string;
}

let scene: PayoutScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { database, books, logins } = opened;
  const maker = await database.context({ actor: 'maker' });
  const checker = await database.context({ actor: 'checker' });
  const tester = await database.context();
  const [taken] = await earn(logins.operator, books, [{ instance: 'acme-uk', amount: 6000 }]);
  const approved = (await generatePayouts(maker, { partner: 'acme' })).run!;
  await approveRun(checker, { run: approved });
  await earn(logins.operator, books, [{ instance: 'zenith-de', amount: 2500 }]);
  const own = (await generatePayouts(tester, { partner: 'zenith' })).run!;
  await earn(logins.operator, books, [{ instance: 'acme-uk', amount: 700 }]);
  const pending = (await generatePayouts(maker, { partner: 'acme' })).run!;
  const [free, rejected] = await earn(logins.operator, books, [
    { instance: 'acme-ie', amount: 400 },
    { instance: 'acme-ie', amount: 300 },
  ]);
  await reviewCommissions(maker, { verdict: 'rejected', reason: 'test', selection: { entries: [rejected!] } });
  scene = { ...opened, own, approved, pending, free: free!, rejected: rejected!, taken: taken! };
});
afterAll(async () => await scene.database.drop());

const payoutOf = (run: number) => `(select id from main.payouts where run_id = ${run})`;

/** A change of status, with a posting of the attacker's own where it wants one; `transfers` posts what it means. */
async function change(
  { sql }: Connection,
  run: number,
  status: string,
  posting: 'none' | 'empty' | 'twice' = 'none',
): Promise<void> {
  const id = posting === 'none' ? 'null' : `(select max(id) from main.postings)`;
  if (posting !== 'none') await sql.unsafe(`insert into main.postings (kind) values ('payout')`);
  await sql.unsafe(
    `insert into main.payout_status_changes (payout_id, status, reason, value_date, posting_id) values (${payoutOf(run)}, '${status}', 'x', '2026-11-20', ${id})`,
  );
  if (posting !== 'twice') return;
  await sql.unsafe(
    `insert into main.ledger_accounts (type, currency) values ('in_transit', 'EUR') on conflict do nothing`,
  );
  for (let time = 0; time < 2; time += 1) {
    await sql.unsafe(
      `insert into main.transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
       select g.id, w.wallet_id, a.id, w.sent_minor, 'payout_submitted', '2026-11-21'
       from (select max(id) as id from main.postings) g, main.payout_wallets w, main.ledger_accounts a
       where w.payout_id = ${payoutOf(run)} and a.type = 'in_transit' and a.currency = 'EUR'`,
    );
  }
}

const says = (statement: (s: PayoutScene) => string) => async (tx: Connection, s: PayoutScene) =>
  await tx.sql.unsafe(statement(s));

describe('the states of a payout (SEMANTICS §7)', () => {
  it('go where the domain says they go', async () => {
    const rows = await scene.logins.operator.sql<
      { transition: string }[]
    >`select unnest(main.payout_transitions()) as transition order by 1`;
    const told = PAYOUT_STATUSES.flatMap((from) => PAYOUT_TRANSITIONS[from].map((to) => `${from}>${to}`));
    expect(rows.map(({ transition }) => transition).sort()).toEqual(told.sort());
  });
});

describe('maker and checker (SEMANTICS §7)', () => {
  repels(
    () => scene,
    [
      attack(
        'the maker approves',
        ['RV014', null],
        says(
          ({ own }) =>
            `insert into main.payout_approvals (run_id, content_hash) select id, content_hash from main.payout_runs where id = ${own}`,
        ),
      ),
      attack(
        'the maker approves in another’s name',
        ['RV014', null],
        says(
          ({ own }) =>
            `insert into main.payout_approvals (run_id, content_hash, created_by) select id, content_hash, 'checker' from main.payout_runs where id = ${own}`,
        ),
      ),
      attack(
        'other content is approved',
        'RV013',
        says(
          ({ pending }) =>
            `insert into main.payout_approvals (run_id, content_hash) values (${pending}, repeat('0', 64))`,
        ),
      ),
      attack(
        'a run is approved twice',
        'RV004',
        says(
          ({ approved }) =>
            `insert into main.payout_approvals (run_id, content_hash) select id, content_hash from main.payout_runs where id = ${approved}`,
        ),
      ),
      attack(
        'an approval is taken over',
        ['42501', 'RV001'],
        says(
          ({ approved, pending }) => `update main.payout_approvals set run_id = ${pending} where run_id = ${approved}`,
        ),
      ),
      attack('a payout is ready without an approval', 'RV014', async (tx, s) => await change(tx, s.pending, 'ready')),
    ],
  );

  it('keeps the approver by the session, whatever the insert says', async () => {
    await refusal(scene.logins.operator, async ({ sql }) => {
      const [row] = await sql.unsafe(
        `insert into payout_approvals (run_id, content_hash, created_by) select id, content_hash, 'somebody' from payout_runs where id = ${scene.pending} returning created_by`,
      );
      expect(row).toEqual({ created_by: 'tester' });
    });
  });
});

describe('a complete run is never changed', () => {
  repels(
    () => scene,
    [
      attack(
        'its cut-off',
        ['42501', 'RV001'],
        says(({ approved }) => `update main.payout_runs set cutoff = '2026-01-01' where id = ${approved}`),
      ),
      attack(
        'its hash',
        ['42501', 'RV001'],
        says(({ approved }) => `update main.payout_runs set content_hash = repeat('0', 64) where id = ${approved}`),
      ),
      attack(
        'an amount',
        ['42501', 'RV001'],
        says(
          ({ approved }) =>
            `update main.payouts set gross_minor = gross_minor + 1, sent_minor = sent_minor + 1 where run_id = ${approved}`,
        ),
      ),
      attack(
        'the payee',
        ['42501', 'RV001'],
        says(
          ({ approved }) =>
            `update main.payouts set partner_id = (select id from main.partners where code = 'zenith') where run_id = ${approved}`,
        ),
      ),
      attack(
        'a status by hand',
        ['42501', 'RV001'],
        says(({ approved }) => `update main.payouts set status = 'completed' where run_id = ${approved}`),
      ),
      attack(
        'a line’s amount',
        ['42501', 'RV001'],
        says(({ approved }) => `update main.payout_lines set amount_minor = 1 where payout_id = ${payoutOf(approved)}`),
      ),
      attack(
        'a line let go by hand',
        ['42501', 'RV001'],
        says(({ approved }) => `update main.payout_lines set release_id = 1 where payout_id = ${payoutOf(approved)}`),
      ),
      attack(
        'a line deleted',
        ['42501', 'RV001'],
        says(({ approved }) => `delete from main.payout_lines where payout_id = ${payoutOf(approved)}`),
      ),
      attack(
        'a line added',
        'RV002',
        says(
          ({ approved, free }) =>
            `insert into main.payout_lines (payout_id, event_id, wallet_id, amount_minor, leg)
             select ${payoutOf(approved)}, event_id, wallet_id, amount_minor, leg from main.entries where event_id = ${free.split('.')[0]}`,
        ),
      ),
      attack(
        'a wallet added',
        'RV002',
        says(
          ({ approved, free }) =>
            `insert into main.payout_wallets (payout_id, wallet_id, gross_minor, sent_minor)
             select ${payoutOf(approved)}, wallet_id, 1, 1 from main.entries where event_id = ${free.split('.')[0]}`,
        ),
      ),
      attack(
        'a payout added',
        'RV002',
        says(
          ({ approved }) =>
            `insert into main.payouts (run_id, partner_id, currency, gross_minor, sent_minor)
             select ${approved}, id, 'EUR', 1, 1 from main.partners where code = 'zenith'`,
        ),
      ),
      attack(
        'its history rewritten',
        ['42501', 'RV001'],
        says(() => `update main.payout_status_changes set status = 'cancelled'`),
      ),
      attack(
        'its history deleted',
        ['42501', 'RV001'],
        says(() => `delete from main.payout_status_changes`),
      ),
    ],
  );
});

/** A run of one payout of a cent, to whom and in which currency as SQL says it of acme. */
const paying = (payee: string) => async (tx: Connection, _: unknown) => {
  await tx.sql.unsafe(`insert into main.payout_runs (cutoff, scope) values ('2026-11-21', 'programme')`);
  await tx.sql.unsafe(
    `insert into main.payouts (run_id, partner_id, currency, gross_minor, sent_minor)
     select (select max(id) from main.payout_runs), ${payee}, 1, 1 from main.partners where code = 'acme'`,
  );
};

describe('a payout is its lines, and they are entries', () => {
  it('takes an honest draft, so that what follows is refused for what it says', async () => {
    expect(await refusal(scene.logins.operator, async (tx) => await draft(tx, scene.free))).toBe('nothing');
  });

  repels(
    () => scene,
    [
      attack('a line in two payouts', '23505', async (tx, s) => await draft(tx, s.taken)),
      attack('more than its lines', 'RV013', async (tx, s) => await draft(tx, s.free, { gross: 401 })),
      attack('more than its wallets', 'RV013', async (tx, s) => await draft(tx, s.free, { gross: 401, wallet: 400 })),
      attack('a line unlike its entry', 'RV013', async (tx, s) => await draft(tx, s.free, { gross: 401, line: 401 })),
      attack('another partner’s money', 'RV013', async (tx, s) => await draft(tx, s.free, { partner: 'zenith' })),
      attack('a rejected entry', 'RV013', async (tx, s) => await draft(tx, s.rejected)),
      attack('a payout to nobody', 'RV013', paying("999999, 'EUR'")),
      attack('a payout in no currency', 'RV013', paying("id, 'XXX'")),
      attack('a payout out of no wallet', 'RV013', async (tx, s) => {
        await paying("id, 'EUR'")(tx, s);
        await tx.sql.unsafe(
          `insert into main.payout_wallets (payout_id, wallet_id, gross_minor, sent_minor)
           select max(id), 999999, 1, 1 from main.payouts`,
        );
      }),
      attack('a payout of no run', 'RV002', async (tx) => {
        await tx.sql.unsafe(
          `insert into main.payouts (run_id, partner_id, currency, gross_minor, sent_minor)
           select 999999, id, 'EUR', 1, 1 from main.partners where code = 'acme'`,
        );
      }),
      attack('wallets of no payout', 'RV002', async (tx) => {
        await tx.sql.unsafe(
          `insert into main.payout_wallets (payout_id, wallet_id, gross_minor, sent_minor) values (999999, 1, 1, 1)`,
        );
      }),
      attack('two payouts to one partner in a run', '23505', async (tx, s) => {
        await draft(tx, s.free);
        await tx.sql.unsafe(
          `insert into main.payouts (run_id, partner_id, currency, gross_minor, sent_minor)
           select max(run_id), (select id from main.partners where code = 'acme'), 'EUR', 1, 1 from main.payouts`,
        );
      }),
      attack('gross that is not what is sent, withheld and charged', '23514', async (tx) => {
        await tx.sql.unsafe(`insert into main.payout_runs (cutoff, scope) values ('2026-11-21', 'programme')`);
        await tx.sql.unsafe(
          `insert into main.payouts (run_id, partner_id, currency, gross_minor, sent_minor)
           select (select max(id) from main.payout_runs), id, 'EUR', 2, 1 from main.partners where code = 'acme'`,
        );
      }),
    ],
  );
});

describe('a payout goes from state to state as its table says', () => {
  repels(
    () => scene,
    [
      attack(
        'from pending to processing',
        'RV004',
        async (tx, s) => await change(tx, s.pending, 'processing', 'empty'),
      ),
      attack('from pending to completed', 'RV004', async (tx, s) => await change(tx, s.pending, 'completed', 'empty')),
      attack('from ready to completed', 'RV004', async (tx, s) => await change(tx, s.approved, 'completed', 'empty')),
      attack('from ready back to pending', 'RV004', async (tx, s) => await change(tx, s.approved, 'pending')),
      attack('to processing without a posting', 'RV011', async (tx, s) => await change(tx, s.approved, 'processing')),
      attack('to processing, posting nothing', 'RV011', async (tx, s) => {
        await change(tx, s.approved, 'processing', 'empty');
      }),
      attack('to processing, posting it twice', 'RV011', async (tx, s) => {
        await change(tx, s.approved, 'processing', 'twice');
      }),
      attack(
        'to cancelled with a posting',
        'RV011',
        async (tx, s) => await change(tx, s.approved, 'cancelled', 'empty'),
      ),
    ],
  );
});
