import { addDays } from '../../domain/dates.ts';
import { formatRate } from '../../domain/rates.ts';
import {
  STATEMENT_SECTIONS,
  type Statement,
  type StatementContent,
  type StatementSection,
} from '../../domain/statement.ts';
import { isolated } from './lines.ts';
import type { Sheet } from './sheet.ts';
import { withoutEmptyColumns, type Row, type Table } from './table.ts';
import { amount, amountText, count, dayText, growing, inWords, momentText, periodText, text, word } from './words.ts';

/** What a printed statement says. With `actorsClaimed` nobody proves the names of those who made and approved it. */
export function statementSheet(statement: Statement, actorsClaimed: boolean): Sheet {
  const { content, number, contentHash, takenAt } = statement;
  const { names, period, currency, partner } = content;
  const title = titleOf(statement);
  const run = names.run === null ? '' : ` · accrual run ${names.run}`;
  return {
    called: `the statement of ${partner.code}`,
    title: `${title}, ${names.partner}, ${periodText(period)}, ${currency}`,
    moment: takenAt,
    mark: markOf(statement),
    house: names.programme,
    kind: kindOf(statement),
    of: [number, periodText(period)].filter(Boolean).join(' · '),
    running: [names.partner, `${title} · ${periodText(period)} · ${currency}`],
    ...partiesOf(statement),
    overview: { account: accountTable(statement), year: yearTable(statement), months: content.months, currency },
    tables: detailTables(statement),
    notes: notesOf(statement, actorsClaimed),
    approval: approvalsOf(statement),
    foot: [`${title} · books as of ${momentText(takenAt)}${run}`, `Content SHA-256 ${contentHash}`],
    texts: textsOf(statement),
  };
}

const titleOf = (statement: Statement): string =>
  statement.number === null
    ? 'Draft statement'
    : `${statement.voided ? 'Void statement' : 'Statement'} ${statement.number}`;

/** What stands across each page, so that what is not the last word is not taken for it. */
function markOf({ voided, closed }: Statement): string | null {
  if (voided) return 'VOID';
  return closed === null ? 'DRAFT' : null;
}

/** What it is called at its head. */
function kindOf({ voided, closed }: Statement): string {
  if (voided) return 'Void statement';
  return closed === null ? 'Draft statement' : 'Statement';
}

const SECTION_WORDS: Readonly<Record<StatementSection, string>> = {
  earnings: 'Earnings',
  bonuses: 'Bonuses',
  reversals: 'Reversals',
  adjustments: 'Adjustments',
  prior_period: 'Of earlier periods',
};

const STANDING_WORDS: Readonly<Record<string, string>> = {
  payable: 'Payable now',
  waiting: 'Payable from',
  pending: 'Waiting for approval',
  held: 'Held',
  in_payout: 'In a payout that has not left yet',
};

const sumOf = (amounts: readonly { readonly amount: string }[]) =>
  amounts.reduce((total, one) => total + BigInt(one.amount), 0n);

/** From opening to closing: the form that every statement has, whatever of it is zero. */
function accountTable({ content }: Statement): Table {
  const { currency, period, totals, groups } = content;
  const line = (label: string, minor: bigint): Row => ({ kind: 'line', cells: [label, amountText(minor, currency)] });
  const sum = (label: string, minor: string): Row => ({
    kind: 'sum',
    cells: [label, amountText(BigInt(minor), currency)],
  });
  return {
    title: `Account in ${currency}`,
    columns: [growing(''), amount(currency)],
    rows: [
      sum(`Opening balance, ${dayText(period.from)}`, totals.opening),
      ...STATEMENT_SECTIONS.map((section) =>
        line(SECTION_WORDS[section], sumOf(groups.filter((group) => group.section === section))),
      ),
      line('Taken back by reviews', -BigInt(totals.rejected)),
      line('Paid out', -BigInt(totals.paid)),
      line('Tax withheld', -BigInt(totals.withheld)),
      line('Transfer fees', -BigInt(totals.fees)),
      line('Payouts returned', BigInt(totals.returned)),
      sum(`Closing balance, ${dayText(addDays(period.to, -1))}`, totals.closing),
    ],
  };
}

