import type { Setting } from '../../../services/settings/list-settings.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';

const c = columnsOf<Setting>();

/** A setting as it is on some day, for the programme or at an instance. */
export const settingRows: NounRows<Setting> = {
  noun: 'setting',
  plural: 'settings',
  id: (row) => row.key,
  columns: [
    c.code('key', (row) => row.key),
    c.text('value', (row) => row.value),
    c.code('scope', (row) => row.scope),
    c.date('from', (row) => row.from),
    c.date('to', (row) => row.to),
    c.number('known_seq', (row) => row.knownSeq, { aside: true }),
    c.actor('set_by', (row) => row.setBy),
    c.instant('set_at', (row) => row.setAt),
    c.text('about', (row) => row.about, { detail: true }),
  ],
};
