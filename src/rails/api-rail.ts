import type { InstrumentKind } from '../domain/instruments.ts';
import type { ApiRailName } from '../domain/rail-names.ts';
import type { AccountDetails } from '../formats/account-details.ts';
import type { Field } from '../formats/fields.ts';
import type { RailProfile } from './file-rail.ts';

/** One attempt at a payout, and the account it goes to. */
export interface ApiOrder {
  /** Ours: P00000012A. */
  readonly number: string;
  /** Of the attempt: the same in every repetition of it. */
  readonly key: string;
  readonly currency: string;
  /** Minor units. */
  readonly sent: bigint;
  readonly details: AccountDetails;
}

/**
 * What a provider says of an attempt (src/domain/attempts.ts). `unknown` with `waitSeconds`: it was not even looked at,
 * because there were too many calls; the same call is to be made again after that.
 */
export type ApiAnswer =
  | { readonly outcome: 'accepted' | 'unclaimed' | 'paid'; readonly providerId: string; readonly code?: string }
  | {
      readonly outcome: 'refused' | 'failed' | 'returned';
      readonly providerId: string | null;
      readonly code: string;
      readonly message: string;
    }
  | {
      readonly outcome: 'unknown';
      readonly code: string;
      readonly message: string;
      readonly waitSeconds?: number;
    };

/** A provider's account, opened by its secret. */
export interface ApiClient {
  /**
   * That the secret opens the account that the profile names, before anything is sent.
   * @throws UnavailableError `rail_credentials`, `rail_unreachable`
   */
  verify(): Promise<void>;
  /** Sends an attempt; again, within the rail's window, it is the same attempt. @throws UnavailableError `rail_credentials` */
  send(order: ApiOrder): Promise<ApiAnswer>;
  /**
   * What became of an attempt, by what the provider calls it, if it has said, or else by its key. Null: it knows no such
   * attempt, or cannot be asked for one by our key. Moves nothing. @throws UnavailableError `rail_credentials`
   */
  lookUp(order: ApiOrder, providerId: string | null): Promise<ApiAnswer | null>;
}

/** What a provider told by a webhook. */
export interface ApiEvent {
  readonly eventId: string;
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
  /** Null where it is of nothing that a payout could be. */
  readonly about: {
    /** Our number, where it tells one. */
    readonly number: string | null;
    /** The key of the attempt, where it tells one. */
    readonly key: string | null;
    readonly providerId: string | null;
    readonly answer: ApiAnswer;
    /** Minor units. */
    readonly amount: bigint | null;
    readonly currency: string | null;
  } | null;
}

/** How a webhook came: its headers, by names in small letters, and its body to the byte. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Secrets of a rail, which stand neither in the database nor in any list of processes. */
export interface RailSecrets {
  /** What messages call them. */
  readonly from: string;
  readonly secret: string;
  /** Of webhooks: what their signature is made by, or the certificate that checks it. */
  readonly webhook: string | null;
  /** Money may move without `--live`, as jobs need it. */
  readonly live: boolean;
  /** Another place than the provider's own: a test's, or a proxy's. */
  readonly url: string | null;
}

/** A rail that calls a provider. */
export interface ApiRail {
  readonly name: ApiRailName;
  readonly about: string;
  readonly fields: readonly Field[];
  /** The only kind of instrument that it pays to. */
  readonly kind: InstrumentKind;
  /** How long the provider promises to know a key again. */
  readonly keepsHours: number;
  /** Calls at once. */
  readonly atOnce: number;
  paysIn(currency: string): boolean;
  /** @throws UnavailableError `rail_secret_wrong` for a secret that cannot be this profile's */
  open(profile: RailProfile, secrets: RailSecrets): Promise<ApiClient>;
  /**
   * Reads a webhook whose signature holds. `now` in milliseconds since the epoch; it may be as old as `toleranceSeconds`.
   * @throws RefusedError `webhook_signature`, `webhook_old`, UsageError `webhook_unreadable`
   */
  readEvent(
    profile: RailProfile,
    webhook: string,
    delivery: Delivery,
    when: { readonly now: number; readonly toleranceSeconds: number },
  ): ApiEvent;
}
