import type { RunChecksRow } from '../../db/queries/payout-runs.ts';
import { formatMinor } from '../../domain/money.ts';

/** How many checkers a run has and wants, and why. */
export interface RunChecks {
  readonly approvals: number;
  readonly wanted: number;
  /** What it sends above the limit that counts for it: '120000.00 USD > 100000.00', one a currency. */
  readonly over: readonly string[];
}

export function checksView({ approvals, wanted, over }: RunChecksRow): RunChecks {
  return {
    approvals,
    wanted,
    over: over.map(({ currency, sent, limit }) => {
      const money = (minor: string) => formatMinor(BigInt(minor), currency);
      return `${money(sent)} ${currency} > ${money(limit)}`;
    }),
  };
}

/** '1 of 2'. */
export function checkersText({ approvals, wanted }: RunChecks): string {
  return `${approvals} of ${wanted}`;
}

/** Whether somebody else has to approve it still. */
export function wantsChecker({ approvals, wanted }: Pick<RunChecks, 'approvals' | 'wanted'>): boolean {
  return approvals < wanted;
}

/** '1 of 2 checkers (120000.00 USD > 100000.00)'. */
export function checksText(checks: RunChecks): string {
  const { wanted, over } = checks;
  return `${checkersText(checks)} checker${wanted === 1 ? '' : 's'}${over.length === 0 ? '' : ` (${over.join(', ')})`}`;
}
