import type { ChangedEntry, PartnerDelta, Simulation } from '../services/history/simulate-rules.ts';
import { columnsOf, toRecord } from './output/columns.ts';
import type { Invocation } from './command.ts';
import { plainJson } from './output/plain-text.ts';
import { printList } from './output/printer.ts';

const p = columnsOf<PartnerDelta>();
const t = columnsOf<Simulation['totals'][number]>();
const e = columnsOf<ChangedEntry>();

/** What the two sides of a comparison are called. */
export interface Sides {
  readonly before: string;
  readonly after: string;
}

function columnsBetween(sides: Sides) {
  const partners = [
    p.code('partner', (row) => row.partner),
    p.code('currency', (row) => row.currency),
    p.number('entries', (row) => row.entries),
    p.number('changed', (row) => row.changed),
    p.money(sides.before, (row) => row.before),
    p.money(sides.after, (row) => row.after),
    p.money('delta', (row) => row.delta),
  ];
  const totals = [
    t.code('currency', (row) => row.currency),
    t.number('entries', (row) => row.entries),
    t.number('changed', (row) => row.changed),
    t.money(sides.before, (row) => row.before),
    t.money(sides.after, (row) => row.after),
    t.money('delta', (row) => row.delta),
  ];
  const changes = [
    e.code('event', (row) => row.event),
    e.number('leg', (row) => row.leg),
    e.code('partner', (row) => row.partner),
    e.code('currency', (row) => row.currency),
    e.money(sides.before, (row) => row.before),
    e.money(sides.after, (row) => row.after),
    e.money('delta', (row) => row.delta),
  ];
  return { partners, totals, changes };
}

/** Two decisions of the same past as one JSON record. */
export function comparisonRecord(found: Simulation, sides: Sides): Readonly<Record<string, unknown>> {
  const { from, to, events, winners, losers, changed, waiting } = found;
  const { partners, totals, changes } = columnsBetween(sides);
  return {
    from,
    to,
    events,
    winners,
    losers,
    changed,
    waiting,
    totals: found.totals.map((row) => toRecord(totals, row)),
    partners: found.partners.map((row) => toRecord(partners, row)),
    changes: found.changes.map((row) => toRecord(changes, row)),
  };
}

/** Prints two decisions of the same past: totals per currency, partners by the weight of their change, entries. */
export async function printComparison({ print, note }: Invocation, found: Simulation, sides: Sides): Promise<void> {
  const { partners, totals, changes } = columnsBetween(sides);
  if (print.format === 'json' || print.format === 'ndjson') {
    const record = comparisonRecord(found, sides);
    return await print.out.write(`${plainJson(record, print.format === 'json' ? 2 : undefined)}\n`);
  }
  await printList(print, partners, found.partners, (row) => `${row.partner} ${row.currency}`);
  const forPeople = print.format === 'table' || (print.format === null && print.isTTY);
  if (forPeople) {
    await print.out.write('\ntotals\n');
    await printList(print, totals, found.totals, (row) => row.currency);
    if (found.changes.length > 0) {
      await print.out.write('\nentries that change most\n');
      await printList(print, changes, found.changes, (row) => `${row.event}.${row.leg}`);
    }
  }
  for (const { from, to, on, events } of found.waiting) {
    await note(
      `${events} ${events === 1 ? 'event waits' : 'events wait'} for a rate of ${from} in ${to} on ${on}: left out`,
    );
  }
  const { events, changed, winners, losers } = found;
  await note(`${events} events, ${changed} entries change; ${winners} win, ${losers} lose`);
}
