import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { drawKnownSeq, finishRun, startRun, type Run } from '../books.ts';
import { testDatabase } from '../database.ts';

interface TierScene extends BooksScene {
  /** An evaluation of zenith that recommends silver. */
  readonly proposal: number;
  /** A pin of frosty to gold until 30 June. */
  readonly pin: number;
}

let scene: TierScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { books, logins } = opened;
  scene = await logins.operator.transaction(async (tx) => {
    await tx.sql`insert into partner_tiers (partner_id, tier, valid, known_seq)
      select id, 'bronze', daterange(null, null), ${await drawKnownSeq(tx)} from partners`;
    // September recommends, every other month moves.
    const seq = await drawKnownSeq(tx);
    await tx.sql`update settings set retired_seq = ${seq} where name = 'tier_mode'`;
    await tx.sql`insert into settings (name, value, valid, known_seq) values
      ('tier_mode', '"recommend"', daterange('2026-09-01', '2026-10-01'), ${seq})`;
    const run = await evaluating(tx, '2026-10-01');
    await evaluate(tx, opened, run, { evaluated_on: '2026-08-31' });
    const proposal = await evaluate(tx, opened, run, {
      evaluated_on: '2026-09-30',
      partner_id: books.partner['zenith']!,
      mode: 'recommend',
      ...SILVER,
    });
    await finishRun(tx, run);
    await finishRun(tx, await startRun(tx, { date: '2026-10-31' }));
    return { ...opened, proposal, pin: await pinned(tx, opened, {}) };
  });
});
afterAll(async () => await scene.database.drop());

const evaluating = async (tx: Connection, date = '2026-11-01'): Promise<Run> =>
  await startRun(tx, { job: 'progress-tiers', date });

const SILVER = {
  amounts: '[{"currency": "EUR", "minor": "600000", "rate": null}]',
  revenue_minor: 600_000,
  customers: 10,
  qualifies_for: 'silver',
  verdict: 'up',
  tier_to: 'silver',
};

type Told = Readonly<Record<string, string | number | null>>;

/** An evaluation of acme at a month-end that is as it should be, but for what is told: bronze stays bronze. */
async function evaluate(tx: Connection, s: BooksScene, run: Run, told: Told = {}): Promise<number> {
  const evaluatedOn = (told['evaluated_on'] as string | undefined) ?? '2026-10-31';
  const [next] = await tx.sql<{ day: string }[]>`
    select greatest(${evaluatedOn}::date + 1, last_accrued_on() + 1)::date as day`;
  const row = {
    run_id: run.id,
    partner_id: s.books.partner['acme']!,
    evaluated_on: evaluatedOn,
    known_seq: run.knownSeq,
    window_months: 1,
    amounts: '[]',
    revenue_minor: 0,
    customers: 0,
    tier_from: 'bronze',
    since: null,
    misses_before: 0,
    pin_id: null,
    effective_on: next!.day,
    mode: 'auto',
    grace: 2,
    tenure_months: 0,
    qualifies_for: 'bronze',
    verdict: 'stays',
    tier_to: 'bronze',
    misses: 0,
    ...told,
  };
  const [made] = await tx.sql<{ id: number }[]>`insert into tier_evaluations ${tx.sql(row)} returning id::int`;
  return made!.id;
}

async function pinned(tx: Connection, s: BooksScene, told: Told): Promise<number> {
  const row = {
    partner_id: s.books.partner['frosty']!,
    tier: 'bronze',
    starts_on: '2026-12-01',
    until: '2027-06-30',
    reason: 'because',
    ...told,
  };
  const [made] = await tx.sql<{ id: number }[]>`insert into tier_pins ${tx.sql(row)} returning id::int`;
  return made!.id;
}

