import { formatMinor } from './money.ts';

/** What partners are told of; drizzle/0039_notices.sql says of which change of status. */
export const NOTICE_KINDS = ['sent', 'failed', 'returned', 'unclaimed'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/**
 * How a notice stands: `pending`: nobody has tried; `sending`: an attempt is under way; `deferred`: the mail server did not
 * take it and later may; `refused`: it never will; `unknown`: it may have arrived. drizzle/0039_notices.sql holds the same.
 */
export const NOTICE_STATUSES = ['pending', 'sending', 'sent', 'deferred', 'refused', 'unknown'] as const;
export type NoticeStatus = (typeof NOTICE_STATUSES)[number];

export interface ToldPayout {
  readonly kind: NoticeKind;
  readonly payout: string;
  readonly currency: string;
  /** Minor units that left, or were to. */
  readonly amount: bigint;
  readonly partnerName: string;
  /** As it is shown to anybody; null: paid by hand. */
  readonly account: string | null;
}

const SUBJECTS: Readonly<Record<NoticeKind, string>> = {
  sent: 'is on its way',
  failed: 'could not be paid',
  returned: 'came back',
  unclaimed: 'waits to be claimed',
};
const OWED = 'The amount is still owed to you. Please check your account details with us.';
const EXPLAINED: Readonly<Record<NoticeKind, string>> = {
  sent: 'How soon it arrives depends on the banks.',
  failed: OWED,
  returned: OWED,
  unclaimed: 'The provider keeps it for you until you accept it there, and for a limited time.',
};

/**
 * What a partner is told: the payout, what was paid, and of the account no more than its mask. Nothing of customers. The
 * subject holds nothing that people wrote, and no line of the text breaks where a name says so.
 */
export function noticeText({ kind, payout, currency, amount, partnerName, account }: ToldPayout): {
  readonly subject: string;
  readonly text: string;
} {
  const subject = `Payout ${payout} of ${formatMinor(amount, currency)} ${currency} ${SUBJECTS[kind]}`;
  const lines = [
    `${inOneLine(partnerName)},`,
    '',
    `${subject[0]!.toLowerCase()}${subject.slice(1)}.`,
    ...(account === null ? [] : [`Account: ${inOneLine(account)}`]),
    EXPLAINED[kind],
  ];
  return { subject, text: `${lines.join('\n')}\n` };
}

function inOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
