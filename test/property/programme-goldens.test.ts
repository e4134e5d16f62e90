import { describe, expect, it } from 'vitest';
import { decimalsOf } from './programme/arithmetic.ts';
import type { OracleLeg } from './programme/history.ts';
import { oracleDecide } from './programme/oracle.ts';
import { ONE_PARTNER, PLAIN_RULE } from './programme/small.ts';
import type { Billed, Closing, Programme, Rule, Sale, Step } from './programme/words.ts';

/** What the oracle must know before it may judge anybody: every golden number of SEMANTICS §5, and the clock of §3. */

let nextId = 0;
const numbered = (): number => (nextId += 1);

function minor(text: string, currency = 'EUR'): bigint {
  const [whole = '', decimals = ''] = text.split('.');
  return BigInt(whole + decimals.padEnd(decimalsOf(currency), '0'));
}

function major(amount: bigint, currency: string): string {
  const decimals = decimalsOf(currency);
  const digits = String(amount < 0n ? -amount : amount).padStart(decimals + 1, '0');
  const [whole, rest] = [digits.slice(0, digits.length - decimals), digits.slice(digits.length - decimals)];
  return `${amount < 0n ? '-' : ''}${whole}${rest === '' ? '' : `.${rest}`}`;
}

function rule(told: Partial<Rule> = {}): Rule {
  const id = numbered();
  return { ...PLAIN_RULE, version: id, rule: id, ...told };
}

function billed(kind: Billed['kind'], net: string, told: Partial<Billed> = {}): Billed {
  const currency = told.currency ?? 'EUR';
  const amount = minor(net, currency);
  const place = { instance: 'inst-1', account: null, product: null, currency };
  const event = {
    id: numbered(),
    stage: 1,
    on: '2026-10-01',
    kind,
    ...place,
    sale: null,
    country: null,
    wholesale: null,
  };
  return { ...event, net: amount, gross: amount, ...told };
}

function sale(ref: string, net: string, told: Partial<Sale> = {}): Sale {
  const currency = told.currency ?? 'EUR';
  const place = { instance: 'inst-1', account: null, product: null, currency };
  const amount = minor(net, currency);
  return { ref, ...place, net: amount, gross: amount, wholesale: null, date: '2026-10-01', ...told };
}

function programme(rules: Rule[], sales: Sale[], steps: Step[], told: Partial<Programme> = {}): Programme {
  return { ...ONE_PARTNER, rules, sales, steps, ...told };
}

const written = ({ amount, currency, reason }: OracleLeg): string =>
  reason === null ? major(amount, currency) : `${major(amount, currency)} ${reason}`;

const told = (one: Programme): string[] => oracleDecide(one).map(written);

/** What events of the sale `s` come to, one after another. */
function inSale(
  rules: Rule[],
  net: string,
  events: [Billed['kind'], string][],
  told_: Partial<Programme> = {},
): string[] {
  const steps = events.map(([kind, amount]) => billed(kind, amount, { sale: 's' }));
  return told(programme(rules, [sale('s', net)], steps, told_));
}

