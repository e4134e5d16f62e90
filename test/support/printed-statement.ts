import type { Statement, StatementEntry, StatementFigures } from '../../src/domain/statement.ts';

/** A statement to be printed, as the books would tell one: its sums are those of its entries. */
export interface ToPrint {
  readonly partner?: string;
  readonly entries?: number;
  readonly accounts?: Readonly<Record<string, string>>;
  readonly instance?: string;
  readonly reference?: (at: number) => string;
  readonly currency?: string;
  readonly draft?: boolean;
  readonly voided?: boolean;
  readonly note?: string | null;
  /** Without payouts and holds: what fits on a page. */
  readonly short?: boolean;
}

export function statementToPrint({
  partner = 'Acme Resale GmbH',
  entries: count = 3,
  accounts = {},
  instance = 'Northwind Shop',
  reference = (at) => `INV-${1000 + at}/1`,
  currency = 'EUR',
  draft = false,
  voided = false,
  note = null,
  short = false,
}: ToPrint = {}): Statement {
  const entries = Array.from({ length: count }, (_, at): StatementEntry => {
    const isRefund = at % 10 === 9;
    const sign = isRefund ? -1n : 1n;
    return {
      section: isRefund ? 'reversals' : 'earnings',
      entry: `${at + 1}.0`,
      ...{ date: '2026-10-05', occurred: '2026-10-05', instance: 'acme-shop', account: `C-${at}`, product: null },
      reference: reference(at),
      kind: isRefund ? 'refund' : 'earning',
      ...{ rule: 2, rate_ppm: 200_000, base_currency: currency },
      base: String(sign * BigInt(5000 + 5 * at)),
      amount: String(sign * BigInt(1000 + at)),
    };
  });
  const sum = entries.reduce((total, { amount }) => total + BigInt(amount), 0n);
  const [opening, paid, withheld, fees, transit] = [2000n, 1500n, 480n, 20n, 700n];
  const closing = opening + sum - paid - withheld - fees;
  const totals: StatementFigures = {
    ...{
      opening: String(opening),
      entries: String(sum),
      rejected: '0',
      paid: String(paid),
      withheld: String(withheld),
    },
    ...{ fees: String(fees), returned: '0', closing: String(closing), wallet: String(closing - transit) },
    in_transit: String(transit),
  };
  const payout = { number: 'P00000001A', run: 1, made_by: 'ana', approved_by: 'ben', approved_on: '2026-10-11' };
  const amounts = { gross: '2000', withheld: '480', fees: '20', sent: '1500', reason: null };
  const payouts = [
    { date: '2026-10-12', ...payout, was: 'ready', status: 'processing', ...amounts },
    { date: '2026-10-14', ...payout, was: 'processing', status: 'completed', ...amounts },
  ];
  return {
    number: draft ? null : 'ST000002',
    closed: draft ? null : { by: 'cleo', on: '2026-11-22' },
    ...{ corrects: null, voided, takenAt: '2026-11-21T10:00:00.000000Z', madeBy: 'ana' },
    contentHash: 'a3f1'.repeat(16),
    entries,
    content: {
      programme: { code: 'main', zone: 'Europe/Berlin' },
      partner: { code: 'acme', type: 'reseller' },
      currency,
      period: { from: '2026-10-01', to: '2026-11-01' },
      totals,
      instances: [{ instance: 'acme-shop', ...totals }],
      groups: (['earnings', 'reversals'] as const).map((section) => {
        const told = entries.filter((entry) => entry.section === section);
        const amount = String(told.reduce((total, one) => total + BigInt(one.amount), 0n));
        const rule = { rule: 2, scope: 'tier gold', rate_ppm: 200_000 };
        return { section, instance: 'acme-shop', kind: 'earning', ...rule, entries: told.length, amount };
      }),
      rejections: [],
      payouts: short ? [] : payouts,
      holds: short ? [] : [{ of: 'acme-shop', reason: 'missing_details', from: '2026-10-03', released: '2026-10-09' }],
      standing: [
        { status: 'payable', from: null, entries: 2, amount: String(closing - transit - 1000n) },
        { status: 'waiting', from: '2026-11-11', entries: 1, amount: '1000' },
      ],
      year: { from: '2026-01-01', totals },
      months: Array.from({ length: 12 }, (_, at) => ({
        month: `${at < 2 ? 2025 : 2026}-${String(((at + 10) % 12) + 1).padStart(2, '0')}`,
        earned: String(at === 4 ? -30_000 : 5000 * at),
      })),
      details: { entries: count, sha256: 'f'.repeat(64) },
      names: {
        programme: 'Northwind partner programme',
        partner,
        instances: { 'acme-shop': instance },
        accounts,
        paid_to: { kind: 'iban', mask: 'DE89…3000' },
        run: 12,
      },
      note,
    },
  };
}
