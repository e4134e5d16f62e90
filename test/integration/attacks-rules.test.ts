import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, refusal, repels, type Attack, type BooksScene } from '../attacks.ts';
import { drawKnownSeq } from '../books.ts';
import { testDatabase } from '../database.ts';

/** What a rule version may say (SEMANTICS §3), by plain SQL: every law of its terms is the database's own. */
let scene: BooksScene;
beforeAll(async () => {
  scene = await openScene(await testDatabase());
});
afterAll(async () => await scene.database.drop());

/** Columns as SQL text; Postgres knows their types. */
type Terms = Readonly<Record<string, string | boolean | null>>;

async function insertVersion(tx: Connection, terms: Terms, level = 0): Promise<void> {
  const seq = String(await drawKnownSeq(tx));
  const [rule] = await tx.sql<{ id: string }[]>`
    insert into rules (slot, level, scope, partner_id)
    values (${level === 0 ? 'own' : 'override'}, ${level}, 'partner', ${scene.books.partner['acme']!}) returning id`;
  await tx.sql`insert into rule_versions ${tx.sql({ rule_id: rule!.id, valid: '[2026-01-01,)', known_seq: seq, ...terms })}`;
}

const percentage = { kind: 'percentage', rate_ppm: '100000' };
const flat = { kind: 'flat', flat_minor: '500', currency: 'EUR' };
const hybrid = { kind: 'hybrid', rate_ppm: '100000', flat_minor: '200', currency: 'EUR' };
const tiered = {
  kind: 'tiered',
  bracket_from: '{0,20000,40000}',
  bracket_ppm: '{40000,60000,80000}',
  bracket_mode: 'marginal',
  window_kind: 'month',
  window_per: 'partner',
  currency: 'EUR',
};
const whole = { ...tiered, bracket_mode: 'whole' };
const exclude = { kind: 'exclude' };
const capped = { cap_window_minor: '100000', window_kind: 'year', window_per: 'partner', currency: 'EUR' };

describe('what may be said is taken', () => {
  test.each<[string, Terms, number?]>([
    ['a hybrid of margin', { ...hybrid, base: 'margin' }],
    [
      'marginal brackets over a lifetime, paid in another currency',
      { ...tiered, window_kind: 'lifetime', pays_in: 'USD' },
    ],
    ['whole brackets', whole],
    ['one bracket', { ...tiered, bracket_from: '{0}', bracket_ppm: '{0}' }],
    ['a window cap', { ...percentage, ...capped }],
    ['a window cap on brackets', { ...tiered, cap_window_minor: '100000' }],
    [
      'every other limit',
      {
        ...percentage,
        currency: 'EUR',
        min_sale_minor: '1000',
        cap_sale_minor: '5000',
        first_sale_only: true,
        earning_months: '12',
        territory: '{AT,DE}',
      },
    ],
    ['an override of the rest', { ...percentage, on_rest: true }, 1],
    ['a rate above 100 %', { ...percentage, rate_ppm: '1500000' }],
  ])('%s', async (_what, terms, level) => {
    expect(await refusal(scene.logins.operator, async (tx) => await insertVersion(tx, terms, level))).toBe('nothing');
  });
});

