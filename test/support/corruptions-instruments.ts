import { partner, type Corruption } from './corruptions.ts';

/** Acme's account in EUR, verified before anything was paid; `over` says what of it is otherwise. */
const made = (over: { version?: number; kind?: string; usableOn?: string; verifier?: string; at?: string } = {}) => `
  insert into instruments (id, partner_id, currency, version, kind, mask, usable_on, created_by, recorded_at) overriding system value
  values (901, ${partner('acme')}, 'EUR', ${over.version ?? 1}, '${over.kind ?? 'iban'}', 'DE89…3000', '${over.usableOn ?? '2026-01-01'}', 'maker', '${over.at ?? '2026-01-01'}');
  insert into instrument_seals (instrument_id, key_id, sealed, created_by, recorded_at)
  values (901, '0123456789ab', decode(repeat('00', 40), 'hex'), 'maker', '2026-01-01');
  insert into instrument_verifications (instrument_id, created_by, recorded_at) values (901, '${over.verifier ?? 'checker'}', '${over.at ?? '2026-01-01'}');`;
const PAID_TO_IT = `update payouts set instrument_id = 901 where partner_id = ${partner('acme')};`;

/** A file of one payout of acme's, of its amount but for `more`, said to have left by a posting. */
const filed = (more: number, posting = 'c.posting_id') => `
  insert into rail_profiles (id, rail, version, profile, created_by, recorded_at) overriding system value values (902, 'sepa', 1, '{}', 'x', now());
  insert into payout_files (id, posting_id, rail_profile_id, currency, part, name, payouts, total_minor, sha256, facts, transaction_id, created_by, recorded_at)
  overriding system value
  select 903, ${posting}, 902, p.currency, 1, 'sepa.xml', 1, p.sent_minor + ${more}, repeat('0', 64), '{}', '1'::xid8, 'x', now()
  from payouts p join payout_status_changes c on c.payout_id = p.id and c.status = 'processing' where p.partner_id = ${partner('acme')};
  insert into payout_file_lines (payout_id, file_id) select id, 903 from payouts where partner_id = ${partner('acme')};`;

/** Terms of acme's that take a tenth, under a number of their own. */
const deducted = (id: number) => `
  alter table deduction_terms drop constraint if exists deduction_terms_overlap;
  insert into deduction_terms (id, partner_id, withholding_ppm, fees, valid, known_seq, created_by, recorded_at) overriding system value
  values (${id}, ${partner('acme')}, 100000, '{}', '[2026-01-01,)', 1, 'x', now());`;

/** A threshold of its form, under a number of its own. */
const threshold = (id: number) => `
  alter table tax_thresholds drop constraint if exists tax_thresholds_overlap;
  insert into tax_thresholds (id, currency, form, report, amount_minor, valid, known_seq, created_by, recorded_at) overriding system value
  values (${id}, 'USD', 'w9', '1099-nec', 60000, '[2026-01-01,)', 1, 'x', now());`;

/** A schedule of everybody's, under a number of its own. */
const scheduled = (id: number) => `
  alter table payout_schedules drop constraint if exists payout_schedules_overlap;
  insert into payout_schedules (id, frequency, review_days, net_days, calendar, valid, known_seq, created_by, recorded_at) overriding system value
  values (${id}, 'monthly', 0, 0, 'target', '[2026-01-01,)', 1, 'x', now());`;

/** Of where partners are paid, when, by what file, and less what (SEMANTICS §7), planted in the books of paid-books.ts. */
export const INSTRUMENT_CORRUPTIONS: readonly Corruption[] = [
  ['instrument_versions', made({ version: 2 }), /^instrument acme\/EUR\/2: there are 1 versions, the latest is 2$/],
  ['instrument_second_person', made({ verifier: 'maker' }), /^instrument acme\/EUR\/1: added and verified by maker$/],
  ['instrument_sealed', made({ kind: 'manual' }), /^instrument acme\/EUR\/1: is of kind manual and has 1 seals$/],
  [
    'instrument_sealed',
    `${made()} delete from instrument_seals`,
    /^instrument acme\/EUR\/1: is of kind iban and has 0 seals$/,
  ],
  ['payout_instrument', made(), /^payout P\d+A: is for no instrument, version 1 counted then$/],
  ['payout_instrument', made({ at: '2126-01-01' }) + PAID_TO_IT, /^payout P\d+A: is for version 1, none counted then$/],
  [
    'payout_instrument',
    `${made()} ${PAID_TO_IT} delete from instrument_verifications`,
    /^payout P\d+A: is for version 1, which nobody had verified$/,
  ],
  [
    'payout_instrument',
    made({ usableOn: '2126-01-01' }) + PAID_TO_IT,
    /^payout P\d+A: is for version 1, which is usable from 2126-01-01 on$/,
  ],
  ['payout_files', filed(1), /^file sepa\.xml: is of 1 payouts and \S+ EUR, its lines are 1 and \S+ EUR$/],
  ['payout_files', `${filed(0)} delete from payout_file_lines`, /its lines are 0 and 0.00 EUR$/],
  ['payout_files', filed(0, '999'), /its lines are 1 and \S+ EUR, 1 of another submission$/],
  ['deductions_apart', deducted(1) + deducted(2), /^deductions of acme: two versions on \S+, known from change 1$/],
  [
    'payout_deductions',
    deducted(1),
    /^payout P\d+A: withholds 0.00 EUR of \S+ EUR and charges 0.00 EUR, the terms say 100000 ppm and 0.00 EUR$/,
  ],
  [
    'thresholds_apart',
    threshold(1) + threshold(2),
    /^tax threshold in USD of w9: two versions on \S+, known from change 1$/,
  ],
  [
    'schedules_apart',
    scheduled(1) + scheduled(2),
    /^payout schedule of all: two versions on \S+, known from change 1$/,
  ],
];