/** The box of the year: figures that a tax form or a dashboard is compared with. */
function yearTable({ content }: Statement): Table {
  const { currency, period, year } = content;
  const { totals } = year;
  const line = (label: string, minor: bigint): Row => ({ kind: 'line', cells: [label, amountText(minor, currency)] });
  return {
    title: `${dayText(year.from)} – ${dayText(addDays(period.to, -1))}`,
    columns: [growing(''), amount(currency)],
    rows: [
      line('Earned', BigInt(totals.entries) - BigInt(totals.rejected)),
      line('Paid out', BigInt(totals.paid)),
      line('Tax withheld', BigInt(totals.withheld)),
      line('Transfer fees', BigInt(totals.fees)),
      line('Payouts returned', BigInt(totals.returned)),
    ],
  };
}

/** All that follows the account, in order; what there is none of is left out. */
function detailTables(statement: Statement): Table[] {
  return [
    standingTable(statement),
    ...(statement.content.instances.length > 1 ? [instancesTable(statement)] : []),
    groupsTable(statement),
    payoutsTable(statement),
    rejectionsTable(statement),
    holdsTable(statement),
    entriesTable(statement),
  ]
    .filter(({ rows }) => rows.length > 0)
    .map(withoutEmptyColumns);
}

/** What the closing balance is made of, and from when it may be paid. */
function standingTable({ content }: Statement): Table {
  const { currency, totals, standing } = content;
  const rows: Row[] = standing.map(({ status, from, entries, amount: minor }) => ({
    kind: 'line',
    cells: [
      `${STANDING_WORDS[status] ?? inWords(status)}${from === null ? '' : ` ${dayText(from)}`}`,
      String(entries),
      amountText(BigInt(minor), currency),
    ],
  }));
  if (totals.in_transit !== '0') {
    rows.push({
      kind: 'line',
      cells: ['Sent, and not arrived yet', '', amountText(BigInt(totals.in_transit), currency)],
    });
  }
  if (rows.length > 0) {
    rows.push({ kind: 'sum', cells: ['Closing balance', '', amountText(BigInt(totals.closing), currency)] });
  }
  return {
    title: 'When the closing balance is paid',
    columns: [growing(''), count('Entries'), amount(currency)],
    rows,
  };
}

const FIGURES = ['opening', 'entries', 'rejected', 'paid', 'withheld', 'fees', 'returned', 'closing'] as const;
const TAKEN = new Set<string>(['rejected', 'paid', 'withheld', 'fees']);

function instancesTable({ content }: Statement): Table {
  const { currency, instances, totals, names } = content;
  const figures = (of: Readonly<Record<(typeof FIGURES)[number], string>>) =>
    FIGURES.map((name) => amountText(BigInt(of[name]) * (TAKEN.has(name) ? -1n : 1n), currency));
  return {
    title: 'By instance',
    columns: [
      growing('Instance'),
      ...['Opening', 'Entries', 'Taken back', 'Paid out', 'Withheld', 'Fees', 'Returned', 'Closing'].map(amount),
    ],
    rows: [
      ...instances.map((one): Row => ({ kind: 'line', cells: [instanceText(names, one.instance), ...figures(one)] })),
      { kind: 'sum', cells: ['Total', ...figures(totals)] },
    ],
  };
}

/** By instance, rule and rate. */
function groupsTable({ content }: Statement): Table {
  const { currency, groups, totals, names } = content;
  const rows: Row[] = [];
  for (const section of STATEMENT_SECTIONS) {
    const told = groups.filter((group) => group.section === section);
    if (told.length === 0) continue;
    rows.push({ kind: 'group', cells: [SECTION_WORDS[section]] });
    for (const { instance, kind, rule, scope, rate_ppm, entries, amount: minor } of told) {
      rows.push({
        kind: 'line',
        cells: [
          instanceText(names, instance),
          inWords(kind),
          rule === null ? '' : `${rule}${scope === null ? '' : `, ${scope}`}`,
          rate_ppm === null ? '' : formatRate(rate_ppm),
          String(entries),
          amountText(BigInt(minor), currency),
        ],
      });
    }
  }
  if (rows.length > 0) {
    rows.push({ kind: 'sum', cells: ['Total', '', '', '', '', amountText(BigInt(totals.entries), currency)] });
  }
  return {
    title: 'What was earned, by rule and rate',
    columns: [growing('Instance'), word('Kind'), text('Rule'), count('Rate'), count('Entries'), amount(currency)],
    rows,
  };
}

