/**
 * The chart of accounts (SEMANTICS §6): what each kind of account is, and how a journal names it. `side` is the one on
 * which it normally stands. A wallet and a wholesale receivable exist once per partner and instance, the others once; each
 * per currency.
 */
export const CHART = {
  wallet: { path: ['liabilities', 'wallets'], side: 'credit', about: 'what partners have' },
  in_transit: { path: ['liabilities', 'in-transit'], side: 'credit', about: 'sent to partners, not arrived' },
  unclaimed: { path: ['liabilities', 'unclaimed'], side: 'credit', about: 'sent to partners, taken by nobody' },
  withholding_payable: {
    path: ['liabilities', 'withholding'],
    side: 'credit',
    about: 'withheld of payouts, owed to the tax office',
  },
  commission_expense: { path: ['expenses', 'commission'], side: 'debit', about: 'what partners earned' },
  fx_difference: { path: ['expenses', 'fx-difference'], side: 'debit', about: 'what exchange rates cost or gave' },
  rounding: { path: ['expenses', 'rounding'], side: 'debit', about: 'what rounding cost or gave' },
  payout_fees: { path: ['income', 'payout-fees'], side: 'credit', about: 'fees that partners bear' },
  wholesale_revenue: { path: ['income', 'wholesale'], side: 'credit', about: 'subscriptions and usage charged' },
  cash: { path: ['assets', 'cash'], side: 'debit', about: 'the bank' },
  input_vat: { path: ['assets', 'input-vat'], side: 'debit', about: 'VAT on self-billed invoices, to be reclaimed' },
  wholesale_receivable: { path: ['assets', 'wholesale-receivable'], side: 'debit', about: 'what partners owe' },
  recovery_clearing: {
    path: ['assets', 'recovery-clearing'],
    side: 'debit',
    about: 'on its way from one wallet to another: 0 at rest',
  },
  opening_equity: { path: ['equity', 'opening'], side: 'debit', about: 'what the books began with' },
} as const satisfies Record<string, { path: readonly string[]; side: 'debit' | 'credit'; about: string }>;

export type AccountType = keyof typeof CHART;

export const ACCOUNT_TYPES = Object.keys(CHART) as AccountType[];

/** An account as it is known outside of the database. */
export interface LedgerAccount {
  readonly type: AccountType;
  /** Null where the account is nobody's in particular. */
  readonly partner: string | null;
  readonly instance: string | null;
}

/** The parts of an account's name, from the widest to the narrowest: liabilities, wallets, acme, acme-shop. */
export function accountPath({ type, partner, instance }: LedgerAccount): string[] {
  return [...CHART[type].path, ...[partner, instance].filter((code) => code !== null)];
}

/** The name of an account as lists show it: `liabilities:wallets:acme:acme-shop`. */
export function accountName(account: LedgerAccount): string {
  return accountPath(account).join(':');
}
