import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { REFERRAL_STATUSES, REFERRAL_TRANSITIONS } from '../../src/domain/referrals.ts';
import { attack, openScene, repels, type BooksScene } from '../attacks.ts';
import { drawKnownSeq, insertRequest } from '../books.ts';
import { testDatabase } from '../database.ts';

interface ReferralScene extends BooksScene {
  readonly code: Readonly<Record<string, number>>;
  /** Touched by acme on 1 November and by zenith on the 10th; open. */
  readonly open: number;
  /** Became a customer, account C1 of acme-uk. */
  readonly converted: number;
}

let scene: ReferralScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { books, logins } = opened;
  scene = await logins.operator.transaction(async (tx) => {
    const rows = await tx.sql<{ code: string; id: number }[]>`
      insert into referral_codes (code, partner_id, valid)
      values ('ACME', ${books.partner['acme']!}, daterange(null, '2027-01-01')), ('ZEN', ${books.partner['zenith']!}, daterange(null, null))
      returning code, id::int`;
    const code = Object.fromEntries(rows.map((row) => [row.code, row.id]));
    await tx.sql`update partners set email = 'me@acme.example' where code = 'acme'`;
    const here = { ...opened, code, open: 0, converted: 0 };
    const open = await referral(tx, here, { visitor_hash: HASH });
    await touch(tx, here, { referral_id: open, code_id: code['ZEN']!, touched_on: '2026-11-10' });
    const converted = await referral(tx, here, {});
    await convert(tx, here, converted, {});
    return { ...here, open, converted };
  });
});
afterAll(async () => await scene.database.drop());

const HASH = 'a'.repeat(64);
type Told = Readonly<Record<string, string | number | null>>;

/** A click on acme's code on 1 November, but for what is told. */
async function touch(tx: Connection, s: ReferralScene, told: Told): Promise<void> {
  const on = told['touched_on'] ?? '2026-11-01';
  const row = { code_id: s.code['ACME']!, touched_at: `${on}T12:00:00Z`, touched_on: on, source: 'direct', ...told };
  await tx.sql`insert into referral_touches ${tx.sql(row)}`;
}

async function referral(tx: Connection, s: ReferralScene, told: Told, click: Told = {}): Promise<number> {
  const [made] = await tx.sql<{ id: number }[]>`
    insert into referrals ${tx.sql({ visitor_hash: null, ...told })} returning id::int`;
  await touch(tx, s, { referral_id: made!.id, ...click });
  return made!.id;
}

async function state(tx: Connection, id: number, told: Told): Promise<void> {
  const row = { referral_id: id, ordinal: 1, status: 'qualified', effective_on: '2026-11-15', ...told };
  await tx.sql`insert into referral_states ${tx.sql(row)}`;
}

/** All of it acme's, on 15 November, but for what is told. */
async function convert(
  tx: Connection,
  s: ReferralScene,
  id: number,
  told: Told,
  shares: readonly Told[] = [{}],
  becomes: Told | null = {},
): Promise<void> {
  const [known] = await tx.sql<{ seq: number }[]>`select max(known_seq)::int as seq from known_changes`;
  const row = {
    ...{ referral_id: id, account_id: s.books.account['acme-uk/C1']!, converted_on: '2026-11-15', model: 'last' },
    ...{ known_seq: known!.seq, ...told },
  };
  await tx.sql`insert into referral_conversions ${tx.sql(row)}`;
  for (const share of shares) {
    const one = { referral_id: id, partner_id: s.books.partner['acme']!, touches: 1, share_ppm: 1_000_000, ...share };
    await tx.sql`insert into referral_shares ${tx.sql(one)}`;
  }
  if (becomes !== null) await state(tx, id, { status: 'converted', ...becomes });
}

const fresh =
  (then: (tx: Connection, s: ReferralScene, id: number) => Promise<unknown>, told: Told = {}) =>
  async (tx: Connection, s: ReferralScene) =>
    await then(tx, s, await referral(tx, s, told));
const other = (s: ReferralScene) => ({ account_id: s.books.account['zenith-de/C1']! });
const ofBoth = (s: ReferralScene): Told[] => [
  { share_ppm: 500_000 },
  { share_ppm: 500_000, partner_id: s.books.partner['zenith']! },
];

