import { parseDate } from '../../../domain/dates.ts';
import {
  getSetting,
  listSettings,
  SETTING_KEYS,
  type SettingDetails,
  type SettingKey,
  type SettingVersion,
} from '../../../services/settings/list-settings.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, option } from '../../parameters.ts';
import { ownDays } from './example.ts';
import { settingRows } from './rows.ts';
import { set } from './set.ts';

const instance = option('--instance <code>', 'what is in force at this instance: its own, else the programme’s');
const at = option('--at <date>', 'as it is on this day (default today)', { read: parseDate });

const list = listCommand({
  ...settingRows,
  summary: 'list what the programme or an instance has set, since when and by whom',
  description:
    'Lists what the settings say on a day, since when and by whom. With --instance it is what is in force there: what the ' +
    'instance says for itself goes before what the programme says, and the scope tells which it is.',
  filters: { instance, at },
  paged: false,
  query: async (ctx, filter) => await listSettings(ctx, filter),
  examples: [
    { command: 'settings list' },
    { command: 'settings list --at 2026-10-31 --json' },
    { command: 'settings list --instance acme-shop', setup: ownDays },
  ],
});

const v = columnsOf<SettingVersion>();

const get = showCommand<SettingDetails, { instance: typeof instance; at: typeof at }, SettingKey>({
  ...settingRows,
  verb: 'get',
  summary: 'show one setting, and every version it ever had',
  argument: argument('KEY', 'the setting', { choices: SETTING_KEYS, ask: { message: 'Setting:' } }),
  options: { instance, at },
  sections: [
    section(
      'versions',
      [
        v.code('scope', (row) => row.scope),
        v.text('value', (row) => row.value),
        v.date('from', (row) => row.from),
        v.date('to', (row) => row.to),
        v.number('known_seq', (row) => row.knownSeq),
        v.number('retired_seq', (row) => row.retiredSeq),
        v.actor('set_by', (row) => row.setBy),
        v.instant('set_at', (row) => row.setAt),
      ],
      (row) => row.versions,
    ),
  ],
  find: async (ctx, key, options) => await getSetting(ctx, key, options),
  examples: [
    { command: 'settings get hold_days' },
    { command: 'settings get minimum_payout --at 2026-10-31 --json' },
    { command: 'settings get hold_days --instance acme-shop', setup: ownDays },
  ],
});

export const commands: readonly Command[] = [list, get, set];