function payoutsTable({ content }: Statement): Table {
  const { currency, payouts } = content;
  const minor = (value: string) => amountText(BigInt(value), currency);
  return {
    title: 'Payouts',
    columns: [
      word('Date'),
      word('Payout'),
      word('What happened'),
      growing('Reason'),
      ...['Gross', 'Withheld', 'Fee', 'Sent'].map(amount),
    ],
    rows: payouts.map(({ date, number, status, reason, gross, withheld, fees, sent }) => ({
      kind: 'line',
      cells: [
        date,
        number,
        PAYOUT_WORDS[status] ?? inWords(status),
        reason ?? '',
        ...[gross, withheld, fees, sent].map(minor),
      ],
    })),
  };
}

const PAYOUT_WORDS: Readonly<Record<string, string>> = { processing: 'sent', completed: 'arrived' };

function rejectionsTable({ content }: Statement): Table {
  const { currency, rejections, totals, names } = content;
  const rows: Row[] = rejections.map(({ date, instance, verdict, reason, entries, amount: minor }) => ({
    kind: 'line',
    cells: [
      date,
      instanceText(names, instance),
      inWords(verdict),
      reason ?? '',
      String(entries),
      amountText(-BigInt(minor), currency),
    ],
  }));
  if (rows.length > 0) {
    rows.push({ kind: 'sum', cells: ['Total', '', '', '', '', amountText(-BigInt(totals.rejected), currency)] });
  }
  return {
    title: 'Taken back by reviews',
    columns: [word('Date'), text('Instance'), word('Verdict'), growing('Reason'), count('Entries'), amount(currency)],
    rows,
  };
}

function holdsTable({ content }: Statement): Table {
  return {
    title: 'Holds and releases',
    columns: [growing('Of'), text('Reason'), word('Held from'), word('Released')],
    rows: content.holds.map(({ of, reason, from, released }) => ({
      kind: 'line',
      cells: [
        /^\d+\.\d+$/.test(of)
          ? `entry ${of}`
          : of === 'partner'
            ? 'all of the partner'
            : instanceText(content.names, of),
        inWords(reason),
        from,
        released ?? 'not by the last day',
      ],
    })),
  };
}

/** Every invoice line, by section and instance. */
function entriesTable({ content, entries }: Statement): Table {
  const { currency, names } = content;
  const rows: Row[] = [];
  const blank = (label: string) => [label, ...Array<string>(9).fill('')];
  const other = entries.some(({ base_currency }) => base_currency !== currency);
  for (const section of STATEMENT_SECTIONS) {
    for (const { instance } of content.instances) {
      const told = entries.filter((entry) => entry.section === section && entry.instance === instance);
      if (told.length === 0) continue;
      rows.push({ kind: 'group', cells: [`${SECTION_WORDS[section]}: ${instanceText(names, instance)}`] });
      for (const entry of told) {
        const minor = BigInt(entry.amount);
        const name = names.accounts[`${instance}/${entry.account}`];
        rows.push({
          kind: 'line',
          minor,
          cells: [
            entry.date,
            entry.occurred === entry.date ? '' : entry.occurred,
            name === undefined ? (entry.account ?? '') : `${entry.account} ${isolated(name)}`,
            entry.product ?? '',
            entry.reference,
            inWords(entry.kind),
            entry.rule === null ? '' : String(entry.rule),
            entry.rate_ppm === null ? '' : formatRate(entry.rate_ppm),
            amountText(BigInt(entry.base), entry.base_currency),
            other ? entry.base_currency : '',
            amountText(minor, currency),
          ],
        });
      }
      rows.push({ kind: 'sum', cells: [...blank('Total'), amountText(sumOf(told), currency)] });
    }
  }
  if (rows.filter(({ kind }) => kind === 'group').length > 1) {
    rows.push({ kind: 'sum', cells: [...blank('All entries'), amountText(sumOf(entries), currency)] });
  }
  return {
    title: 'Every entry',
    columns: [
      ...[word('Posted'), word('Of'), text('Account'), text('Product'), growing('Reference'), word('Kind')],
      ...[count('Rule'), count('Rate'), amount('Base'), word(''), amount(currency)],
    ],
    rows,
    carried: { column: 10, write: (minor) => amountText(minor, currency) },
  };
}

