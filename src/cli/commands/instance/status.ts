import { parseDate } from '../../../domain/dates.ts';
import {
  previewSuspension,
  resumeInstance,
  suspendInstance,
  type Affected,
  type StatusChange,
} from '../../../services/instance/suspend-instance.ts';
import type { InstanceRow } from '../../../services/instance/list-instances.ts';
import type { Subscription } from '../../../services/subscription/list-subscriptions.ts';
import { instanceChoices } from '../../choices.ts';
import type { Invocation } from '../../command.ts';
import { confirmOption, confirmTyped } from '../../confirmation.ts';
import type { NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, option, requiredOption } from '../../parameters.ts';
import { instanceRows, soldThere } from './rows.ts';

const c = columnsOf<StatusChange>();
const m = columnsOf<Affected>();
const i = columnsOf<InstanceRow>();
const s = columnsOf<Subscription>();

/** What becomes of an instance, with what that touches. */
const changeRows: NounRows<StatusChange> = {
  ...instanceRows,
  columns: [
    c.code('code', (row) => row.code),
    c.code('tenant', (row) => row.tenant),
    c.code('partner', (row) => row.partner),
    c.code('status', (row) => row.status),
    c.date('effective_on', (row) => row.effectiveOn),
    c.text('reason', (row) => row.reason),
  ],
};

const sections = (concerned: string) => [
  section<StatusChange, Affected>(
    'money',
    [
      m.code('currency', (row) => row.currency),
      m.money('balance', (row) => row.balance),
      m.money('month_revenue', (row) => row.periodRevenue),
      m.money('pending', (row) => row.pending),
      m.money('held', (row) => row.held),
      m.money(concerned, (row) => row.concerned),
    ],
    (row) => row.money,
  ),
  section<StatusChange, InstanceRow>(
    'siblings_untouched',
    [
      i.code('instance', (row) => row.code),
      i.code('partner', (row) => row.partner),
      i.code('status', (row) => row.status),
    ],
    (row) => row.siblings,
  ),
  section<StatusChange, Subscription>(
    'subscriptions_still_charged',
    [
      s.code('subscription', (row) => row.code),
      s.code('plan', (row) => row.plan),
      s.code('status', (row) => row.status),
    ],
    (row) => row.subscriptions,
  ),
];

const code = argument<string>('CODE', 'the instance', { ask: { message: 'Instance:', choices: instanceChoices } });
const reason = requiredOption('--reason <text>', 'why, for the record', { ask: { message: 'Reason:' } });

export const suspend = mutation({
  rows: changeRows,
  sections: sections('held_by_this'),
  previews: true,
  verb: 'suspend',
  summary: 'hold what an instance earns from a day on',
  description:
    'Suspends an instance: what its events earn from --from on accrues as held and is paid when it is resumed. What was ' +
    'earned before goes on as it was; its tenant, the tenant’s other instances and its subscriptions are not touched. ' +
    'What it touches is shown first: the open balance of its wallets, the revenue of this month, what is pending and ' +
    'held, and what of it this concerns. The code is typed again, or given by --confirm.',
  parameters: {
    code,
    reason,
    from: option('--from <date>', "first day whose events earn as held; default today in the programme's zone", {
      read: parseDate,
    }),
    confirm: confirmOption(),
  },
  examples: [
    { command: 'instance suspend acme-shop --reason "invoice unpaid" --confirm acme-shop', setup: soldThere },
    {
      command: 'instance suspend acme-shop --from 2026-10-01 --reason "chargebacks" --dry-run',
      setup: soldThere,
    },
  ],
  async prepare(invocation, input) {
    if (invocation.dryRun) return;
    const change = await previewSuspension(await invocation.context(), input.code, input.from);
    await showImpact(invocation, change);
    await confirmTyped(invocation, input.code, input.confirm, `Suspend ${input.code}?`);
    // What was shown is what is done, also when the answer took until tomorrow.
    return { ...input, from: change.effectiveOn };
  },
  run: async (ctx, input) => await suspendInstance(ctx, input),
  done: (row) => `suspended instance ${row.code}: what it earns from ${row.effectiveOn} on is held`,
});

export const resume = mutation({
  rows: changeRows,
  sections: sections('released'),
  previews: true,
  verb: 'resume',
  summary: 'release what was held of a suspended instance',
  description:
    'Resumes a suspended instance. What was held for the suspension is released and paid like everything else; what is ' +
    'held for other reasons stays held.',
  parameters: { code, reason },
  examples: [
    {
      command: 'instance resume acme-shop --reason "paid"',
      setup: [...soldThere, 'instance suspend acme-shop --reason "invoice unpaid" --confirm acme-shop'],
    },
  ],
  run: async (ctx, input) => await resumeInstance(ctx, input),
  done: (row) => `instance ${row.code} is ${row.status}: what was held for the suspension is released`,
});

/** Said on stderr, before anybody is asked. */
async function showImpact(invocation: Invocation, change: StatusChange): Promise<void> {
  const { code: instance, tenant, effectiveOn, money, siblings, subscriptions } = change;
  const listed = (all: readonly { readonly code: string }[]): string =>
    all.length === 0 ? 'none' : all.map((one) => one.code).join(', ');
  await invocation.note(`suspending ${instance} from ${effectiveOn} on`);
  for (const { currency, balance, periodRevenue, pending, held, concerned } of money) {
    await invocation.note(
      `  ${currency}: balance ${balance}, revenue of this month ${periodRevenue}, pending ${pending}, held ${held}; ` +
        `${concerned} earned since is held by this`,
    );
  }
  await invocation.note(`  untouched: tenant ${tenant}; its other instances: ${listed(siblings)}`);
  if (subscriptions.length > 0) await invocation.note(`  subscriptions still charged: ${listed(subscriptions)}`);
}
