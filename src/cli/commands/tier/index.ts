import { parseDate } from '../../../domain/dates.ts';
import { listProposals } from '../../../services/tier/list-evaluations.ts';
import { listTierTerms, showTier, type TierDetails } from '../../../services/tier/list-tiers.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { section } from '../../output/printer.ts';
import { option } from '../../parameters.ts';
import { evaluated } from './example.ts';
import { explain, forecast, history } from './explain.ts';
import { approve, pin, unpin } from './pin.ts';
import { recalc } from './recalc.ts';
import { evaluationRows, tier, tierRows } from './rows.ts';
import { seed, set } from './set.ts';

const at = option('--at <date>', 'as it is on this day (default today)', { read: parseDate });

const list = listCommand({
  ...tierRows,
  summary: 'list the tiers: what each asks for a month, pays and gives',
  filters: { at },
  paged: false,
  query: async (ctx, filter) => await listTierTerms(ctx, filter.at),
  examples: [{ command: 'tier list' }, { command: 'tier list --at 2026-10-31 --json' }],
});

const HISTORY = new Set(['tier', 'name', 'rank', 'rate']);
const show = showCommand<TierDetails, { at: typeof at }>({
  ...tierRows,
  summary: 'show one tier, and every version of what it asks and gives',
  argument: tier,
  options: { at },
  sections: [
    section(
      'versions',
      tierRows.columns.filter(({ name }) => !HISTORY.has(name)),
      (row) => row.versions,
    ),
  ],
  find: async (ctx, code, options) => await showTier(ctx, code, options.at),
  examples: [{ command: 'tier show gold' }, { command: 'tier show gold --json' }],
});

const proposals = listCommand({
  ...evaluationRows,
  plural: 'proposals',
  verb: 'proposals',
  summary: 'list the moves that evaluations recommend and nobody approved yet',
  filters: {},
  query: async (ctx, _, page) => await listProposals(ctx, page),
  whenEmpty: '`revshare settings set tier_mode recommend` makes evaluations propose',
  examples: [evaluated('tier proposals', 'settings set tier_mode recommend --from 2026-01-01')],
});

export const commands: readonly Command[] = [
  list,
  show,
  set,
  seed,
  recalc,
  proposals,
  approve,
  explain,
  history,
  forecast,
  pin,
  unpin,
];
