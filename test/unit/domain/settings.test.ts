import { describe, expect, test } from 'vitest';
import { settingChange, settingText, type SettingKey, type StoredValue } from '../../../src/domain/settings.ts';

const set = (key: SettingKey, text: string, code?: string, inForce: StoredValue | null = null) =>
  settingChange(key, text, code)(inForce);

describe('what is typed and what is stored', () => {
  test.each<[SettingKey, string, StoredValue, string]>([
    ['approval', 'after_hold', 'after_hold', 'after_hold'],
    ['hold_days', '0', 0, '0'],
    ['hold_days', ' 3650 ', 3650, '3650'],
    ['recovery_share', '50%', 500_000, '50%'],
    ['recovery_share', '0%', 0, '0%'],
    ['recovery_share', '100%', 1_000_000, '100%'],
  ])('%s %s', (key, text, stored, shown) => {
    expect(set(key, text)).toBe(stored);
    expect(settingText(key, stored)).toBe(shown);
  });

  test('an amount joins those of other currencies, in its own decimals', () => {
    const one = set('minimum_payout', '50', 'EUR');
    const two = set('minimum_payout', '1000', 'JPY', one);
    expect(two).toEqual({ EUR: 5000, JPY: 1000 });
    expect(settingText('minimum_payout', two!)).toEqual(['50.00 EUR', '1000 JPY']);
    expect(set('minimum_payout', '1.005', 'KWD', { currency: 'EUR', minor: 0 })).toEqual({ EUR: 0, KWD: 1005 });
  });

  test('none takes an amount away, and the last one leaves nothing', () => {
    expect(set('review_threshold', 'none', 'EUR', { EUR: 1, USD: 2 })).toEqual({ USD: 2 });
    expect(set('review_threshold', 'none', 'EUR', { currency: 'EUR', minor: 1 })).toBeNull();
    expect(set('review_threshold', 'none', 'EUR')).toBeNull();
  });

  test.each<[string, SettingKey, string, string?]>([
    ['setting_value', 'approval', 'always'],
    ['setting_value', 'hold_days', '3651'],
    ['setting_value', 'hold_days', '-1'],
    ['setting_value', 'hold_days', '1.5'],
    ['setting_value', 'minimum_payout', '-0.01', 'EUR'],
    ['setting_value', 'minimum_payout', '90071992547409.92', 'EUR'],
    ['amount_decimals', 'minimum_payout', '0.001', 'EUR'],
    ['amount_not_a_number', 'review_threshold', 'much', 'EUR'],
    ['currency_missing', 'minimum_payout', '5'],
    ['currency_unknown', 'minimum_payout', '5', 'XXX'],
    ['currency_not_wanted', 'hold_days', '5', 'EUR'],
    ['rate_without_percent', 'recovery_share', '0.5'],
    ['rate_over_100', 'recovery_share', '101%'],
  ])('%s: %s %s', (code, key, text, currency) => {
    expect(() => set(key, text, currency)).toThrow(expect.objectContaining({ exitCode: 2, code }));
  });
});