describe('the oracle knows the goldens of', () => {
  const brackets = [
    { from: 0n, ratePpm: 40_000 },
    { from: 20_000n, ratePpm: 60_000 },
    { from: 40_000n, ratePpm: 80_000 },
  ];
  const tiered = (mode: 'marginal' | 'whole'): Rule =>
    rule({ kind: 'tiered', ratePpm: null, brackets, mode, window: { kind: 'month', per: 'partner' }, currency: 'EUR' });
  const close = (on: string, stage = 1): Closing => ({ id: numbered(), stage, on, kind: 'close_windows' });

  it('brackets: 500.00 is 28.00 marginal and 40.00 whole', () => {
    const paid = (mode: 'marginal' | 'whole', ...after: Step[]): string[] =>
      told(programme([tiered(mode)], [], [billed('payment', '500'), ...after]));
    expect(paid('marginal')).toEqual(['28.00']);
    expect(paid('whole', close('2026-10-31'))).toEqual(['20.00', '20.00']);
  });

  it('whole brackets: 300 + 200 post 12.00 and 8.00, true-up 20.00; a refund of 150 −6.00, true-up −13.00', () => {
    const steps = [
      billed('payment', '300', { sale: 's' }),
      billed('payment', '200'),
      close('2026-10-30'),
      close('2026-10-31'),
      billed('refund', '-150', { sale: 's', stage: 2, on: '2026-11-05' }),
      close('2026-11-06', 2),
      close('2026-11-07', 2),
    ];
    const legs = oracleDecide(programme([tiered('whole')], [sale('s', '300')], steps));
    expect(legs.map(written)).toEqual(['12.00', '8.00', '20.00', '-6.00', '-13.00']);
    expect(legs.reduce((all, { amount }) => all + amount, 0n)).toBe(2100n);
  });

  it('refunds in thirds: 10.00 at 12.5 %', () => {
    const thirds: [Billed['kind'], string][] = [
      ['payment', '10.00'],
      ['refund', '-3.33'],
      ['refund', '-3.33'],
      ['refund', '-3.34'],
    ];
    expect(inSale([rule({ ratePpm: 125_000 })], '10.00', thirds)).toEqual(['1.25', '-0.42', '-0.41', '-0.42']);
  });

  it('halves and a notice that repeats: 20,000 earning 4,000', () => {
    const events: [Billed['kind'], string][] = [
      ['payment', '10000'],
      ['payment', '10000'],
      ['payment', '0'],
    ];
    expect(inSale([rule({ ratePpm: 200_000 })], '20000', events)).toEqual(['2000.00', '2000.00', '0.00 unchanged']);
  });

  it('credit notes before and after the payment', () => {
    const before: [Billed['kind'], string][] = [
      ['credit_note', '-20'],
      ['payment', '80'],
    ];
    expect(inSale([rule()], '100', before)).toEqual(['0.00 unchanged', '8.00']);
    const after: [Billed['kind'], string][] = [
      ['payment', '100'],
      ['credit_note', '-20'],
      ['refund', '-20'],
    ];
    expect(inSale([rule()], '100', after)).toEqual(['10.00', '-2.00', '0.00 unchanged']);
  });

  it('minor units: JPY 999 × 15 % = 150, KWD 10.005 × 15 % = 1.501, −2.5 → −3', () => {
    const at = (net: string, currency: string, ratePpm: number, kind: Billed['kind'] = 'payment'): string[] =>
      told(programme([rule({ ratePpm })], [], [billed(kind, net, { currency })]));
    expect(at('999', 'JPY', 150_000)).toEqual(['150']);
    expect(at('10.005', 'KWD', 150_000)).toEqual(['1.501']);
    expect(at('-25', 'JPY', 100_000, 'credit_note')).toEqual(['-3 unlinked_credit']);
  });

  it('overrides: 5 % of the rest 4.50, of the full base 5.00, and a full refund of both; base 1.71', () => {
    const parents = [{ partner: 'partner-1', parent: 'partner-2', from: null, to: null }];
    const override = (onRest: boolean): Rule => rule({ level: 1, ratePpm: 50_000, onRest });
    const whole: [Billed['kind'], string][] = [
      ['payment', '100'],
      ['refund', '-100'],
    ];
    expect(inSale([rule(), override(true)], '100', whole, { parents })).toEqual(['10.00', '4.50', '-10.00', '-4.50']);
    expect(inSale([rule(), override(false)], '100', whole, { parents })).toEqual(['10.00', '5.00', '-10.00', '-5.00']);
    const small = programme([rule({ ratePpm: 125_000 }), override(true)], [], [billed('payment', '1.71')], { parents });
    expect(told(small)).toEqual(['0.21', '0.08']);
  });

  it('the earning clock: twelve months and one month from 31 Jan 2025', () => {
    const on = (months: number, ...days: string[]): string[] => {
      const accounts = [{ instance: 'inst-1', code: 'acc-1', country: null }];
      const steps = ['2025-01-31', ...days].map((day) => billed('payment', '10', { account: 'acc-1', on: day }));
      return told(programme([rule({ earningMonths: months })], [], steps, { accounts })).slice(1);
    };
    expect(on(12, '2026-01-30', '2026-01-31')).toEqual(['1.00', '0.00 earning_ended']);
    expect(on(1, '2025-02-27', '2025-02-28')).toEqual(['1.00', '0.00 earning_ended']);
  });
});
