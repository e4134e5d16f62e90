import {
  listInstances,
  showInstance,
  type AgreementRow,
  type InstanceDetails,
} from '../../../services/instance/list-instances.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { option } from '../../parameters.ts';
import { create } from './create.ts';
import { instanceRows, oneShop } from './rows.ts';

const list = listCommand({
  ...instanceRows,
  filters: {
    tenant: option('--tenant <code>', 'only those of this tenant'),
    partner: option('--partner <code>', 'only those where this partner earns now'),
    status: option('--status <status>', 'only those', { choices: ['active', 'suspended'] as const }),
  },
  query: async (ctx, filter, page) => await listInstances(ctx, filter, page),
  whenEmpty: '`revshare instance create CODE --tenant T --partner P --name NAME` makes one',
  examples: [
    { command: 'instance list', setup: oneShop },
    { command: 'instance list --partner acme -o id', setup: oneShop },
  ],
});

const c = columnsOf<AgreementRow>();

const show = showCommand<InstanceDetails>({
  ...instanceRows,
  description: 'Shows an instance: its founding partner, who earns there now, and every agreement so far.',
  sections: [
    section(
      'agreements',
      [
        c.code('partner', (row) => row.partner),
        c.date('from', (row) => row.valid.from),
        c.date('to', (row) => row.valid.to),
        c.number('known_seq', (row) => row.knownSeq),
        c.actor('created_by', (row) => row.createdBy),
        c.instant('recorded_at', (row) => row.recordedAt),
      ],
      (row) => row.agreements,
    ),
  ],
  find: showInstance,
  examples: [{ command: 'instance show acme-shop', setup: oneShop }],
});

export const commands: readonly Command[] = [create, list, show];