const instanceText = (names: StatementContent['names'], code: string) => {
  const name = names.instances[code];
  return name === undefined ? code : `${isolated(name)} (${code})`;
};

/** Above the account, to the left whom it is for, to the right what it is of. */
function partiesOf({ content, corrects, takenAt, madeBy }: Statement) {
  const { names, partner, period, currency } = content;
  const paidTo = names.paid_to;
  return {
    to: { label: 'To', name: names.partner, about: `${partner.code} · ${inWords(partner.type)} partner` },
    facts: [
      ['Period', periodText(period)],
      ['Currency', currency],
      ['Programme', names.programme],
      ['Paid to', paidTo === null ? 'by arrangement' : `${paidTo.kind.toUpperCase().replace('_', ' ')} ${paidTo.mask}`],
      ['Made', `${momentText(takenAt)} by ${madeBy}`],
      ...(corrects === null ? [] : [['In place of', corrects]]),
    ] as [string, string][],
  };
}

function notesOf({ content, closed, voided }: Statement, actorsClaimed: boolean): string[] {
  const { programme, period, note } = content;
  return [
    ...(note === null ? [] : [isolated(note)]),
    ...(voided ? ['This statement is void; one that was made in its place says so.'] : []),
    ...(closed === null && !voided ? ['This is a draft: until its months are closed, figures may change.'] : []),
    `Dates are business days in ${programme.zone}; an entry belongs to the period of the day on which it was posted. A payout ` +
      'counts as paid out once it has arrived; until then it is part of the closing balance.',
    ...(content.groups.some(({ section }) => section === 'prior_period')
      ? [`Entries of earlier periods are of sales before ${dayText(period.from)} and were posted since.`]
      : []),
    ...(actorsClaimed
      ? ['Names of those who made and approved it are as they claimed; the books prove none of them.']
      : []),
  ];
}

/** Who answers for it, as the audit trail has them. */
function approvalsOf({ content, takenAt, madeBy, closed }: Statement): Table {
  const runs = new Map(content.payouts.map((payout) => [payout.run, payout]));
  return {
    title: 'Approval',
    columns: [growing('What'), word('Made by'), word('Approved by'), word('On')],
    rows: [
      { kind: 'line', cells: ['This statement', madeBy, '', momentText(takenAt)] },
      ...[...runs].map(([run, { made_by, approved_by, approved_on }]): Row => ({
        kind: 'line',
        cells: [`Payout run ${run}`, made_by, approved_by, approved_on],
      })),
      ...(closed === null
        ? []
        : [{ kind: 'line', cells: ['Closing of its months', closed.by, '', closed.on] } as const]),
    ],
  };
}

/** Every text of it that was typed by somebody, for whoever asks whether all of them can be printed. */
function textsOf({ content, entries, madeBy, closed }: Statement): string[] {
  const { names, partner, note, rejections, payouts, groups } = content;
  return [
    ...[names.programme, names.partner, partner.code, note ?? '', names.paid_to?.mask ?? ''],
    ...[madeBy, closed?.by ?? '', ...payouts.flatMap(({ made_by, approved_by }) => [made_by, approved_by])],
    ...groups.map(({ scope }) => scope ?? ''),
    ...Object.values(names.instances),
    ...Object.values(names.accounts),
    ...[...rejections, ...payouts].map(({ reason }) => reason ?? ''),
    ...entries.flatMap(({ account, product, reference }) => [account ?? '', product ?? '', reference]),
  ];
}
