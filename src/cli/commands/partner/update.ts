import { parseDate } from '../../../domain/dates.ts';
import { today } from '../../../services/today.ts';
import { updatePartner } from '../../../services/partner/update-partner.ts';
import { currencyReading } from '../../currency-reading.ts';
import { mutation } from '../../mutation.ts';
import { argument, flag, option, readText } from '../../parameters.ts';
import { oneAcme, orNothing, readContractDate, readEmail } from './parameters.ts';
import { partnerRows } from './rows.ts';
import { UsageError } from '../../../domain/errors.ts';

const cleared = "; '' takes it away";

export const update = mutation({
  rows: partnerRows,
  verb: 'update',
  summary: 'change what a partner is called and where it is reached',
  description:
    'Changes what is given. Code, type and house never change; status and tier have commands of their own. Another parent ' +
    'is a dated version: before --from it stands where it stood. A day is refused from which on sales are decided that pay ' +
    'those above, and so is a circle, or more levels than the setting partner_levels has.',
  parameters: {
    code: argument('CODE', 'the partner'),
    name: option('--name <text>', 'its name'),
    currency: option('--currency <code>', 'what it is paid in by default', { read: currencyReading.read }),
    email: option('--email <address>', `where to write to${cleared}`, { read: orNothing(readEmail) }),
    company: option('--company <text>', `its legal name${cleared}`, {
      read: orNothing((text) => readText(text, '--company')),
    }),
    contact: option('--contact <text>', `the person to speak to${cleared}`, {
      read: orNothing((text) => readText(text, '--contact')),
    }),
    contractFrom: option('--contract-from <date>', `first day of the contract${cleared}`, {
      read: orNothing(readContractDate),
    }),
    contractTo: option('--contract-to <date>', `first day after the contract${cleared}`, {
      read: orNothing(readContractDate),
    }),
    parent: option('--parent <code>', 'the partner that a reseller stands under'),
    noParent: flag('--no-parent', 'it stands under nobody'),
    from: option('--from <date>', 'of --parent or --no-parent: first day; default today', { read: parseDate }),
  },
  examples: [
    { command: 'partner update acme --email partners@acme.example --contact "Ada Byron"', setup: oneAcme },
    { command: 'partner update acme --contract-to 2027-01-01 --dry-run', setup: oneAcme },
    {
      command: 'partner update acme-north --parent acme --from 2027-01-01',
      setup: [...oneAcme, 'partner create acme-north --name "Acme North" --type reseller --currency EUR'],
    },
  ],
  async run(ctx, { code, parent, noParent, from, ...update }, say) {
    if (parent !== undefined && noParent) {
      throw new UsageError('parent_twice', '--parent and --no-parent exclude each other');
    }
    const moves = parent !== undefined || noParent;
    if (from !== undefined && !moves) {
      throw new UsageError('from_unasked', '--from is the first day of --parent or --no-parent, and neither is given');
    }
    if (!moves && Object.values(update).every((value) => value === undefined)) {
      throw new UsageError('nothing_given', 'what is to change?', {
        hint: '`revshare partner update --help` lists what may',
      });
    }
    const { partner, changed } = await updatePartner(ctx, code, {
      ...update,
      place: moves ? { parent: parent ?? null, from: from ?? today(ctx) } : undefined,
    });
    if (!changed) say(`partner ${code} is like this already: nothing changed`);
    return partner;
  },
  done: (row) => `partner ${row.code} is up to date`,
});
