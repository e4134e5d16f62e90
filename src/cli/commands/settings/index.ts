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
import { settingRows } from './rows.ts';
import { set } from './set.ts';

const at = option('--at <date>', 'as it is on this day (default today)', { read: parseDate });

const list = listCommand({
  ...settingRows,
  summary: 'list what the programme has set, since when and by whom',
  filters: { at },
  paged: false,
  query: async (ctx, filter) => await listSettings(ctx, filter.at),
  examples: [{ command: 'settings list' }, { command: 'settings list --at 2026-10-31 --json' }],
});

const v = columnsOf<SettingVersion>();

const get = showCommand<SettingDetails, { at: typeof at }, SettingKey>({
  ...settingRows,
  verb: 'get',
  summary: 'show one setting, and every version it ever had',
  argument: argument('KEY', 'the setting', { choices: SETTING_KEYS, ask: { message: 'Setting:' } }),
  options: { at },
  sections: [
    section(
      'versions',
      [
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
  find: async (ctx, key, options) => await getSetting(ctx, key, options.at),
  examples: [{ command: 'settings get hold_days' }, { command: 'settings get minimum_payout --at 2026-10-31 --json' }],
});

export const commands: readonly Command[] = [list, get, set];