describe('what may not be said is refused', () => {
  const refused = (what: string, terms: Terms, level = 0, code = '23514'): Attack<BooksScene> =>
    attack(what, code, async (tx) => await insertVersion(tx, terms, level));
  repels(
    () => scene,
    [
      refused('a kind that is none', { ...percentage, kind: 'bonus' }),
      refused('a percentage without a rate', { kind: 'percentage' }),
      refused('a percentage with an amount', { ...percentage, flat_minor: '100', currency: 'EUR' }),
      refused('a hybrid without its amount', { kind: 'hybrid', rate_ppm: '100000' }),
      refused('a hybrid without its rate', { ...hybrid, rate_ppm: null }),
      refused('a flat amount of the margin', { ...flat, base: 'margin' }),
      refused('a tiered rule without brackets', { ...tiered, bracket_from: null, bracket_ppm: null }),
      refused('a tiered rule that is neither marginal nor whole', { ...tiered, bracket_mode: null }),
      refused('a tiered rule with a rate beside its brackets', { ...tiered, rate_ppm: '100000' }),
      refused('a percentage with brackets', { ...tiered, ...percentage }),
      refused('brackets that do not begin at 0', { ...tiered, bracket_from: '{100,20000,40000}' }),
      refused('brackets that do not rise', { ...tiered, bracket_from: '{0,40000,40000}' }),
      refused('brackets that fall', { ...tiered, bracket_from: '{0,40000,20000}' }),
      refused('a bracket from nowhere', { ...tiered, bracket_from: '{0,null,40000}' }),
      refused('no bracket at all', { ...tiered, bracket_from: '{}', bracket_ppm: '{}' }),
      refused('brackets that begin before the first', { ...tiered, bracket_from: '[0:2]={0,20000,40000}' }),
      refused('a bracket without a rate', { ...tiered, bracket_ppm: '{40000,60000}' }),
      refused('a bracket whose rate is null', { ...tiered, bracket_ppm: '{40000,null,80000}' }),
      refused('a negative rate in a bracket', { ...tiered, bracket_ppm: '{40000,-1,80000}' }),
      refused('brackets without a window', { ...tiered, window_kind: null, window_per: null }),
      refused('a window of nobody', { ...tiered, window_per: null }),
      refused('a window that nothing is counted over', { ...percentage, window_kind: 'month', window_per: 'partner' }),
      refused('a window cap without a window', { ...percentage, cap_window_minor: '100', currency: 'EUR' }),
      refused('whole brackets over a lifetime', { ...whole, window_kind: 'lifetime' }),
      refused('whole brackets with a cap per sale', { ...whole, cap_sale_minor: '100' }),
      refused('whole brackets with a cap per window', { ...whole, cap_window_minor: '100' }),
      refused('whole brackets that convert', { ...whole, pays_in: 'USD' }),
      refused('a window cap that converts', { ...percentage, ...capped, pays_in: 'USD' }),
      refused('amounts without a currency', { ...tiered, currency: null }),
      refused('a minimum without a currency', { ...percentage, min_sale_minor: '100' }),
      refused('a currency without an amount', { ...percentage, currency: 'EUR' }),
      refused('a minimum of nothing', { ...percentage, currency: 'EUR', min_sale_minor: '0' }),
      refused('a cap of nothing', { ...percentage, currency: 'EUR', cap_sale_minor: '0' }),
      refused('a cap below nothing', { ...percentage, ...capped, cap_window_minor: '-1' }),
      refused('no months to earn in', { ...percentage, earning_months: '0' }),
      refused('more months than 600', { ...percentage, earning_months: '601' }),
      refused('no country at all', { ...percentage, territory: '{}' }),
      refused('countries out of order', { ...percentage, territory: '{DE,AT}' }),
      refused('a country twice', { ...percentage, territory: '{DE,DE}' }),
      refused('a country that is no code', { ...percentage, territory: '{Germany}' }),
      refused('no product at all', { ...percentage, limit_products: '{}' }),
      refused('a product that is not there', { ...percentage, limit_products: '{999999}' }, 0, '23503'),
      refused('a currency that is not there', { ...percentage, pays_in: 'XTS' }, 0, '23503'),
      refused('an exclusion with a limit', { ...exclude, territory: '{DE}' }),
      refused('an exclusion with an earning clock', { ...exclude, first_sale_only: true }),
      refused('an exclusion that includes', { ...exclude, includes: true }),
      refused('an own rule on the rest', { ...percentage, on_rest: true }),
      refused('a flat override of the rest', { ...flat, on_rest: true }, 1),
      refused('an override with a clock of its own', { ...percentage, earning_months: '12' }, 1),
      refused('an override of the first sale', { ...percentage, first_sale_only: true }, 2),
    ],
  );
});
