import { createHash } from 'node:crypto';
import { writeCsv } from '../formats/list-csv.ts';
import { formatMinor } from '../domain/money.ts';
import type { Rail, RailBatch } from './rail.ts';

export interface ControlTotal {
  readonly currency: string;
  readonly payouts: number;
  readonly sent: string;
}

/** What a person pays by hand at the bank. */
export interface RegisterFile {
  /** A name that says what it is; where it goes is the caller's to say. */
  readonly name: string;
  readonly content: string;
  readonly sha256: string;
  readonly totals: readonly ControlTotal[];
}

/** What stands beside a register, as FILE.control.json: what it must come to, so that no row of it is a total. */
export const CONTROL_ENDING = '.control.json';

/** Says of a register file of that name how many payouts it has, what they sum to, and its hash. */
export function controlText(programme: string, file: string, { content, sha256, totals }: RegisterFile): string {
  const control = {
    control: 'revshare-register/1',
    programme,
    file: { name: file, bytes: Buffer.byteLength(content), sha256 },
    payouts: totals.reduce((count, total) => count + total.payouts, 0),
    totals: totals.map(({ currency, payouts, sent }) => ({ currency, payouts, amount_to_pay: sent })),
  };
  return `${JSON.stringify(control, null, 2)}\n`;
}

const HEADING = ['payout', 'partner', 'name', 'currency', 'gross', 'withheld', 'fee', 'amount_to_pay'];

/**
 * The register rail: a CSV of what to pay by hand, a line a payout and nothing else, so that whoever sums a column gets
 * the sum; what it must be stands beside it (`controlText`). The same payouts always give the same bytes, so its sha256
 * tells one register from another.
 */
export const register: Rail<RegisterFile> = {
  name: 'register',
  send(batch) {
    const totals = controlTotals(batch);
    const content = writeCsv(
      HEADING,
      batch.payouts.map(({ number, partner, partnerName, currency, gross, withheld, fee, sent }) => [
        number,
        partner,
        cell(partnerName),
        currency,
        ...[gross, withheld, fee, sent].map((minor) => formatMinor(BigInt(minor), currency)),
      ]),
    );
    return {
      name: `payout-register-${batch.programme}-${batch.payouts[0]?.number ?? 'none'}.csv`,
      content,
      sha256: createHash('sha256').update(content).digest('hex'),
      totals,
    };
  },
};

function controlTotals({ payouts }: RailBatch): ControlTotal[] {
  const sums = new Map<string, { payouts: number; sent: bigint }>();
  for (const { currency, sent } of payouts) {
    const sum = sums.get(currency) ?? { payouts: 0, sent: 0n };
    sums.set(currency, { payouts: sum.payouts + 1, sent: sum.sent + BigInt(sent) });
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, sum]) => ({ currency, payouts: sum.payouts, sent: formatMinor(sum.sent, currency) }));
}

/** A name is somebody's text, and this file is opened in a spreadsheet beside a banking site: one harmless line of text. */
function cell(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return /^[=+\-@|％＝＋－＠]/.test(line) ? `'${line}` : line;
}
