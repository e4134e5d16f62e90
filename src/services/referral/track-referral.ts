import { isIP } from 'node:net';
import { UsageError } from '../../domain/errors.ts';
import { createTimestampParser } from '../../domain/dates.ts';
import { parseReferralCode, parseUrl } from '../../domain/referrals.ts';
import type { Context } from '../context.ts';
import { findReferral, findReferralCode } from './find-referral.ts';
import { referralView, type Referral } from './list-referrals.ts';
import { takeClicks, type ClickOutcome } from './take-clicks.ts';

export interface TrackedClick {
  readonly code: string;
  readonly landingUrl?: string | undefined;
  readonly referrerUrl?: string | undefined;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly visitor?: string | undefined;
  /** ISO 8601; default now. */
  readonly at?: string | undefined;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly company?: string | undefined;
}

export interface Tracked {
  readonly referral: Referral;
  readonly outcome: ClickOutcome;
}

/**
 * Tracks one click on a code, or a lead that a partner names. See `takeClicks` for what becomes of it. Writes.
 * Throws NotFoundError `code_not_found`; UsageError `referral_code_invalid`, `url_invalid`, `ip_invalid`, `time_invalid`,
 * `click_ahead`; RefusedError `referral_refused` where a partner refers itself or the code is closed.
 */
export async function trackReferral(ctx: Context, input: TrackedClick): Promise<Tracked> {
  const code = parseReferralCode(input.code);
  const at = input.at === undefined ? ctx.clock.now() : clickReader(ctx)(input.at);
  const click = {
    at,
    visitor: input.visitor ?? null,
    ip: input.ip === undefined ? null : parseIp(input.ip),
    userAgent: input.userAgent ?? null,
    landingUrl: input.landingUrl === undefined ? null : parseUrl(input.landingUrl),
    referrerUrl: input.referrerUrl === undefined ? null : parseUrl(input.referrerUrl),
    email: input.email ?? null,
    name: input.name ?? null,
    company: input.company ?? null,
  };
  return await ctx.write(async (tx) => {
    const { id: codeId, campaign } = await findReferralCode(tx, code);
    const [taken] = await takeClicks(tx, ctx.zone, [{ ...click, codeId, campaign }]);
    return { referral: referralView(await findReferral(tx, taken!.referralId)), outcome: taken!.outcome };
  });
}

/** Reads when clicks were made, in epoch milliseconds. The reader throws UsageError `time_invalid`, `click_ahead`. */
export function clickReader(ctx: Pick<Context, 'clock' | 'zone'>): (text: string) => number {
  const parse = createTimestampParser('iso', ctx.zone);
  const now = ctx.clock.now();
  return (text) => {
    const parsed = parse(text);
    if ('error' in parsed) throw new UsageError('time_invalid', parsed.error);
    if (parsed.instant > now) throw new UsageError('click_ahead', `a click at ${text.trim()} is to come`);
    return parsed.instant;
  };
}

/** @throws UsageError `ip_invalid` */
export function parseIp(text: string): string {
  const ip = text.trim().toLowerCase();
  if (isIP(ip) !== 0) return ip;
  throw new UsageError('ip_invalid', `'${ip.slice(0, 45)}' is no IP address`);
}
