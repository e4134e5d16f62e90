import { parseCode } from '../../../domain/codes.ts';
import { createPlan } from '../../../services/plan/create-plan.ts';
import { listPlans, type PlanRow } from '../../../services/plan/list-plans.ts';
import { showPlan, type PlanDetails } from '../../../services/plan/show-plan.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, option, requiredOption } from '../../parameters.ts';
import { priceColumns } from '../../price-columns.ts';

const c = columnsOf<PlanRow>();

/** What is subscribed to. */
const planRows: NounRows<PlanRow> = {
  noun: 'plan',
  plural: 'plans',
  id: (row) => row.code,
  columns: [
    c.code('code', (row) => row.code),
    c.text('name', (row) => row.name),
    c.code('product', (row) => row.product),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

const setup = [
  'plan create pro --name "Pro"',
  'price-book set pro/monthly --currency EUR --wholesale 12.00 --list 20.00 --from 2026-01-01',
];

const create = mutation({
  rows: planRows,
  verb: 'create',
  summary: 'make a plan that instances and accounts subscribe to',
  description:
    'Makes a plan. What it costs is said by `price-book set`. With --product it is the plan of that product alone: a ' +
    'sale of another product finds no subscription of it.',
  parameters: {
    code: argument('CODE', 'what you will type for it, for ever', { read: parseCode }),
    name: requiredOption('--name <text>', 'its name'),
    product: option('--product <code>', 'what events of it name; it may be unknown so far'),
  },
  examples: [
    { command: 'plan create pro --name "Pro"' },
    { command: 'plan create crm-basic --name "CRM Basic" --product crm --dry-run' },
  ],
  run: async (ctx, input) => await createPlan(ctx, input),
  done: (row) => `created plan ${row.code}`,
});

const list = listCommand({
  ...planRows,
  filters: {},
  query: async (ctx, _filter, page) => await listPlans(ctx, page),
  whenEmpty: '`revshare plan create CODE --name NAME` makes one',
  examples: [
    { command: 'plan list', setup },
    { command: 'plan list --json', setup },
  ],
});

const show = showCommand<PlanDetails>({
  ...planRows,
  summary: 'show one plan, and what it costs where, today and later',
  sections: [section('prices', priceColumns.slice(2), (row) => row.prices)],
  find: async (ctx, code) => await showPlan(ctx, code),
  examples: [{ command: 'plan show pro', setup }],
});

export const commands: readonly Command[] = [create, list, show];
