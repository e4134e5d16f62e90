import { PARTNER_STATUSES } from '../../../domain/partner-status.ts';
import { listPartners, showPartner, type PartnerDetails } from '../../../services/partner/list-partners.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { option } from '../../parameters.ts';
import { create } from './create.ts';
import { dashboard, metrics } from './dashboard.ts';
import { oneAcme, PARTNER_TYPES } from './parameters.ts';
import { partnerRows } from './rows.ts';
import { activate, archive, freeze } from './status.ts';
import { update } from './update.ts';

const list = listCommand({
  ...partnerRows,
  filters: {
    status: option('--status <status>', 'only those', { choices: PARTNER_STATUSES }),
    type: option('--type <type>', 'only those', { choices: PARTNER_TYPES }),
    tier: option('--tier <tier>', 'of this tier today'),
    tenant: option('--tenant <code>', 'who earn now at an instance of this tenant'),
  },
  query: async (ctx, filter, page) => await listPartners(ctx, filter, page),
  whenEmpty: '`revshare partner create CODE --name NAME --type TYPE --currency CODE` makes one',
  examples: [
    { command: 'partner list', setup: oneAcme },
    { command: 'partner list --status active --type reseller --json', setup: oneAcme },
  ],
});

type StatusChange = PartnerDetails['statuses'][number];
type Agreement = PartnerDetails['agreements'][number];
type Link = PartnerDetails['hierarchy'][number];
const status = columnsOf<StatusChange>();
const agreement = columnsOf<Agreement>();
const link = columnsOf<Link>();
const next = columnsOf<PartnerDetails['nextPayout'][number]>();

const show = showCommand<PartnerDetails>({
  ...partnerRows,
  sections: [
    section(
      'statuses',
      [
        status.code('status', (row) => row.status),
        status.instant('recorded_at', (row) => row.recordedAt),
        status.actor('created_by', (row) => row.createdBy),
      ],
      (row) => row.statuses,
    ),
    section(
      'agreements',
      [
        agreement.code('instance', (row) => row.instance),
        agreement.date('from', (row) => row.valid.from),
        agreement.date('to', (row) => row.valid.to),
        agreement.number('known_seq', (row) => row.knownSeq),
      ],
      (row) => row.agreements,
    ),
    section(
      'hierarchy',
      [
        link.code('partner', (row) => row.partner),
        link.code('under', (row) => row.parent),
        link.date('from', (row) => row.valid.from),
        link.date('to', (row) => row.valid.to),
        link.number('known_seq', (row) => row.knownSeq),
      ],
      (row) => row.hierarchy,
    ),
    section(
      'next_payout',
      [
        next.date('cutoff', (row) => row.cutoff),
        next.date('submit_on', (row) => row.submitOn),
        next.code('frequency', (row) => row.frequency),
      ],
      (row) => row.nextPayout,
    ),
  ],
  find: showPartner,
  examples: [{ command: 'partner show acme', setup: oneAcme }],
});

export const commands: readonly Command[] = [create, list, show, dashboard, metrics, update, freeze, activate, archive];
