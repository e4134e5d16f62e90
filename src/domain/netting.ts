import { divRoundHalfAwayFromZero, largestRemainder } from './money.ts';

/** What is due in one instance's wallet. */
export interface DueWallet {
  readonly walletId: number;
  readonly partnerId: number;
  readonly currency: string;
  /** The sum of its eligible entries, negatives as far as the recovery share lets them be taken, in minor units of its currency. */
  readonly net: bigint;
}

/** What may stand against paying a partner at all, or shrink what is sent. */
export interface PayoutTerms {
  /** Smallest gross, inclusive; 0 for none. */
  readonly minimum: bigint;
  /** Parts per million of gross that are kept back for the tax office. */
  readonly withholdingPpm: bigint;
  /** What the transfer costs the partner. */
  readonly fee: bigint;
  /** Why nothing can be paid to this partner now, or null. */
  readonly obstacle: string | null;
}

export interface NettedWallet {
  readonly walletId: number;
  readonly gross: bigint;
  readonly withheld: bigint;
  readonly fee: bigint;
  readonly sent: bigint;
}

export interface NettedPayout {
  readonly partnerId: number;
  readonly currency: string;
  readonly gross: bigint;
  readonly withheld: bigint;
  readonly fee: bigint;
  readonly sent: bigint;
  readonly wallets: readonly NettedWallet[];
}

/** Why a wallet's due entries stay where they are. */
export interface NettedSkip {
  readonly walletId: number;
  readonly partnerId: number;
  readonly currency: string;
  readonly reason: string;
}

export interface Netting {
  readonly payouts: readonly NettedPayout[];
  readonly skips: readonly NettedSkip[];
}

/**
 * Which wallets are paid, into which payouts, and why the others are not: one payout per partner and currency. A wallet
 * whose eligible entries sum to more than 0 gives all of them, negatives included; any other gives none, so that its
 * negative never eats a sibling instance's money. Every wallet comes out once,
 * in a payout or as a skip, and a payout's gross is what its wallets give. Pure. Source: SEMANTICS §7.
 *
 * @param wallets in the order of their ids, which breaks ties when deductions are spread
 * @param termsOf of a partner and currency, asked of any wallet of theirs
 */
export function netWallets<Wallet extends DueWallet>(
  wallets: readonly Wallet[],
  termsOf: (wallet: Wallet) => PayoutTerms,
): Netting {
  const payouts: NettedPayout[] = [];
  const skips: NettedSkip[] = [];
  const leaveOut = (wallet: Wallet, reason: string) => {
    const { walletId, partnerId, currency } = wallet;
    skips.push({ walletId, partnerId, currency, reason });
  };

  const groups = new Map<string, Wallet[]>();
  for (const wallet of wallets) {
    if (wallet.net <= 0n) {
      leaveOut(wallet, termsOf(wallet).obstacle ?? 'negative_balance');
      continue;
    }
    const key = `${wallet.partnerId} ${wallet.currency}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [wallet]);
    } else {
      group.push(wallet);
    }
  }

  for (const group of groups.values()) {
    const { partnerId, currency } = group[0]!;
    const terms = termsOf(group[0]!);
    const nets = group.map(({ net }) => net);
    const gross = nets.reduce((sum, net) => sum + net, 0n);
    const { withheld, fee, sent } = deduct(gross, terms);
    const reason = terms.obstacle ?? (gross < terms.minimum ? 'below_minimum' : sent <= 0n ? 'fee_exceeds' : null);
    if (reason !== null) {
      group.forEach((wallet) => leaveOut(wallet, reason));
      continue;
    }
    payouts.push({ partnerId, currency, gross, withheld, fee, sent, wallets: spread(group, nets, { withheld, fee }) });
  }
  return { payouts, skips };
}

/** gross = sent + withheld + fee, always; withholding is on gross. Golden §7: 100.00 at 24 %, fee 1.50: 24.00, 1.50, 74.50. */
export function deduct(
  gross: bigint,
  terms: Pick<PayoutTerms, 'withholdingPpm' | 'fee'>,
): { withheld: bigint; fee: bigint; sent: bigint } {
  const withheld = divRoundHalfAwayFromZero(gross * terms.withholdingPpm, 1_000_000n);
  return { withheld, fee: terms.fee, sent: gross - withheld - terms.fee };
}

/** The fee is spread over what the withholding leaves, so that no wallet gives more than it has. */
function spread(
  group: readonly DueWallet[],
  nets: readonly bigint[],
  deductions: { withheld: bigint; fee: bigint },
): NettedWallet[] {
  const withheld = largestRemainder(deductions.withheld, nets);
  const left = nets.map((net, index) => net - withheld[index]!);
  const fees = largestRemainder(deductions.fee, left);
  return group.map(({ walletId }, index) => ({
    walletId,
    gross: nets[index]!,
    withheld: withheld[index]!,
    fee: fees[index]!,
    sent: left[index]! - fees[index]!,
  }));
}
