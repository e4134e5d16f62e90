import { createHmac, timingSafeEqual } from 'node:crypto';
import type Stripe from 'stripe';
import { currency as currencyOf } from '../domain/currencies.ts';
import { RefusedError, UnavailableError } from '../domain/errors.ts';
import { field, matching } from '../formats/fields.ts';
import { at, noAnswer, refusedUs, saidBy, textAt, theirFault, tooMany, unreachable } from './api-call.ts';
import type { ApiAnswer, ApiClient, ApiEvent, ApiOrder, ApiRail } from './api-rail.ts';
import { MODE } from './profile-fields.ts';
import { eventOf, jsonOf, notSigned } from './webhook-reading.ts';

/** Stripe counts these in whole units, as ISO 4217 does; and some it does not count as ISO 4217 does (Stripe, currencies). */
const WHOLE = ['BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'];
const OTHERWISE = ['HUF', 'MGA', 'TWD', 'UGX', 'ISK'];

/** What may be otherwise tomorrow; every other refusal is for good. */
const TRANSIENT = ['balance_insufficient', 'lock_timeout', 'insufficient_funds'];

/**
 * Stripe Connect: a transfer from the platform's balance to a connected account, which has it at once. A key is known for
 * 24 hours, and the first answer to it, a failure too, is repeated (Stripe, idempotent requests); so what was refused is
 * tried again by another key.
 */
export const stripe: ApiRail = {
  name: 'stripe',
  about: 'connected accounts of Stripe, by transfers of its API',
  kind: 'stripe',
  keepsHours: 24,
  atOnce: 8,
  fields: [
    field(
      'account',
      'the platform’s own account, which pays',
      matching(/^acct_[A-Za-z0-9]{8,40}$/, 'an account of Stripe, as acct_1ABC…'),
    ),
    MODE,
  ],
  paysIn: (currency) =>
    WHOLE.includes(currency) || (currencyOf(currency).minorUnits === 2 && !OTHERWISE.includes(currency)),
  async open(profile, { secret, url, from }) {
    const mode = profile['mode'] ?? 'test';
    if (!new RegExp(`^[rs]k_${mode}_`).test(secret)) {
      throw new UnavailableError('rail_secret_wrong', `${from}: the secret of stripe is none of mode ${mode}`, {
        hint: `keys of that mode begin with sk_${mode}_ or rk_${mode}_; \`revshare rail set stripe mode=…\` says another`,
      });
    }
    const { default: Client } = await import('stripe');
    const place = url === null ? null : new URL(url);
    const api = new Client(secret, {
      // The one of node calls once more by itself where a connection was reset.
      httpClient: Client.createFetchHttpClient(),
      maxNetworkRetries: 0,
      timeout: 30_000,
      telemetry: false,
      ...(place === null
        ? {}
        : {
            host: place.hostname,
            port: place.port === '' ? (place.protocol === 'https:' ? 443 : 80) : place.port,
            protocol: place.protocol === 'https:' ? 'https' : 'http',
          }),
    });
    return client(api, profile['account']!);
  },
  readEvent(_profile, webhook, { headers, body }, { now, toleranceSeconds }) {
    const signature = headers['stripe-signature'] ?? '';
    const time = /(?:^|,)\s*t=(\d+)/.exec(signature)?.[1];
    const given = [...signature.matchAll(/(?:^|,)\s*v1=([0-9a-f]{64})/g)].map(([, hex]) => Buffer.from(hex!, 'hex'));
    const wanted = createHmac('sha256', webhook).update(`${time}.`).update(body).digest();
    if (time === undefined || !given.some((one) => timingSafeEqual(one, wanted))) throw notSigned('Stripe-Signature');
    if (Math.abs(now / 1000 - Number(time)) > toleranceSeconds) {
      throw new RefusedError('webhook_old', `this was signed ${Math.round(now / 1000 - Number(time))} seconds ago`, {
        hint: 'what was kept before it is ingested wants a longer --tolerance; events come once, however late',
      });
    }
    return readStripeEvent(jsonOf(body));
  },
};

