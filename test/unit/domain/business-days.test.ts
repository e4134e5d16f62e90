import { describe, expect, it } from 'vitest';
import { businessDaysLater, isBusinessDay, onOrAfter, type Calendar } from '../../../src/domain/business-days.ts';
import { addDays } from '../../../src/domain/dates.ts';

/** The weekdays of a year that a calendar closes. */
function closed(year: number, calendar: Calendar): string[] {
  const days: string[] = [];
  for (let day = `${year}-01-01`; day.startsWith(String(year)); day = addDays(day, 1)) {
    if (isBusinessDay(day, 'weekdays') && !isBusinessDay(day, calendar)) days.push(day);
  }
  return days;
}

describe('business days', () => {
  // As the European Central Bank published them.
  it.each([
    [2024, ['2024-01-01', '2024-03-29', '2024-04-01', '2024-05-01', '2024-12-25', '2024-12-26']],
    [2025, ['2025-01-01', '2025-04-18', '2025-04-21', '2025-05-01', '2025-12-25', '2025-12-26']],
    [2026, ['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-01', '2026-12-25']],
    [2027, ['2027-01-01', '2027-03-26', '2027-03-29']],
  ])('of TARGET in %i', (year, days) => expect(closed(year, 'target')).toEqual(days));

  // As the Federal Reserve Banks published them: 4 July 2026 is a Saturday, and they are open on the Friday before.
  it.each([
    [2026, ['01-01', '01-19', '02-16', '05-25', '06-19', '09-07', '10-12', '11-11', '11-26', '12-25']],
    [2027, ['01-01', '01-18', '02-15', '05-31', '07-05', '09-06', '10-11', '11-11', '11-25']],
    [2028, ['01-17', '02-21', '05-29', '06-19', '07-04', '09-04', '10-09', '11-23', '12-25']],
  ])('of the Federal Reserve in %i', (year, days) =>
    expect(closed(year, 'fed')).toEqual(days.map((day) => `${year}-${day}`)),
  );

  it('are counted from the first of them on', () => {
    expect(onOrAfter('2026-11-28', 'weekdays')).toBe('2026-11-30');
    expect(onOrAfter('2026-11-26', 'fed')).toBe('2026-11-27');
    expect(businessDaysLater('2026-11-26', 1, 'fed')).toBe('2026-11-30');
    expect(businessDaysLater('2026-11-25', 1, 'fed')).toBe('2026-11-27');
    expect(businessDaysLater('2026-12-24', 0, 'target')).toBe('2026-12-24');
    expect(businessDaysLater('2026-12-25', 0, 'target')).toBe('2026-12-28');
  });
});
