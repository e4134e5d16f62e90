import { describe, expect, it } from 'vitest';
import { localTime } from '../../src/domain/dates.ts';
import type { InstrumentKind } from '../../src/domain/instruments.ts';
import { FILE_RAILS, type FileRailName } from '../../src/domain/rail-names.ts';
import { fileRail, fileRails, paymentDate, railFor } from '../../src/rails/file-rails.ts';

const railOf = (kind: InstrumentKind | null, currency: string, ...set: FileRailName[]) =>
  railFor(kind, currency, (name) => set.includes(name))?.name ?? 'register';

describe('a rail', () => {
  it.each([
    ['iban', 'EUR', FILE_RAILS, 'sepa'],
    ['iban', 'EUR', ['wise'], 'wise'],
    ['iban', 'CHF', FILE_RAILS, 'wise'],
    ['aba', 'USD', FILE_RAILS, 'nacha'],
    ['aba', 'USD', ['wise'], 'wise'],
    ['aba', 'EUR', FILE_RAILS, 'register'],
    ['sort_code', 'GBP', FILE_RAILS, 'wise'],
    ['paypal', 'JPY', FILE_RAILS, 'paypal'],
    ['bank', 'NGN', FILE_RAILS, 'register'],
    ['stripe', 'EUR', FILE_RAILS, 'register'],
    ['manual', 'EUR', FILE_RAILS, 'register'],
    [null, 'EUR', FILE_RAILS, 'register'],
    ['iban', 'EUR', [], 'register'],
  ] as const)('pays %s in %s', (kind, currency, set, name) => {
    expect(railOf(kind, currency, ...set)).toBe(name);
  });

  it('is there for each name', () => {
    expect(fileRails.map(({ name }) => name)).toEqual([...FILE_RAILS]);
  });

  it.each([
    ['sepa', {}, '2026-11-27T23:59:00', '2026-11-27'],
    ['sepa', { cutoff_hour: '14' }, '2026-11-27T13:59:59', '2026-11-27'],
    ['sepa', { cutoff_hour: '14' }, '2026-11-27T14:00:00', '2026-11-30'],
    ['sepa', { calendar: 'weekdays' }, '2026-12-25T08:00:00', '2026-12-25'],
    ['nacha', {}, '2026-11-25T08:00:00', '2026-11-27'],
    ['nacha', { cutoff_hour: '17' }, '2026-11-25T17:00:00', '2026-11-30'],
    ['paypal', {}, '2026-11-28T08:00:00', '2026-11-28'],
  ] as const)('%s with %j at %s pays on %s', (name, profile, at, date) => {
    expect(paymentDate(fileRail(name), profile as Record<string, string>, at, new Map())).toBe(date);
  });

  it('goes by what the programme itself says of days', () => {
    const own = new Map([
      ['2026-11-27', true],
      ['2026-12-25', false],
    ]);
    expect(paymentDate(fileRail('sepa'), {}, '2026-11-27T08:00:00', own)).toBe('2026-11-30');
    expect(paymentDate(fileRail('sepa'), {}, '2026-12-25T08:00:00', own)).toBe('2026-12-25');
  });

  it('tells the time of the programme', () => {
    expect(localTime(Date.UTC(2026, 10, 21, 23, 30, 5), 'Europe/Berlin')).toBe('2026-11-22T00:30:05');
    expect(localTime(Date.UTC(2026, 10, 21, 23, 30, 5), 'UTC')).toBe('2026-11-21T23:30:05');
  });
});
