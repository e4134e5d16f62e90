import { updatePartner } from '../../../services/partner/update-partner.ts';
import { currencyReading } from '../../currency-reading.ts';
import { mutation } from '../../mutation.ts';
import { argument, option, readText } from '../../parameters.ts';
import { oneAcme, orNothing, readContractDate, readEmail } from './parameters.ts';
import { partnerRows } from './rows.ts';
import { UsageError } from '../../../domain/errors.ts';

const cleared = "; '' takes it away";

export const update = mutation({
  rows: partnerRows,
  verb: 'update',
  summary: 'change what a partner is called and where it is reached',
  description:
    'Changes what is given. Code, type and house never change; status, tier and parent have commands of their own.',
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
  },
  examples: [
    { command: 'partner update acme --email partners@acme.example --contact "Ada Byron"', setup: oneAcme },
    { command: 'partner update acme --contract-to 2027-01-01 --dry-run', setup: oneAcme },
  ],
  async run(ctx, { code, ...update }, say) {
    if (Object.values(update).every((value) => value === undefined)) {
      throw new UsageError('nothing_given', 'what is to change?', {
        hint: '`revshare partner update --help` lists what may',
      });
    }
    const { partner, changed } = await updatePartner(ctx, code, update);
    if (!changed) say(`partner ${code} is like this already: nothing changed`);
    return partner;
  },
  done: (row) => `partner ${row.code} is up to date`,
});
