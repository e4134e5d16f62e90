import type { Request } from '../services/approval/list-requests.ts';
import type { NounRows } from './listing.ts';
import { columnsOf } from './output/columns.ts';
import { section } from './output/printer.ts';

const c = columnsOf<Request>();

/** What somebody asked for and a second person answers: several nouns make one. */
export const requestRows: NounRows<Request> = {
  noun: 'request',
  plural: 'requests',
  id: (row) => String(row.id),
  columns: [
    c.number('request', (row) => row.id),
    c.code('kind', (row) => row.kind),
    c.code('status', (row) => row.status),
    c.text('about', (row) => row.about),
    c.text('reason', (row) => row.reason),
    c.actor('asked_by', (row) => row.createdBy),
    c.instant('asked_at', (row) => row.recordedAt, { detail: true }),
    c.actor('answered_by', (row) => row.answeredBy),
    c.instant('answered_at', (row) => row.answeredAt, { detail: true }),
    c.text('answer', (row) => row.answer, { detail: true }),
    c.number('acts', (row) => row.acts, { detail: true }),
    c.number('batch', (row) => row.batch, { detail: true }),
    c.number('undecided', (row) => row.undecided, { detail: true }),
    c.code('content_hash', (row) => row.contentHash, { detail: true }),
  ],
};

const e = columnsOf<Request['effect'][number]>();

export const requestSections = [
  section<Request, Request['effect'][number]>(
    'effect',
    [
      e.code('partner', (row) => row.partner),
      e.code('instance', (row) => row.instance),
      e.money('amount', (row) => row.amount),
      e.code('currency', (row) => row.currency),
    ],
    (row) => row.effect,
  ),
];
