import type { Connection } from '../../db/connection.ts';
import {
  clicksOf,
  hashesOf,
  insertReferrals,
  insertTouches,
  lockClicks,
  openVisitors,
  type NewReferral,
} from '../../db/queries/referrals.ts';
import { businessDate } from '../../domain/dates.ts';
import { getOrAdd } from '../../domain/maps.ts';
import { originOf } from '../../domain/referrals.ts';

/** A click on a code, as a web server knows it. */
export interface Click {
  readonly codeId: number;
  /** Of the code, where the address says none. */
  readonly campaign: string | null;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Who clicked, as a cookie says; stored only as a hash. */
  readonly visitor: string | null;
  /** Stored only as a hash. */
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly landingUrl: string | null;
  readonly referrerUrl: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly company: string | null;
}

/** Began a referral, is another touch of one, or the same visitor on the same code and day again, which is not stored. */
export type ClickOutcome = 'new' | 'touch' | 'repeated';

export interface TakenClick {
  readonly outcome: ClickOutcome;
  readonly referralId: number;
}

/**
 * Stores clicks in the order of their instants: the first of a visitor makes a referral, what comes while that is open
 * touches it, also by another partner's code, and a repetition on the same day is left out. Who says nothing of itself, not
 * even an address, is a referral by itself. Writes, in the caller's transaction. Returns what became of each, in the order given.
 */
export async function takeClicks(tx: Connection, zone: string, clicks: readonly Click[]): Promise<TakenClick[]> {
  await lockClicks(tx);
  const visitors = await hashedVisitors(tx, clicks);
  const addresses = await hashed(
    tx,
    clicks.map(({ ip }) => (ip === null ? null : `ip ${ip}`)),
  );
  const known = [...new Set(visitors.filter((hash) => hash !== null))];
  const open = new Map<string, number>([...(await openVisitors(tx, known))]);
  const before = new Map(
    (await clicksOf(tx, known)).map(({ hash, codeId, touchedOn, referralId }) => [
      `${hash} ${codeId} ${touchedOn}`,
      referralId,
    ]),
  );
  // What has no id yet stands below zero: -1 is the first that will be made.
  const made: NewReferral[] = [];
  const touches: { referral: number; at: number }[] = [];
  const taken: { outcome: ClickOutcome; referral: number }[] = Array.from({ length: clicks.length });
  for (const index of inOrder(clicks)) {
    const click = clicks[index]!;
    const hash = visitors[index]!;
    const clicked = `${hash} ${click.codeId} ${businessDate(click.at, zone)}`;
    const same = hash === null ? undefined : before.get(clicked);
    if (same !== undefined) {
      taken[index] = { outcome: 'repeated', referral: same };
      continue;
    }
    const begin = (): number => {
      const { email, name, company } = click;
      return -made.push({ visitorHash: hash, email, name, company });
    };
    const outcome = hash !== null && open.has(hash) ? 'touch' : 'new';
    const referral = hash === null ? begin() : getOrAdd(open, hash, begin);
    if (hash !== null) before.set(clicked, referral);
    taken[index] = { outcome, referral };
    touches.push({ referral, at: index });
  }
  const ids = await insertReferrals(tx, made);
  const idOf = (referral: number) => (referral < 0 ? ids[-referral - 1]! : referral);
  await insertTouches(
    tx,
    touches.map(({ referral, at: index }) => {
      const { codeId, at, campaign, userAgent, landingUrl, referrerUrl } = clicks[index]!;
      const origin = originOf(landingUrl, referrerUrl);
      return {
        ...{ referralId: idOf(referral), codeId, userAgent, landingUrl, referrerUrl },
        touchedAt: new Date(at).toISOString(),
        touchedOn: businessDate(at, zone),
        source: origin.source,
        campaign: origin.campaign ?? campaign,
        ipHash: addresses[index]!,
      };
    }),
  );
  return taken.map(({ outcome, referral }) => ({ outcome, referralId: idOf(referral) }));
}

function inOrder(clicks: readonly Click[]): number[] {
  return clicks.map((_, index) => index).sort((a, b) => clicks[a]!.at - clicks[b]!.at || a - b);
}

/** A visitor is who a cookie says, else an e-mail address, else a browser at an address of the network. */
async function hashedVisitors(tx: Connection, clicks: readonly Click[]): Promise<(string | null)[]> {
  return await hashed(
    tx,
    clicks.map(({ visitor, email, ip, userAgent }) => {
      if (visitor !== null) return `visitor ${visitor}`;
      if (email !== null) return `email ${email.toLowerCase()}`;
      return ip === null ? null : `browser ${ip} ${userAgent ?? ''}`;
    }),
  );
}

async function hashed(tx: Connection, texts: readonly (string | null)[]): Promise<(string | null)[]> {
  const said = [...new Set(texts.filter((text) => text !== null))];
  const hashes = await hashesOf(tx, said);
  const hashOf = new Map(said.map((text, index) => [text, hashes[index]!]));
  return texts.map((text) => (text === null ? null : hashOf.get(text)!));
}
