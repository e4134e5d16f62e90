import { UsageError } from '../../../domain/errors.ts';
import { RAILS } from '../../../domain/rail-names.ts';
import { namesOf } from '../../../formats/fields.ts';
import { rails } from '../../../rails/rails.ts';
import {
  listRails,
  setRailProfile,
  showRail,
  type RailHistory,
  type RailView,
} from '../../../services/rail/rail-profiles.ts';
import type { Command, Example } from '../../command.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, repeatedArgument } from '../../parameters.ts';

const c = columnsOf<RailView>();
const railRows: NounRows<RailView> = {
  noun: 'rail',
  plural: 'rails',
  id: (row) => row.rail,
  columns: [
    c.code('rail', (row) => row.rail),
    c.number('version', (row) => row.version),
    c.code('calendar', (row) => row.calendar),
    c.text('profile', (row) => row.profile),
    c.text('about', (row) => row.about, { aside: true }),
    c.actor('set_by', (row) => row.setBy, { detail: true }),
    c.instant('set_at', (row) => row.setAt, { detail: true }),
  ],
};

const rail = argument('RAIL', 'the rail', { choices: RAILS, ask: { message: 'Rail:' } });
const SET = 'rail set sepa "name=Northwind AG" iban=DE02120300000000202051';
const whenSet = (command: string): Example => ({ command, setup: [SET] });

const list = listCommand({
  ...railRows,
  summary: 'list the rails by which payouts leave, and their profiles',
  description:
    'A payout leaves by the first of them that has a profile and pays to its instrument: as a file for a bank or a provider, or ' +
    'by a call to a provider, which goes before a file for the same account. Every other is paid by hand, from the register.',
  filters: {},
  paged: false,
  query: async (ctx) => await listRails(ctx),
  examples: [{ command: 'rail list' }, { command: 'rail list --json' }],
});

const show = showCommand<RailHistory, Record<never, never>, (typeof RAILS)[number]>({
  ...railRows,
  summary: 'show a rail, and every profile it ever had',
  argument: rail,
  sections: [
    section(
      'versions',
      railRows.columns.filter(({ name }) => name !== 'rail' && name !== 'about'),
      (row) => row.versions,
    ),
  ],
  find: async (ctx, name) => await showRail(ctx, name),
  examples: [whenSet('rail show sepa')],
});

/** @throws UsageError `field_invalid`, `given_twice` */
function readField(text: string): readonly [string, string | null] {
  const [, name, value] = /^([a-z_]+)=(.*)$/s.exec(text.trim()) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError('field_invalid', `'${text.trim().slice(0, 60)}' is no field`, {
      hint: 'write it as "name=Northwind AG"; name=none takes it away',
    });
  }
  return [name, value === 'none' ? null : value];
}

const FIELDS = rails
  .map(({ name, about, fields }) => {
    const lines = fields.map((field) => `    ${namesOf([field])[0]!.padEnd(17)}  ${field.about}`);
    return [`  ${name}: ${about}`, ...lines].join('\n');
  })
  .join('\n');

const set = mutation({
  rows: railRows,
  verb: 'set',
  summary: 'say who pays by a rail: its profile',
  description: [
    'Says fields of a profile; the others stay as they are, and FIELD=none takes one away. From then on what the rail pays to ' +
      'leaves by it. Files that were written before are made again by the profile they were written by. The secrets of rails that ' +
      'call a provider stand in a file of their own (`config list` names it), a table a rail: [stripe], secret = "…".',
    FIELDS,
  ].join('\n\n'),
  parameters: {
    rail,
    fields: repeatedArgument<readonly [string, string | null]>('FIELD=VALUE', 'what it is to say', { read: readField }),
  },
  examples: [
    { command: SET },
    whenSet('rail set sepa bic=COBADEFFXXX cutoff_hour=14 --dry-run'),
    {
      command:
        'rail set nacha bank_routing=021000021 "bank_name=First Bank" origin_id=1234567890 "origin_name=Northwind Inc" company_id=1234567890 company_name=Northwind odfi=021000021',
    },
    { command: 'rail set wise source_currency=EUR' },
    { command: 'rail set paypal decimal=.' },
    { command: 'rail set stripe account=acct_1Northwind mode=test' },
    { command: 'rail set razorpayx key_id=rzp_test_northwind account_number=7878780080316316' },
  ],
  async run(ctx, { rail: name, fields }) {
    const given = Object.fromEntries(fields);
    if (Object.keys(given).length < fields.length) {
      throw new UsageError('given_twice', 'a field is given twice, and one of the two is a mistake');
    }
    return await setRailProfile(ctx, name, given);
  },
  done: (row) => `set ${row.rail}, version ${row.version}: what it pays to leaves by it`,
});

export const commands: readonly Command[] = [list, show, set];