/** Retires what acme has and says silver from a day on, by what is named. */
async function move(
  tx: Connection,
  s: BooksScene,
  said: { from: string; keepsBefore?: boolean; evaluation?: number; pin?: number; tier?: string; partner?: string },
): Promise<void> {
  const partnerId = s.books.partner[said.partner ?? 'acme']!;
  const seq = await drawKnownSeq(tx);
  await tx.sql`update partner_tiers set retired_seq = ${seq} where partner_id = ${partnerId} and retired_seq is null`;
  if (said.keepsBefore !== false) {
    await tx.sql`insert into partner_tiers (partner_id, tier, valid, known_seq) values (${partnerId}, 'bronze', daterange(null, ${said.from}), ${seq})`;
  }
  await tx.sql`insert into partner_tiers (partner_id, tier, valid, known_seq, evaluation_id, pin_id)
    values (${partnerId}, ${said.tier ?? 'silver'}, daterange(${said.from}, null), ${seq}, ${said.evaluation ?? null}, ${said.pin ?? null})`;
}

const evaluatedAs =
  (told: Told, date?: string) =>
  async (tx: Connection, s: TierScene): Promise<unknown> =>
    await evaluate(tx, s, await evaluating(tx, date), told);
const movedBy =
  (told: Told, from: string, more: { keepsBefore?: boolean; tier?: string } = {}) =>
  async (tx: Connection, s: TierScene): Promise<void> =>
    await move(tx, s, { from, ...more, evaluation: await evaluate(tx, s, await evaluating(tx), told) });

it('lets honest evaluations, moves, approvals and pins through', async () => {
  const honest: ((tx: Connection, s: TierScene) => Promise<unknown>)[] = [
    evaluatedAs({}),
    movedBy(SILVER, '2026-11-01'),
    async (tx, s) => {
      await tx.sql`insert into tier_approvals (evaluation_id, effective_on) values (${s.proposal}, '2026-11-05')`;
      await move(tx, s, { from: '2026-11-05', evaluation: s.proposal, partner: 'zenith' });
    },
    async (tx, s) => {
      const pin = await pinned(tx, s, { partner_id: s.books.partner['acme']!, tier: 'gold' });
      await move(tx, s, { from: '2026-12-01', pin, tier: 'gold' });
    },
    async (tx, s) => await tx.sql`insert into tier_pin_releases (pin_id, reason) values (${s.pin}, 'over')`,
  ];
  for (const db of [scene.logins.operator, scene.logins.owner]) {
    for (const act of honest) expect(await refusal(db, async (tx) => await act(tx, scene))).toBe('nothing');
  }
});

