import { RefusedError, UsageError } from './errors.ts';
import { largestRemainder } from './money.ts';
import { WHOLE_PPM } from './rates.ts';

/** Where a referral stands: a lead that came; what it may become: proved to be one, a customer, gone, never heard of again. */
export const REFERRAL_STATES = ['qualified', 'converted', 'lost', 'expired'] as const;
export const REFERRAL_STATUSES = ['new', ...REFERRAL_STATES] as const;
export type ReferralState = (typeof REFERRAL_STATES)[number];
export type ReferralStatus = (typeof REFERRAL_STATUSES)[number];

/**
 * Where a referral may go from each status; drizzle/0025_referrals.sql holds the same, and a test compares the two. What
 * ended stays ended: who comes again is another referral.
 */
export const REFERRAL_TRANSITIONS: Readonly<Record<ReferralStatus, readonly ReferralStatus[]>> = {
  new: ['qualified', 'converted', 'lost', 'expired'],
  qualified: ['converted', 'lost', 'expired'],
  converted: [],
  lost: [],
  expired: [],
};

/** Returns when a referral may become something. @throws RefusedError `referral_status` */
export function assertReferralTransition(referral: number, from: ReferralStatus, to: ReferralStatus): void {
  if (REFERRAL_TRANSITIONS[from].includes(to)) return;
  const ended = REFERRAL_TRANSITIONS[from].length === 0;
  throw new RefusedError('referral_status', `referral ${referral} is ${from} and cannot become ${to}`, {
    ...(ended ? { hint: 'who comes again is another referral' } : {}),
    details: { referral, status: from },
  });
}

/** Whose a customer is who touched several codes: of the first, of the last, or of all as much as each touched. */
export const ATTRIBUTION_MODELS = ['first', 'last', 'linear'] as const;
export type AttributionModel = (typeof ATTRIBUTION_MODELS)[number];

/** A click that counts. Touches come in the order of their instants. */
export interface CountedTouch {
  readonly partnerId: number;
}

export interface ReferralShare {
  readonly partnerId: number;
  readonly touches: number;
  readonly sharePpm: number;
}

/**
 * Splits a customer over the partners whose touches count, in millionths that sum to all of it: by largest remainder, ties
 * by the lower id. None where no touch counts. drizzle/0025 says the same (`referral_attribution`).
 */
export function attributeTouches(touches: readonly CountedTouch[], model: AttributionModel): ReferralShare[] {
  const counting = model === 'first' ? touches.slice(0, 1) : model === 'last' ? touches.slice(-1) : touches;
  const counts = new Map<number, number>();
  for (const { partnerId } of counting) counts.set(partnerId, (counts.get(partnerId) ?? 0) + 1);
  const held = [...counts].sort(([a], [b]) => a - b);
  if (held.length === 0) return [];
  const shares = largestRemainder(
    BigInt(WHOLE_PPM),
    held.map(([, count]) => BigInt(count)),
  );
  return held.map(([partnerId, count], at) => ({ partnerId, touches: count, sharePpm: Number(shares[at]!) }));
}

/** Whether a click on a day counts on another, later one, within so many days of its cookie. */
export function countsOn(daysBetween: number, cookieDays: number): boolean {
  return daysBetween >= 0 && daysBetween <= cookieDays;
}

/** The code that a partner hands out, as it is stored: capitals. @throws UsageError `referral_code_invalid` */
export function parseReferralCode(text: string): string {
  const code = text.trim().toUpperCase();
  if (/^[A-Z0-9][A-Z0-9_-]{2,39}$/.test(code)) return code;
  throw new UsageError('referral_code_invalid', `'${text.trim().slice(0, 80)}' cannot be a referral code`, {
    hint: 'use 3–40 letters, digits, _ and -, for example ACME1234',
  });
}

/** Where a click came from. */
export interface ClickOrigin {
  readonly source: string;
  /** What the landing page's address says of a campaign; null where it says nothing. */
  readonly campaign: string | null;
}

/**
 * Source and campaign of a click: what the landing page's address says (`utm_source`, `utm_campaign`), else the host that it
 * came from, else `direct`.
 */
export function originOf(landingUrl: string | null, referrerUrl: string | null): ClickOrigin {
  const landing = landingUrl === null ? null : readUrl(landingUrl);
  const said = (name: string, most: number) => landing?.searchParams.get(name)?.trim().slice(0, most) || null;
  const host = (referrerUrl === null ? null : readUrl(referrerUrl))?.hostname.replace(/^www\./, '') ?? null;
  return { source: said('utm_source', 200) ?? host ?? 'direct', campaign: said('utm_campaign', 100) };
}

/** The address as it was written. @throws UsageError `url_invalid` */
export function parseUrl(text: string): string {
  const url = text.trim();
  if (readUrl(url) !== null && url.length <= MOST_URL) return url;
  throw new UsageError('url_invalid', `'${url.slice(0, 80)}' is no address of a page`, {
    hint: `write http:// or https:// and at most ${MOST_URL} characters`,
  });
}

const MOST_URL = 2_000;

function readUrl(text: string): URL | null {
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : null;
}

/** What a funnel may be looked at by. */
export const FUNNEL_KEYS = ['source', 'partner', 'campaign'] as const;
export type FunnelKey = (typeof FUNNEL_KEYS)[number];