function client(api: Stripe, account: string): ApiClient {
  return {
    async verify() {
      const { id } = await api.accounts.retrieveCurrent().catch((error: unknown) => {
        throw unavailable(error);
      });
      if (id === account) return;
      throw new UnavailableError(
        'rail_credentials',
        `the secret of stripe is of ${id}, and the profile pays from ${account}`,
        {
          hint: 'nothing was sent; give the secret of that account, or set account= of the profile',
        },
      );
    },
    async send({ number, key, currency, sent, details }) {
      try {
        const made = await api.transfers.create(
          {
            amount: Number(sent),
            currency: currency.toLowerCase(),
            destination: details['account']!,
            transfer_group: number,
            metadata: { payout: number, attempt: key },
          },
          { idempotencyKey: key },
        );
        return answerOf(made);
      } catch (error) {
        return refusal(error);
      }
    },
    async lookUp(order, providerId) {
      try {
        const found = providerId === null ? await byKey(api, order) : await api.transfers.retrieve(providerId);
        return found === null ? null : answerOf(found);
      } catch (error) {
        // A question that is refused says nothing of what it was about.
        const { code, message = '' } = { message: '', ...refusal(error) };
        return { outcome: 'unknown', code: code ?? 'unknown', message: message || 'the look-up was refused' };
      }
    },
  };
}

async function byKey(api: Stripe, { number, key }: ApiOrder): Promise<Stripe.Transfer | null> {
  for await (const one of api.transfers.list({ transfer_group: number, limit: 100 })) {
    if (one.metadata['attempt'] === key) return one;
  }
  return null;
}

/** Only what looks like a transfer is one: the SDK takes any JSON without an error in it, whatever its status, for success. */
function answerOf(
  made: Stripe.Transfer & { readonly lastResponse?: { readonly statusCode: number; readonly headers: unknown } },
): ApiAnswer {
  if (made.object === 'transfer' && /^tr_/.test(made.id)) return transferred(made);
  const { statusCode = 0, headers } = made.lastResponse ?? {};
  return statusCode === 429 ? tooMany(textAt(headers, 'retry-after')) : theirFault(statusCode);
}

/** A transfer that exists has been made; one that was taken back whole has returned. */
function transferred({ id, reversed }: Pick<Stripe.Transfer, 'id' | 'reversed'>): ApiAnswer {
  if (!reversed) return { outcome: 'paid', providerId: id };
  return { outcome: 'returned', providerId: id, code: 'transfer_reversed', message: 'the transfer was reversed' };
}

/** @throws UnavailableError where it is our secret that is refused */
function refusal(error: unknown): ApiAnswer {
  const status = at(error, 'statusCode');
  if (typeof status !== 'number') {
    if (textAt(error, 'type') === null) throw error;
    return noAnswer('the connection ended without an answer');
  }
  if (status === 401 || status === 403) throw refusedUs('stripe', status);
  if (status === 429) return tooMany(textAt(error, 'headers', 'retry-after'));
  const code = textAt(error, 'code') ?? textAt(error, 'rawType') ?? `http_${status}`;
  const message = saidBy(textAt(error, 'message'), code);
  // Another call with this key is under way; or the key is one of another payment, which only a person can explain.
  if (status >= 500 || status === 409 || code === 'idempotency_error') {
    return status >= 500 ? theirFault(status) : { outcome: 'unknown', code, message };
  }
  return { outcome: TRANSIENT.includes(code) ? 'refused' : 'failed', providerId: null, code, message };
}

function unavailable(error: unknown): UnavailableError {
  const status = at(error, 'statusCode');
  if (status === 401 || status === 403) return refusedUs('stripe', status);
  return unreachable('stripe', error);
}

/** Transfers tell of payouts by what was written beside them; all other events are of other things. */
function readStripeEvent(event: unknown): ApiEvent {
  const type = textAt(event, 'type') ?? 'unknown';
  const transfer = at(event, 'data', 'object');
  const id = textAt(transfer, 'id');
  const happened = {
    ...{ eventId: textAt(event, 'id'), type },
    occurredAt: Number(at(event, 'created') ?? NaN) * 1000,
  };
  if (!['transfer.created', 'transfer.reversed'].includes(type) || id === null) return eventOf(happened, null);
  return eventOf(happened, {
    number: textAt(transfer, 'metadata', 'payout'),
    key: textAt(transfer, 'metadata', 'attempt'),
    providerId: id,
    answer: transferred({ id, reversed: type === 'transfer.reversed' && at(transfer, 'reversed') === true }),
    amount: BigInt(Number(at(transfer, 'amount') ?? 0)),
    currency: textAt(transfer, 'currency')?.toUpperCase() ?? null,
  });
}