repels(
  () => scene,
  [
    attack(
      'gives a partner another tier for no reason',
      'RV024',
      async (tx, s) => await move(tx, s, { from: '2026-12-01' }),
    ),
    attack('gives a tier that the evaluation does not say', 'RV024', movedBy(SILVER, '2026-11-01', { tier: 'gold' })),
    attack('gives it from an earlier day than the evaluation says', 'RV024', movedBy(SILVER, '2026-10-15')),
    attack('gives it from a later day than the evaluation says', 'RV024', movedBy(SILVER, '2026-11-15')),
    attack('evaluates and forgets the tier that follows', 'RV024', evaluatedAs(SILVER)),
    attack('leaves the days before without a tier', 'RV024', movedBy(SILVER, '2026-11-01', { keepsBefore: false })),
    attack('takes a tier away', 'RV024', async (tx, { books }) => {
      const seq = await drawKnownSeq(tx);
      await tx.sql`update partner_tiers set retired_seq = ${seq} where partner_id = ${books.partner['acme']!}`;
    }),
    attack(
      'has a tier begin on a day that is accrued',
      'RV024',
      evaluatedAs({ evaluated_on: '2026-09-30', effective_on: '2026-10-31', mode: 'recommend' }),
    ),
    attack('says a verdict that does not follow', 'RV024', evaluatedAs({ ...SILVER, customers: 9 })),
    attack('says another revenue than the amounts come to', 'RV024', evaluatedAs({ revenue_minor: 1 })),
    attack(
      'counts a foreign amount without a rate',
      'RV024',
      evaluatedAs({ ...SILVER, amounts: '[{"currency": "USD", "minor": "600000", "rate": null}]' }),
    ),
    attack('says that a partner stood elsewhere', 'RV024', evaluatedAs({ tier_from: 'gold', qualifies_for: 'bronze' })),
    attack('says that more were missed', 'RV024', evaluatedAs({ misses_before: 1 })),
    attack('goes by a policy that nobody set', 'RV024', evaluatedAs({ grace: 1 })),
    attack('goes by a window that nobody set', 'RV024', evaluatedAs({ window_months: 12 })),
    attack(
      'moves whom a person pinned',
      'RV024',
      async (tx, s) =>
        await evaluate(tx, s, await evaluating(tx), {
          ...SILVER,
          partner_id: s.books.partner['frosty']!,
          effective_on: '2026-12-01',
        }),
    ),
    attack(
      'evaluates a month-end twice',
      '23505',
      async (tx, s) => await evaluate(tx, s, await evaluating(tx), { evaluated_on: '2026-08-31' }),
    ),
    attack('evaluates a month-end before one that is evaluated', 'RV024', evaluatedAs({ evaluated_on: '2026-07-31' })),
    attack('evaluates in the middle of a month', '23514', evaluatedAs({ evaluated_on: '2026-10-30' })),
    attack('evaluates under a run that has ended', 'RV008', async (tx, s) => {
      const run = await evaluating(tx);
      await finishRun(tx, run);
      await evaluate(tx, s, run);
    }),
    attack(
      'approves what recommends nothing',
      'RV024',
      ({ sql }, { proposal }) =>
        sql`insert into tier_approvals (evaluation_id, effective_on) select min(id), '2026-12-01' from tier_evaluations where id <> ${proposal}`,
    ),
    attack(
      'approves from a day that is accrued',
      'RV024',
      ({ sql }, { proposal }) =>
        sql`insert into tier_approvals (evaluation_id, effective_on) values (${proposal}, '2026-10-31')`,
    ),
    attack(
      'approves and forgets the tier',
      'RV024',
      ({ sql }, { proposal }) =>
        sql`insert into tier_approvals (evaluation_id, effective_on) values (${proposal}, '2026-12-01')`,
    ),
    attack('approves after a pin', 'RV024', async (tx, s) => {
      await pinned(tx, s, { partner_id: s.books.partner['zenith']! });
      await tx.sql`insert into tier_approvals (evaluation_id, effective_on) values (${s.proposal}, '2026-12-01')`;
    }),
    attack('acts on a recommendation that nobody approved', 'RV024', async (tx, s) => {
      await move(tx, s, { from: '2026-11-01', evaluation: s.proposal, partner: 'zenith' });
    }),
    attack('pins twice', 'RV024', async (tx, s) => await pinned(tx, s, { starts_on: '2027-01-01' })),
    attack(
      'pins to a tier that the partner has not',
      'RV024',
      async (tx, s) => await pinned(tx, s, { partner_id: s.books.partner['acme']!, tier: 'gold' }),
    ),
    attack(
      'pins from a day that is accrued',
      'RV024',
      async (tx, s) => await pinned(tx, s, { partner_id: s.books.partner['acme']!, starts_on: '2026-10-31' }),
    ),
    attack(
      'pins without a reason',
      '23514',
      async (tx, s) => await pinned(tx, s, { reason: '', partner_id: s.books.partner['acme']! }),
    ),
    attack('makes a pin last longer', ['42501', 'RV001'], ({ sql }) => sql`update tier_pins set until = '2030-01-01'`),
    attack('changes an evaluation', ['42501', 'RV001'], ({ sql }) => sql`update tier_evaluations set misses = 0`),
    attack('takes an evaluation away', ['42501', 'RV001'], ({ sql }) => sql`delete from tier_evaluations`),
    attack('changes what a tier asks', ['42501', 'RV001'], ({ sql }) => sql`update tier_terms set min_customers = 0`),
    attack('has a tier ask for two things at once', '23P01', async (tx) => {
      const seq = await drawKnownSeq(tx);
      await tx.sql`insert into tier_terms (tier, min_revenue_minor, min_customers, account_manager, valid, known_seq)
        values ('gold', 0, 0, true, daterange('2027-01-01', null), ${seq})`;
    }),
    attack('seeds the tiers again', ['42501', '23P01'], async (tx) => {
      await tx.sql`select seed_tier_terms(${await drawKnownSeq(tx)})`;
    }),
    attack('sets a grace of nothing', '23514', async (tx) => {
      const seq = await drawKnownSeq(tx);
      await tx.sql`insert into settings (name, value, valid, known_seq) values ('tier_grace', '0', daterange('2040-01-01', null), ${seq})`;
    }),
  ],
);
