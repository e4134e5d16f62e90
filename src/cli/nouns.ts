import type { NounEntry } from './command.ts';

/** Every noun, in the order of the help. A new noun is one directory and one line here. */
export const NOUNS: readonly NounEntry[] = [
  {
    name: 'init',
    summary: 'set up the books: the database and the programme to work in',
    load: async () => await import('./commands/init/index.ts'),
  },
  {
    name: 'programme',
    summary: 'partner programmes, each apart from every other',
    load: async () => await import('./commands/programme/index.ts'),
  },
  {
    name: 'tenant',
    summary: 'client organisations',
    load: async () => await import('./commands/tenant/index.ts'),
  },
  {
    name: 'partner',
    summary: 'resellers, affiliates, referral and white-label partners',
    load: async () => await import('./commands/partner/index.ts'),
  },
  {
    name: 'brand',
    summary: 'how the papers of white-label partners look',
    load: async () => await import('./commands/brand/index.ts'),
  },
  {
    name: 'reseller',
    summary: 'partners under a partner, and what their customers bring',
    load: async () => await import('./commands/reseller/index.ts'),
  },
  {
    name: 'instance',
    summary: 'platforms of tenants, and who earns there',
    load: async () => await import('./commands/instance/index.ts'),
  },
  {
    name: 'account',
    summary: 'end customers of an instance',
    load: async () => await import('./commands/account/index.ts'),
  },
  {
    name: 'partner-terms',
    summary: 'what a partner may agree by itself: discount, territory, credit',
    load: async () => await import('./commands/partner-terms/index.ts'),
  },
  {
    name: 'plan',
    summary: 'what is subscribed to',
    load: async () => await import('./commands/plan/index.ts'),
  },
  {
    name: 'price-book',
    summary: 'what plans and metered units cost, by region, currency and day',
    load: async () => await import('./commands/price-book/index.ts'),
  },
  {
    name: 'subscription',
    summary: 'what instances and accounts pay for, at which price, since when',
    load: async () => await import('./commands/subscription/index.ts'),
  },
  {
    name: 'usage',
    summary: 'what was used of meters: imported, to be charged',
    load: async () => await import('./commands/usage/index.ts'),
  },
  {
    name: 'wholesale',
    summary: 'what the operator charges partners, apart from what they earn',
    load: async () => await import('./commands/wholesale/index.ts'),
  },
  {
    name: 'rule',
    summary: 'what partners earn, and from when',
    load: async () => await import('./commands/rule/index.ts'),
  },
  {
    name: 'settings',
    summary: 'approval, hold days, thresholds and minimums, dated like rules',
    load: async () => await import('./commands/settings/index.ts'),
  },
  {
    name: 'rules',
    summary: 'the rule book as a whole: as files in git, checked, compared, applied',
    load: async () => await import('./commands/rules/index.ts'),
  },
  {
    name: 'tier',
    summary: 'tiers: what they ask, pay and give; who moves, and why',
    load: async () => await import('./commands/tier/index.ts'),
  },
  {
    name: 'fx',
    summary: 'exchange rates: imported, listed, looked up',
    load: async () => await import('./commands/fx/index.ts'),
  },
  {
    name: 'referral-code',
    summary: 'codes that partners hand out',
    load: async () => await import('./commands/referral-code/index.ts'),
  },
  {
    name: 'referral',
    summary: 'who came by a code: tracked, qualified, converted; the funnel',
    load: async () => await import('./commands/referral/index.ts'),
  },
  {
    name: 'revenue',
    summary: 'what customers paid and got back: imported, recorded, listed',
    load: async () => await import('./commands/revenue/index.ts'),
  },
  {
    name: 'job',
    summary: 'the jobs that cron runs: accrual and what follows',
    load: async () => await import('./commands/job/index.ts'),
  },
  {
    name: 'commission',
    summary: 'what partners earned: listed, explained, approved, held',
    load: async () => await import('./commands/commission/index.ts'),
  },
  {
    name: 'dispute',
    summary: 'entries that somebody disputes: held until released or rejected',
    load: async () => await import('./commands/dispute/index.ts'),
  },
  {
    name: 'simulate',
    summary: 'what other rules would have decided over a past period',
    load: async () => await import('./commands/simulate/index.ts'),
  },
  {
    name: 'replay',
    summary: 'a past period decided again and compared with the book',
    load: async () => await import('./commands/replay/index.ts'),
  },
  {
    name: 'wallet',
    summary: 'what partners have: balances, what is payable, every movement',
    load: async () => await import('./commands/wallet/index.ts'),
  },
  {
    name: 'analytics',
    summary: 'figures of instances, tenants and partners; who is first, who may leave',
    load: async () => await import('./commands/analytics/index.ts'),
  },
  {
    name: 'report',
    summary: 'what came in, was earned and was paid, day by day or month by month',
    load: async () => await import('./commands/report/index.ts'),
  },
  {
    name: 'forecast',
    summary: 'what the next months bring of revenue, commission and payouts',
    load: async () => await import('./commands/forecast/index.ts'),
  },
  {
    name: 'statement',
    summary: 'what partners are told of a period: opening, earnings, payouts, closing',
    load: async () => await import('./commands/statement/index.ts'),
  },
  {
    name: 'period',
    summary: 'months of the ledger: checked, soft-closed, closed, opened again',
    load: async () => await import('./commands/period/index.ts'),
  },
  {
    name: 'journal',
    summary: 'closed months as journals for the books: exported, taken back',
    load: async () => await import('./commands/journal/index.ts'),
  },
  {
    name: 'metrics',
    summary: 'figures of every partner by period, kept: customers, MRR, churn, rank',
    load: async () => await import('./commands/metrics/index.ts'),
  },
  {
    name: 'import',
    summary: 'another system’s history, beside what our rules would have paid',
    load: async () => await import('./commands/import/index.ts'),
  },
  {
    name: 'opening',
    summary: 'begin the books with the history of another system',
    load: async () => await import('./commands/opening/index.ts'),
  },
  {
    name: 'adjustment',
    summary: 'put right what a partner has',
    load: async () => await import('./commands/adjustment/index.ts'),
  },
  {
    name: 'bonus',
    summary: 'give a partner something beside what it earns',
    load: async () => await import('./commands/bonus/index.ts'),
  },
  {
    name: 'approval',
    summary: 'what was asked for, and the second person’s answer',
    load: async () => await import('./commands/approval/index.ts'),
  },
  {
    name: 'earnings',
    summary: 'posted entries with their status, listed and exported',
    load: async () => await import('./commands/earnings/index.ts'),
  },
  {
    name: 'instrument',
    summary: 'where partners are paid: added, verified by a second person, sealed',
    load: async () => await import('./commands/instrument/index.ts'),
  },
  {
    name: 'keys',
    summary: 'the keys that seal account data',
    load: async () => await import('./commands/keys/index.ts'),
  },
  {
    name: 'schedule',
    summary: 'when partners are paid: how often, reviewed and submitted how late',
    load: async () => await import('./commands/schedule/index.ts'),
  },
  {
    name: 'holiday',
    summary: 'days that the programme calls closed, or open, for payouts',
    load: async () => await import('./commands/holiday/index.ts'),
  },
  {
    name: 'deduction',
    summary: 'what is taken off payouts: tax that is withheld, fees of transfers',
    load: async () => await import('./commands/deduction/index.ts'),
  },
  {
    name: 'tax-mode',
    summary: 'partners whose invoices the operator writes, and the VAT on them',
    load: async () => await import('./commands/tax-mode/index.ts'),
  },
  {
    name: 'invoice',
    summary: 'self-billed invoices of completed payouts, and credit notes',
    load: async () => await import('./commands/invoice/index.ts'),
  },
  {
    name: 'rail',
    also: ['rail-profile'],
    summary: 'how payouts leave: files for banks, calls to providers, and who pays',
    load: async () => await import('./commands/rail/index.ts'),
  },
  {
    name: 'payout',
    summary: 'payout runs: netted, approved by a second person, paid by file or register',
    load: async () => await import('./commands/payout/index.ts'),
  },
  {
    name: 'payable',
    summary: 'what is owed to partners, by when it may be paid',
    load: async () => await import('./commands/payable/index.ts'),
  },
  {
    name: 'webhook',
    summary: 'what providers tell of payouts by webhooks: proved, and taken in once',
    load: async () => await import('./commands/webhook/index.ts'),
  },
  {
    name: 'notice',
    summary: 'what partners are told of payouts by e-mail, each sent once',
    load: async () => await import('./commands/notice/index.ts'),
  },
  {
    name: 'tax',
    summary: 'what partners were paid in a tax year, for who has to be reported',
    load: async () => await import('./commands/tax/index.ts'),
  },
  {
    name: 'tax-threshold',
    summary: 'from which total of a tax year partners are reported',
    load: async () => await import('./commands/tax-threshold/index.ts'),
  },
  {
    name: 'export',
    summary: 'exported files: proved, repeated, described',
    load: async () => await import('./commands/export/index.ts'),
  },
  {
    name: 'ledger',
    summary: 'the ledger as a whole: accounts, transfers, trial balance, journals, book hash',
    load: async () => await import('./commands/ledger/index.ts'),
  },
  {
    name: 'doctor',
    summary: 'prove every invariant of the books',
    load: async () => await import('./commands/doctor/index.ts'),
  },
  {
    name: 'status',
    summary: 'where the books are, what is in them, what to do next',
    load: async () => await import('./commands/status/index.ts'),
  },
  {
    name: 'db',
    summary: 'the database: server, roles, migrations, checks',
    load: async () => await import('./commands/db/index.ts'),
  },
  {
    name: 'config',
    summary: 'what this tool is configured to do, and where that was said',
    load: async () => await import('./commands/config/index.ts'),
  },
  {
    name: 'complete',
    summary: 'words completed by the shell: nouns, verbs, options, codes',
    load: async () => await import('./commands/complete/index.ts'),
  },
  {
    name: 'version',
    summary: 'the version of this tool and what it runs on',
    load: async () => await import('./commands/version/index.ts'),
  },
];