repels(
  () => scene,
  [
    attack('reads the key of the hashes', ['42501', null], ({ sql }) => sql`select * from referral_key`),
    attack('changes the key', ['42501', 'RV001'], ({ sql }) => sql`update referral_key set inner_pad = outer_pad`),
    attack(
      'changes what a code promises',
      ['42501', 'RV001'],
      ({ sql }) => sql`update referral_codes set signup_minor = 1, currency = 'EUR'`,
    ),
    attack('takes a touch away', ['42501', 'RV001'], ({ sql }) => sql`delete from referral_touches`),
    attack(
      'makes a referral that came by nothing',
      'RV027',
      ({ sql }) => sql`insert into referrals (name) values ('Jane')`,
    ),
    attack(
      'makes a visitor two open referrals',
      'RV027',
      async (tx, s) => await referral(tx, s, { visitor_hash: HASH }),
    ),
    attack(
      'keeps an address as it is',
      '23514',
      async (tx, s) => await referral(tx, s, { visitor_hash: '203.0.113.42' }),
    ),
    attack(
      'counts a click twice',
      '23505',
      async (tx, s) => await touch(tx, s, { referral_id: s.open, touched_at: '2026-11-01T13:00:00Z' }),
    ),
    attack(
      'counts a click to come',
      'RV027',
      async (tx, s) => await touch(tx, s, { referral_id: s.open, code_id: s.code['ZEN']!, touched_on: '2099-01-01' }),
    ),
    attack(
      'counts a click on a code that is closed',
      'RV027',
      async (tx, s) => await touch(tx, s, { referral_id: s.open, touched_on: '2027-01-01' }),
    ),
    attack(
      'touches a customer',
      'RV027',
      async (tx, s) => await touch(tx, s, { referral_id: s.converted, touched_on: '2026-11-05' }),
    ),
    attack(
      'lets a partner refer itself',
      'RV027',
      async (tx, s) => await referral(tx, s, { email: 'ME@acme.example' }),
    ),
    attack(
      'lets a partner refer its own company',
      'RV027',
      async (tx, s) => await referral(tx, s, { company: 'ACME' }),
    ),
    attack(
      'goes on with what ended',
      'RV004',
      async (tx, s) => await state(tx, s.converted, { ordinal: 2, status: 'lost' }),
    ),
    attack('leaves a state out', 'RV002', async (tx, s) => await state(tx, s.open, { ordinal: 2 })),
    attack(
      'qualifies before it came',
      'RV004',
      async (tx, s) => await state(tx, s.open, { effective_on: '2026-10-31' }),
    ),
    attack('expires what counts still', 'RV027', async (tx, s) => await state(tx, s.open, { status: 'expired' })),
    attack('converts into nobody', 'RV027', async (tx, s) => await state(tx, s.open, { status: 'converted' })),
    attack(
      'has a customer and is not converted',
      'RV027',
      fresh(async (tx, s, id) => await convert(tx, s, id, other(s), [{}], null)),
    ),
    attack(
      'is converted on another day than it has a customer',
      'RV027',
      fresh(async (tx, s, id) => await convert(tx, s, id, other(s), [{}], { effective_on: '2026-11-16' })),
    ),
    attack(
      'has a customer who came already',
      '23505',
      fresh(async (tx, s, id) => await convert(tx, s, id, {})),
    ),
    attack(
      'gives the customer to who clicked first, by the model of the last',
      'RV027',
      async (tx, s) => await convert(tx, s, s.open, other(s)),
    ),
    attack(
      'gives a part to who was not clicked on',
      'RV027',
      fresh(async (tx, s, id) => await convert(tx, s, id, { ...other(s), model: 'linear' }, ofBoth(s))),
    ),
    attack(
      'leaves out who was clicked on',
      'RV027',
      async (tx, s) => await convert(tx, s, s.open, { ...other(s), model: 'linear' }, [{ share_ppm: 500_000 }]),
    ),
    attack(
      'shares as touches do not',
      'RV027',
      async (tx, s) =>
        await convert(tx, s, s.open, { ...other(s), model: 'linear' }, [
          { share_ppm: 600_000 },
          { share_ppm: 400_000, partner_id: s.books.partner['zenith']! },
        ]),
    ),
    attack(
      'converts by clicks that count no more',
      'RV027',
      fresh(
        async (tx, s, id) =>
          await convert(tx, s, id, { ...other(s), converted_on: '2026-11-26' }, [], { effective_on: '2026-11-26' }),
      ),
    ),
    attack(
      'converts by terms that were known long ago',
      'RV002',
      fresh(async (tx, s, id) => {
        await drawKnownSeq(tx);
        await convert(tx, s, id, { ...other(s), known_seq: 1 });
      }),
    ),
    attack(
      'asks for a signup by something else than a bonus',
      'RV027',
      fresh(async (tx, s, id) => {
        const request = await insertRequest(tx, 'adjustment', []);
        await convert(tx, s, id, { ...other(s), request_id: request });
      }),
    ),
  ],
);

it('says the same of where a referral may go as the tool', async () => {
  const [row] = await scene.logins.auditor.sql<
    { theirs: string[] }[]
  >`select to_json(referral_transitions()) as theirs`;
  const ours = REFERRAL_STATUSES.flatMap((from) => REFERRAL_TRANSITIONS[from].map((to) => `${from}>${to}`));
  expect(row!.theirs).toEqual(ours);
});
