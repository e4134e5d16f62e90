import { INSTRUMENT_KINDS, INSTRUMENT_STANDINGS } from '../../../domain/instruments.ts';
import { listInstruments } from '../../../services/instrument/show-instrument.ts';
import type { Command } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { listCommand } from '../../listing.ts';
import { flag, option } from '../../parameters.ts';
import { add } from './add.ts';
import { retire, verify } from './change.ts';
import { whenAdded } from './example.ts';
import { instrumentRows } from './rows.ts';
import { show } from './show.ts';

const list = listCommand({
  ...instrumentRows,
  summary: 'list where partners are paid, and what is not verified yet',
  filters: {
    partner: option('--partner <code>', 'of this partner'),
    currency: option('--currency <code>', 'in this currency', { read: readCurrency }),
    kind: option('--kind <kind>', 'of this kind', { choices: INSTRUMENT_KINDS }),
    standing: option('--standing <standing>', 'that stand so', { choices: INSTRUMENT_STANDINGS }),
    all: flag('--all', 'also versions that gave way'),
  },
  query: async (ctx, { all, ...filter }, page) => await listInstruments(ctx, { ...filter, current: !all }, page),
  whenEmpty: 'everybody is paid by hand; `revshare instrument add` says where else',
  examples: [
    whenAdded('instrument list'),
    whenAdded('instrument list --standing unverified -o id'),
    whenAdded('instrument list --partner acme --all --json'),
  ],
});

export const commands: readonly Command[] = [add, list, show, verify, retire];
