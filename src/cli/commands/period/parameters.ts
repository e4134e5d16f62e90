import { argument } from '../../parameters.ts';

export const month = argument('PERIOD', 'a calendar month: 2026-10, or last-month', { ask: { message: 'Period:' } });
