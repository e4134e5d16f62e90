import { addDays, addMonthsClamped, isDate, monthStart } from './civil-dates.ts';
import { UsageError } from './errors.ts';

/** Business dates from `from` up to, not including, `to`; `label` is the period's shortest unambiguous name. */
export interface Period {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/**
 * Reads a period as people type it: '2026-10', '2026-Q4', '2026', 'this-month', 'last-month' (resolved against `today`,
 * labelled by the month they mean) or '2026-10-01..2026-10-31', whose last day is included.
 * Half-open windows: SEMANTICS §5.
 * @throws UsageError `period_invalid`
 */
export function parsePeriod(text: string, today: string): Period {
  const trimmed = text.trim();
  if (trimmed === 'this-month') return month(today.slice(0, 7));
  if (trimmed === 'last-month') return month(addMonthsClamped(today, -1).slice(0, 7));
  if (/^\d{4}-\d{2}$/.test(trimmed) && isDate(`${trimmed}-01`)) return month(trimmed);
  if (/^\d{4}$/.test(trimmed) && isDate(`${trimmed}-01-01`)) return months(`${trimmed}-01-01`, 12, trimmed);

  const quarter = /^(\d{4})-[Qq]([1-4])$/.exec(trimmed);
  if (quarter !== null) {
    const first = `${quarter[1]}-${String(Number(quarter[2]) * 3 - 2).padStart(2, '0')}-01`;
    if (isDate(first)) return months(first, 3, trimmed.toUpperCase());
  }

  const [first = '', last = '', ...more] = trimmed.split('..');
  if (more.length === 0 && isDate(first) && isDate(last)) {
    if (last < first) throw invalid(trimmed, 'its last day is before its first');
    return { from: first, to: addDays(last, 1), label: trimmed };
  }
  throw invalid(trimmed, 'it is none of the forms that are understood');
}

function month(label: string): Period {
  return months(`${label}-01`, 1, label);
}

function months(first: string, count: number, label: string): Period {
  return { from: monthStart(first), to: addMonthsClamped(first, count), label };
}

function invalid(text: string, why: string): UsageError {
  return new UsageError('period_invalid', `'${text.slice(0, 60)}' is not a period: ${why}`, {
    hint: 'write 2026-10, 2026-Q4, 2026, last-month, this-month or 2026-10-01..2026-10-31',
  });
}
