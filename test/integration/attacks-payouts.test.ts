import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { PAYOUT_STATUSES, PAYOUT_TRANSITIONS } from '../../src/domain/payout-status.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { cancelPayouts } from '../../src/services/payout/settle-payouts.ts';
import { reviewCommissions } from '../../src/services/review/review-commissions.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { testDatabase } from '../database.ts';
import { beginRun, draft, find, give, write } from '../support/drafted-run.ts';
import { earn } from '../support/earnings.ts';

interface PayoutScene extends BooksScene {
  /** Made by tester, who attacks: pending, zenith's 25.00. */
  readonly own: number;
  /** Made by maker and approved by checker: ready, acme's 60.00 from acme-uk. */
  readonly approved: number;
  /** Made by maker: pending, acme's 7.00. */
  readonly pending: number;
  /** Made by maker and cancelled: zenith's, whose entries `own` took. */
  readonly cancelled: number;
  /** All that is due at acme-ie, 4.00: another entry there was rejected. Zenith owes 1.00. */
  readonly free: string;
}

let scene: PayoutScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { database, books, logins } = opened;
  const maker = await database.context({ actor: 'maker' });
  const checker = await database.context({ actor: 'checker' });
  const tester = await database.context();
  await earn(logins.operator, books, [{ instance: 'acme-uk', amount: 6000 }]);
  const approved = (await generatePayouts(maker, { partner: 'acme' })).run!;
  await approveRun(checker, { run: approved });
  await earn(logins.operator, books, [{ instance: 'zenith-de', amount: 2500 }]);
  const cancelled = (await generatePayouts(maker, { partner: 'zenith' })).run!;
  await cancelPayouts(maker, { payouts: { run: cancelled }, reason: 'test' });
  const own = (await generatePayouts(tester, { partner: 'zenith' })).run!;
  await earn(logins.operator, books, [{ instance: 'acme-uk', amount: 700 }]);
  const pending = (await generatePayouts(maker, { partner: 'acme' })).run!;
  const [free, rejected] = await earn(logins.operator, books, [
    { instance: 'acme-ie', amount: 400 },
    { instance: 'acme-ie', amount: 300 },
    { instance: 'zenith-de', amount: -100 },
  ]);
  await reviewCommissions(maker, { verdict: 'rejected', reason: 'test', selection: { entries: [rejected!] } });
  scene = { ...opened, own, approved, pending, cancelled, free: free! };
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
        ['42501', null],
        says(
          ({ approved, free }) =>
            `insert into main.payout_lines (payout_id, event_id, wallet_id, amount_minor, leg)
             select ${payoutOf(approved)}, event_id, wallet_id, amount_minor, leg from main.entries where event_id = ${free.split('.')[0]}`,
        ),
      ),
      attack(
        'a wallet added',
        ['42501', null],
        says(
          ({ approved, free }) =>
            `insert into main.payout_wallets (payout_id, wallet_id, gross_minor, sent_minor)
             select ${payoutOf(approved)}, wallet_id, 1, 1 from main.entries where event_id = ${free.split('.')[0]}`,
        ),
      ),
      attack(
        'a payout added',
        ['42501', null],
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

/** In a run of the attacker's own that is still to be written. */
const inRun =
  (work: (tx: Connection, run: number, s: PayoutScene) => Promise<unknown>) => async (tx: Connection, s: PayoutScene) =>
    await work(tx, await beginRun(tx), s);
/** The same, of what is due at acme-ie. */
const found = (work: (tx: Connection, run: number, s: PayoutScene) => Promise<unknown>) =>
  inRun(async (tx, run, s) => {
    await find(tx, 'acme-ie');
    await work(tx, run, s);
  });

/** Another try of a payout, SQL, out of what is due at acme-ie. */
const again = (payout: (s: PayoutScene) => string) =>
  inRun(async (tx, run, s) => {
    const retried = payout(s);
    await find(tx, 'acme-ie', { retried });
    await give(tx, 'acme-ie');
    await write(tx, run, { retried });
  });

/** Rejects the free entry, with the posting that it wants. */
async function reject({ sql }: Connection, { free }: PayoutScene): Promise<void> {
  await sql.unsafe(
    `insert into main.review_batches (verdict, reason) values ('rejected', 'x');
     insert into main.entry_reviews (event_id, leg, batch_id, verdict)
     select ${free.replace('.', ', ')}, max(id), 'rejected' from main.review_batches;
     insert into main.postings (kind, review_id) select 'review', max(id) from main.review_batches;
     insert into main.transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
     select (select max(id) from main.postings), n.wallet_id, a.id, n.amount_minor, 'earning', '2026-10-02'
     from main.entries n, main.ledger_accounts a
     where n.event_id || '.' || n.leg = '${free}' and a.type = 'commission_expense' and a.currency = 'EUR'`,
  );
}

describe('nobody writes payouts but the database', () => {
  repels(
    () => scene,
    [
      attack(
        'a payout',
        ['42501', null],
        inRun(async (tx, run) => {
          await tx.sql.unsafe(
            `insert into main.payouts (id, number, run_id, partner_id, currency, gross_minor, sent_minor, status, lines, content_hash, created_by, recorded_at)
             select 99, 'P00000099A', ${run}, id, 'EUR', 1, 1, 'pending', 1, 'x', 'tester', now() from main.partners where code = 'acme'`,
          );
        }),
      ),
      attack(
        'what it takes from a wallet',
        ['42501', null],
        found(async (tx, run) => {
          await give(tx, 'acme-ie');
          await write(tx, run);
          await tx.sql.unsafe(
            `insert into main.payout_wallets (payout_id, wallet_id, gross_minor, sent_minor) select ${payoutOf(run)}, 1, 1, 1`,
          );
        }),
      ),
      attack(
        'a line of it',
        ['42501', null],
        found(async (tx, run) => {
          await give(tx, 'acme-ie');
          await write(tx, run);
          await tx.sql.unsafe(
            `insert into main.payout_lines (payout_id, event_id, wallet_id, amount_minor, leg) select ${payoutOf(run)}, 1, 1, 1, 0`,
          );
        }),
      ),
    ],
  );
});

describe('a payout is its lines, and they are entries that were found to be due', () => {
  it('takes an honest draft, so that what follows is refused for what it says', async () => {
    const seen: unknown[] = [];
    const drafting = async (tx: Connection) => {
      const run = await draft(tx, 'acme-ie', { withheld: 100, fee: 50 });
      seen.push(
        ...(await tx.sql`
          select p.gross_minor::int as gross, p.withheld_minor::int as withheld, p.fee_minor::int as fee, p.sent_minor::int as sent,
            p.status, p.created_by, l.event_id || '.' || l.leg as entry, l.amount_minor::int as amount
          from payouts p join payout_lines l on l.payout_id = p.id where p.run_id = ${run}`),
      );
    };
    expect(await refusal(scene.logins.operator, drafting)).toBe('nothing');
    const amounts = { gross: 400, withheld: 100, fee: 50, sent: 250, amount: 400 };
    expect(seen).toEqual([{ ...amounts, status: 'pending', created_by: 'tester', entry: scene.free }]);
  });

  repels(
    () => scene,
    [
      attack(
        'nothing was found',
        'RV002',
        inRun(async (tx, run) => await write(tx, run)),
      ),
      attack(
        'it was found for looking at',
        'RV002',
        inRun(async (tx, run) => {
          await find(tx, 'acme-ie', { toPay: false });
          await write(tx, run);
        }),
      ),
      attack(
        'it was found for looking at since',
        'RV002',
        found(async (tx, run) => {
          await give(tx, 'acme-ie');
          await find(tx, 'acme-ie', { toPay: false });
          await write(tx, run);
        }),
      ),
      attack(
        'what a live payout holds',
        'RV025',
        inRun(async (tx, run) => {
          await find(tx, 'acme-uk');
          await give(tx, 'acme-uk');
          await write(tx, run);
        }),
      ),
      attack(
        'a wallet in which nothing was looked for',
        'RV025',
        found(async (tx, run) => {
          await give(tx, 'acme-uk');
          await write(tx, run);
        }),
      ),
      attack('a wallet that owes more than it has', '23514', async (tx) => await draft(tx, 'zenith-de')),
      attack(
        'no wallet at all',
        'RV025',
        found(async (tx, run) => {
          await tx.sql.unsafe(`insert into pg_temp.payout_giving values (999999, 0, 0)`);
          await write(tx, run);
        }),
      ),
      attack(
        'an account that is no wallet',
        'RV025',
        inRun(async (tx, run) => {
          const expense = `(select min(id) from main.ledger_accounts where type = 'commission_expense')`;
          await tx.sql.unsafe(`select main.take_due(array[${expense}, 999999, null], '2026-11-21', null)`);
          await tx.sql.unsafe(`insert into pg_temp.payout_giving select ${expense}, 0, 0`);
          await write(tx, run);
        }),
      ),
      attack(
        'what was found by another cut-off than the run’s',
        'RV002',
        inRun(async (tx, run) => {
          await find(tx, 'acme-ie', { cutoff: '2026-11-20' });
          await give(tx, 'acme-ie');
          await write(tx, run);
        }),
      ),
      attack(
        'a wallet twice',
        '23505',
        found(async (tx, run) => {
          await give(tx, ['acme-ie']);
          await give(tx, ['acme-ie']);
          await write(tx, run);
        }),
      ),
      attack(
        'less than nothing is withheld',
        '23514',
        found(async (tx) => await give(tx, 'acme-ie', { withheld: -1 })),
      ),
      attack(
        'less than nothing is charged',
        '23514',
        found(async (tx) => await give(tx, 'acme-ie', { fee: -1 })),
      ),
      attack(
        'more is taken off than there is',
        '23514',
        async (tx) => await draft(tx, 'acme-ie', { withheld: 200, fee: 201 }),
      ),
      attack(
        'nothing is left to be sent',
        '23514',
        async (tx) => await draft(tx, 'acme-ie', { withheld: 200, fee: 200 }),
      ),
    ],
  );

  repels(
    () => scene,
    [
      attack('twice for a run', 'RV002', async (tx) => {
        const run = await draft(tx, 'acme-ie');
        await find(tx, 'acme-ie');
        await write(tx, run);
      }),
      attack('two runs of what was found once', 'RV002', async (tx) => {
        await draft(tx, 'acme-ie');
        await write(tx, await beginRun(tx));
      }),
      attack(
        'a run of another transaction',
        'RV002',
        found(async (tx, _, { own }) => {
          await give(tx, 'acme-ie');
          await write(tx, own);
        }),
      ),
      attack(
        'a run that is complete',
        'RV002',
        found(async (tx, run) => {
          await give(tx, 'acme-ie');
          await tx.sql.unsafe(`set constraints all immediate`);
          await write(tx, run);
        }),
      ),
      attack('a run that was proved before it pays anybody', 'RV013', async (tx) => {
        await tx.sql.unsafe(`set constraints main.takes_debits_along immediate`);
        await draft(tx, 'acme-ie');
      }),
      attack(
        'no run',
        'RV002',
        found(async (tx) => {
          await give(tx, 'acme-ie');
          await tx.sql.unsafe(`select main.write_payouts(null, null)`);
        }),
      ),
      attack(
        'what was rejected since it was found',
        'RV013',
        found(async (tx, run, s) => {
          await give(tx, 'acme-ie');
          await reject(tx, s);
          await write(tx, run);
        }),
      ),
      attack('what is rejected once it is written', 'RV012', async (tx, s) => {
        await draft(tx, 'acme-ie');
        await reject(tx, s);
      }),
      attack(
        'another try of a payout that is live',
        'RV004',
        again(({ approved }) => payoutOf(approved)),
      ),
      attack(
        'another try of another partner’s payout',
        'RV025',
        again(({ cancelled }) => payoutOf(cancelled)),
      ),
      attack(
        'another try of no payout',
        'RV004',
        again(() => '999999'),
      ),
      attack(
        'another try of what was found for none',
        'RV002',
        found(async (tx, run, { cancelled }) => {
          await give(tx, 'acme-ie');
          await write(tx, run, { retried: payoutOf(cancelled) });
        }),
      ),
      attack('what it saw before others paid it', 'RV002', async (tx) => {
        await tx.sql.unsafe(`set transaction isolation level repeatable read`);
        await draft(tx, 'acme-ie');
      }),
    ],
  );
});

it('holds the wallets in which it looks for what to pay', async () => {
  const other = await scene.database.as('other');
  const asking = `set local lock_timeout = '1ms'; select main.lock_wallets(array(select id from main.ledger_accounts))`;
  const held = async (toPay: boolean) => {
    let outcome: string | undefined;
    await refusal(scene.logins.operator, async (tx) => {
      await find(tx, 'acme-ie', { toPay });
      outcome = await refusal(other, async ({ sql }) => await sql.unsafe(asking));
    });
    return outcome;
  };
  expect(await held(true)).toBe('55P03');
  expect(await held(false)).toBe('nothing');
});

describe('what was found is the database’s', () => {
  const due = (statement: string) => found(async (tx) => await tx.sql.unsafe(statement));
  const forged = `select wallet_id, null::text as reason, 100000::bigint as positive, 0::bigint as negative, 1::bigint as entries,
    array[event_id] as events, array[leg] as legs, array[100000::bigint] as amounts, 'x' as hash, 1::bigint as partner_id, 'EUR' as currency,
    null::bigint as instrument_id, null::text as obstacle from main.entries`;
  const giving = `(wallet_id bigint, withheld_minor bigint, fee_minor bigint)`;
  const own = (statement: string, more = '') =>
    inRun(async (tx, run) => {
      await tx.sql.unsafe(`create temporary ${statement} ${more}`);
      await find(tx, 'acme-ie');
      await give(tx, 'acme-ie');
      await write(tx, run);
    });

  repels(
    () => scene,
    [
      attack('added to', ['42501', null], due(`insert into pg_temp.payout_due select * from pg_temp.payout_due`)),
      attack('changed', ['42501', null], due(`update pg_temp.payout_due set net = 100000, amounts = array[100000]`)),
      attack('taken away', ['42501', null], due(`delete from pg_temp.payout_due`)),
      attack('emptied', ['42501', null], due(`truncate pg_temp.payout_due`)),
      attack('altered', ['42501', null], due(`alter table pg_temp.payout_due rename to payout_giving_`)),
      attack('dropped', ['42501', null], due(`drop table pg_temp.payout_due`)),
      attack('inherited', ['42501', null], due(`create temporary table more () inherits (pg_temp.payout_due)`)),
      attack('ruled', ['42501', null], due(`create rule r as on insert to pg_temp.payout_giving do also select 1`)),
      attack(
        'triggered',
        ['42501', null],
        due(`create trigger t before insert on pg_temp.payout_giving for each row execute function main.stamp()`),
      ),
      attack('given away', ['42501', null], due(`alter table pg_temp.payout_due owner to current_user`)),
      attack('what gives is changed', ['42501', null], due(`update pg_temp.payout_giving set withheld_minor = -1`)),
      attack('what gives is altered', ['42501', null], due(`alter table pg_temp.payout_giving drop column fee_minor`)),
    ],
  );

  repels(
    () => scene,
    [
      attack('a table of the attacker’s own', '42501', own(`table payout_due as ${forged}`)),
      attack('a view of the attacker’s own', '42809', own(`view payout_due as ${forged}`)),
      attack('a sequence by its name', '42809', own(`sequence payout_due`)),
      attack('giving of the attacker’s own', '42501', own(`table payout_giving ${giving}`)),
      attack('giving that is a view', '42809', own(`view payout_giving as select 1::bigint as wallet_id`)),
      attack('what is paid is the attacker’s own', '42P07', own(`table payout_paying as ${forged}`)),
      attack(
        'both, and nothing is found',
        'RV002',
        inRun(async (tx, run) => {
          await tx.sql.unsafe(
            `create temporary table payout_due as ${forged}; create temporary table payout_giving ${giving}`,
          );
          await give(tx, 'acme-ie');
          await write(tx, run);
        }),
      ),
      attack(
        'one of them in the place of the database’s',
        ['42501', 'RV002'],
        found(async (tx, run) => {
          await tx.sql.unsafe(
            `alter table pg_temp.payout_giving rename to gone; create temporary table payout_giving ${giving}`,
          );
          await write(tx, run);
        }),
      ),
    ],
  );
});

describe('what works with the rights of the owner', () => {
  /** What a draft of acme-ie comes to, but for when. */
  const drafted = async (before: string): Promise<unknown> => {
    let seen: unknown;
    const outcome = await refusal(scene.logins.operator, async (tx) => {
      await tx.sql.unsafe(before);
      const run = await draft(tx, 'acme-ie');
      await tx.sql`set local search_path = main, pg_temp`;
      seen = await tx.sql`
        select p.id, p.number, p.partner_id, p.sent_minor, p.content_hash, w.wallet_id, w.gross_minor, l.event_id, l.leg, l.amount_minor
        from payouts p join payout_wallets w on w.payout_id = p.id join payout_lines l on l.payout_id = p.id where p.run_id = ${run}`;
    });
    expect(outcome).toBe('nothing');
    return seen;
  };
  const TABLES = [
    'entries',
    'entry_reviews',
    'settings',
    'ledger_accounts',
    'payouts',
    'payout_lines',
    'payout_runs',
    'partners',
  ];

  it('takes nothing of the attacker’s for its own', async () => {
    const hiding = [
      ...TABLES.map((name) => `create temporary table ${name} (like main.${name})`),
      `create temporary view instrument_standings as select * from main.instrument_standings where false`,
      `create function pg_temp.is_ours(name text, search text default null) returns boolean language sql as 'select true'`,
      `create function pg_temp.is_open_run(run bigint) returns boolean language sql as 'select true'`,
      `create function pg_temp.lock_wallets(wallets bigint[]) returns void language sql as ''`,
      `create function pg_temp.posted_to() returns bigint language sql as 'select 9999999::bigint'`,
      `create function pg_temp.none(bigint, bigint) returns boolean language sql as 'select false'`,
      `create operator pg_temp.= (leftarg = bigint, rightarg = bigint, function = pg_temp.none)`,
      `set local search_path = pg_temp, main, pg_catalog`,
    ];
    expect(await drafted(hiding.join(';'))).toEqual(await drafted(''));
  });

  it('takes no word for it that a table is the database’s', async () => {
    const spoofing = inRun(async (tx, run) => {
      await tx.sql.unsafe(`
        create function pg_temp.is_ours(name text, search text default null) returns boolean language sql as 'select true';
        create temporary table payout_due as select 1::bigint as wallet_id;
        create temporary table payout_giving as select 1::bigint as wallet_id;
        set local search_path = pg_temp, main`);
      await write(tx, run);
    });
    expect(await refusal(scene.logins.operator, async (tx) => await spoofing(tx, scene))).toBe('RV002');
  });

  it('shows an auditor what is due, and neither pays nor holds anything for him', async () => {
    const { auditor } = scene.logins;
    await auditor.transaction(async (tx) => {
      await find(tx, 'acme-ie', { toPay: false });
      expect(await tx.sql`select reason, net::int, entries::int from pg_temp.payout_due`).toEqual([
        { reason: null, net: 400, entries: 1 },
      ]);
    });
    expect(await refusal(auditor, async (tx) => await find(tx, 'acme-ie'))).toBe('42501');
    expect(await refusal(auditor, async (tx) => await write(tx, scene.own))).toBe('42501');
  });

  it('foresees nothing where nothing was found', async () => {
    expect(await refusal(scene.logins.auditor, async ({ sql }) => await sql`select foresee_due(array[1])`)).toBe(
      'RV002',
    );
  });
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
      attack('before its run is complete', 'RV002', async (tx) => {
        await change(tx, await draft(tx, 'acme-ie'), 'cancelled');
      }),
      attack(
        'to cancelled with a posting',
        'RV011',
        async (tx, s) => await change(tx, s.approved, 'cancelled', 'empty'),
      ),
    ],
  );
});
