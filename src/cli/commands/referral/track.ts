import { importClicks, type ClicksImported } from '../../../services/referral/import-clicks.ts';
import { trackReferral } from '../../../services/referral/track-referral.ts';
import { referralCodeChoices } from '../../choices.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { rowImport } from '../../row-import.ts';
import { argument, option } from '../../parameters.ts';
import { withCode } from './example.ts';
import { referralRows } from './rows.ts';

export const track = mutation({
  rows: referralRows,
  verb: 'track',
  summary: 'track a click on a code, or a lead that a partner names',
  description:
    'The first click of a visitor makes a referral; what the visitor clicks on while that is open touches it, another ' +
    'partner’s code too; the same code on the same day again adds nothing. A visitor is who --visitor says, else the e-mail ' +
    'address, else browser and address; of an address and a visitor only hashes are kept, by a key that nobody can read. ' +
    'Source and campaign are utm_source and utm_campaign of the landing page, else the host that it came from and the ' +
    'campaign of the code. A partner does not refer itself.',
  parameters: {
    code: argument('CODE', 'what was clicked on', { ask: { message: 'Code:', choices: referralCodeChoices } }),
    landingUrl: option('--landing <url>', 'the page that it led to'),
    referrerUrl: option('--referrer <url>', 'the page that it stood on'),
    ip: option('--ip <address>', 'where it came from; kept as a hash'),
    userAgent: option('--user-agent <text>', 'the browser'),
    visitor: option('--visitor <id>', 'what the cookie says; kept as a hash'),
    at: option('--at <time>', "ISO 8601; without an offset in the programme's zone; default now"),
    name: option('--name <text>', 'who it is'),
    company: option('--company <text>', 'of which company'),
    email: option('--email <address>', 'where to write to'),
  },
  previews: true,
  examples: [
    {
      command:
        'referral track ACME1234 --landing https://northwind.example/pricing --referrer https://acme.example/partners --ip 203.0.113.42 --user-agent "Mozilla/5.0"',
      setup: withCode,
    },
    {
      command: 'referral track ACME1234 --name "Jane Roe" --company "Roe & Sons" --email jane@roe.example --dry-run',
      setup: withCode,
    },
  ],
  async run(ctx, input, say) {
    const { referral, outcome } = await trackReferral(ctx, input);
    if (outcome === 'repeated') say(`this visitor clicked on ${input.code} that day already: nothing changed`);
    if (outcome === 'touch')
      say(`the visitor is referral ${referral.id} already: this is its touch ${referral.touches}`);
    return referral;
  },
  done: (row) => `referral ${row.id} of ${row.partner} is ${row.status}`,
});

const c = columnsOf<ClicksImported>();

export const importCommand = rowImport<ClicksImported>({
  typed: 'referral',
  noun: 'clicks',
  summary: 'import a click log as CSV or NDJSON, all of it or none',
  columnsTold: 'with the columns `code` and `clicked_at`, and of the others at least `visitor` or `ip`',
  told: 'What becomes of a click, `referral track --help` tells. The same log twice adds nothing.',
  example: `code,clicked_at,landing_url,referrer_url,ip,user_agent,visitor
ACME1234,2026-11-02T10:15:00Z,https://northwind.example/?utm_source=newsletter,,203.0.113.42,Mozilla/5.0,v-1
ACME1234,2026-11-09T08:00:00Z,https://northwind.example/,https://blog.example/review,203.0.113.42,Mozilla/5.0,v-1
`,
  wrongRow: 'NOBODY,2026-11-10,,,198.51.100.7,,',
  setup: withCode,
  counted: [
    c.number('referrals', (row) => row.referrals),
    c.number('touches', (row) => row.touches),
    c.number('repeated', (row) => row.repeated),
  ],
  besides: [c.date('first_date', (row) => row.firstDate), c.date('last_date', (row) => row.lastDate)],
  run: importClicks,
  done: ({ file, touches, referrals }) =>
    touches === 0 ? `nothing new in ${file}` : `clicks imported: ${touches}; referrals begun: ${referrals}`,
});
