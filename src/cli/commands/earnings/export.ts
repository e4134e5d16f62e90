import { ENTRY_STATUSES } from '../../../domain/entry-statuses.ts';
import { afterAccrual } from '../../example-books.ts';
import { exportCommand } from '../../export-command.ts';

export const exportEarnings = exportCommand({
  name: 'earnings',
  summary: 'write the entries of a period to a file that can be proved and repeated',
  rows: 'One row an entry whose posting date lies in the period, decisions of zero included.',
  dated: 'posting dates',
  statuses: ENTRY_STATUSES,
  examples: [
    afterAccrual('earnings export --period 2026-10 --out october.csv'),
    afterAccrual('earnings export --period 2026-10 --partner acme --format ndjson --out acme.ndjson'),
    afterAccrual('earnings export --period 2026-10 --format xlsx --out october.xlsx'),
    afterAccrual('earnings export --period 2026-10 --excel --locale de --out oktober.csv'),
    afterAccrual('earnings export --period 2026-10 --out -'),
  ],
});
