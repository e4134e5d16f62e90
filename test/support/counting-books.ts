import type { OpenedContext } from '../../src/app.ts';
import { drawKnownSeq, type Books } from '../books.ts';
import { GOLDEN_BRACKETS, insertTerms, type Told } from './rating-books.ts';

/** Rules that count, at every scope of the books: by the month, quarter and lifetime; an override; months for accounts. */
export async function countingRules(ctx: OpenedContext, books: Books): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const { partner, instance, account } = books;
    await insertTerms(tx, {
      scope: 'instance',
      scopeId: instance['acme-uk']!,
      says: { ...GOLDEN_BRACKETS, bracket_mode: 'marginal', cap_window_minor: 4_000 },
    });
    await insertTerms(tx, {
      scope: 'partner',
      scopeId: partner['acme']!,
      says: { ...GOLDEN_BRACKETS, bracket_mode: 'whole', window_kind: 'quarter' },
    });
    await insertTerms(tx, {
      scope: 'account',
      scopeId: account['acme-uk/C1']!,
      says: { kind: 'percentage', rate_ppm: 125_000, earning_months: 2, cap_window_minor: 5_000, window_kind: 'lifetime', window_per: 'account', currency: 'EUR' },
    }); // prettier-ignore
    await insertTerms(tx, { level: 1, says: { ...GOLDEN_BRACKETS, bracket_mode: 'marginal', on_rest: true } });
    const seq = await drawKnownSeq(tx, 'zenith stands above acme');
    await tx.sql`insert into partner_parents (partner_id, parent_id, valid, known_seq)
      values (${partner['acme']!}, ${partner['zenith']!}, daterange(null, null), ${seq})`;
  });
}

/** Three months of sales, half of them invoices that are paid in parts and given back in parts. */
export function countingEvents(books: Books, next: () => number): Told[] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  const told: Told[] = [];
  for (let n = 0; n < 120; n += 1) {
    const on = `2026-1${Math.floor(next() * 3)}-${String(1 + Math.floor(next() * 28)).padStart(2, '0')}`;
    const place = pick(['acme-uk', 'acme-uk', 'acme-ie', 'zenith-de']);
    const accountId = next() < 0.4 ? books.account[`${place}/C1`] : undefined;
    const at = { instanceId: books.instance[place]!, ...(accountId === undefined ? {} : { accountId }) };
    const worth = 100 + Math.floor(next() * 12_000);
    if (next() < 0.5) {
      told.push({ id: `own-${n}`, on, net: worth, ...at });
      continue;
    }
    const of = { sale: `S-${n}`, worth, on };
    const paid = Math.floor(worth * (0.3 + 0.7 * next()));
    told.push({ id: `pay-${n}`, on, net: paid, of, ...at });
    if (next() < 0.6) told.push({ id: `back-${n}`, on: later(on, next), net: -Math.floor(paid * next()), kind: 'refund', of, ...at });
    if (next() < 0.3) told.push({ id: `less-${n}`, on: later(on, next), net: -Math.floor(worth * 0.2), kind: 'credit_note', of, ...at });
  } // prettier-ignore
  return told.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
}

function later(on: string, next: () => number): string {
  const month = Math.min(2, Number(on.slice(6, 7)) + Math.floor(next() * 2));
  return `${on.slice(0, 6)}${month}-28`;
}
