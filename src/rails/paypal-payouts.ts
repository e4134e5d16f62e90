import { createPublicKey, createVerify } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { UsageError } from '../domain/errors.ts';
import { formatMinor, parseDecimal } from '../domain/money.ts';
import { field, line, matching, optional } from '../formats/fields.ts';
import { PAYPAL_CURRENCIES, PAYPAL_WHOLE_UNITS } from '../formats/payments/paypal-batch.ts';
import {
  answered,
  at,
  callApi,
  listAt,
  NoReply,
  refusedUs,
  saidBy,
  textAt,
  troubled,
  unreachable,
  type Reply,
} from './api-call.ts';
import type { ApiAnswer, ApiClient, ApiEvent, ApiOrder, ApiRail } from './api-rail.ts';
import { MODE } from './profile-fields.ts';
import { eventOf, jsonOf, notSigned } from './webhook-reading.ts';

/** Names of refusals that may be otherwise tomorrow; every other is for good. */
const TRANSIENT = [
  'INSUFFICIENT_FUNDS',
  'INSUFFICIENT_BALANCE',
  'TRANSACTION_LIMIT_EXCEEDED',
  'RATE_LIMIT_REACHED',
  'INTERNAL_ERROR',
];

/**
 * PayPal Payouts, a batch of one item for each payout. A `sender_batch_id` is known for 30 days: whoever sends it again is
 * refused with a link to the first batch, and told to do just that after a fault (PayPal, create batch payout). It cannot be
 * asked for by our key, so that sending again is also how such a batch is found.
 */
export const paypalPayouts: ApiRail = {
  name: 'paypal-payouts',
  about: 'PayPal accounts, by the Payouts API',
  kind: 'paypal',
  keepsHours: 30 * 24,
  atOnce: 4,
  fields: [
    field(
      'client_id',
      'client id of the app, which is of the account that pays',
      matching(/^[A-Za-z0-9_-]{10,128}$/, 'a client id'),
    ),
    optional('subject', 'subject of the e-mail that PayPal sends', line(255)),
    optional(
      'webhook_id',
      'id of the webhook whose events are ingested',
      matching(/^[A-Z0-9]{5,50}$/, 'an id in capitals and digits'),
    ),
    MODE,
  ],
  paysIn: (currency) => PAYPAL_CURRENCIES.includes(currency),
  async open(profile, { secret, url }) {
    const own = profile['mode'] === 'live' ? 'https://api-m.paypal.com' : 'https://api-m.sandbox.paypal.com';
    return client(profile, url ?? own, secret);
  },
  readEvent(profile, certificate, { headers, body }) {
    const [id, time] = [headers['paypal-transmission-id'], headers['paypal-transmission-time']];
    const webhook = profile['webhook_id'];
    if (webhook === undefined) {
      throw new UsageError(
        'webhook_id_missing',
        'the profile of paypal-payouts has no webhook_id, which the signature is of',
        {
          hint: 'revshare rail set paypal-payouts webhook_id=…',
        },
      );
    }
    // As PayPal documents it: the checksum of the body stands for the body.
    const signed = `${id}|${time}|${webhook}|${crc32(body)}`;
    const signature = Buffer.from(headers['paypal-transmission-sig'] ?? '', 'base64');
    if (!createVerify('RSA-SHA256').update(signed).verify(createPublicKey(certificate), signature)) {
      throw notSigned('PAYPAL-TRANSMISSION-SIG');
    }
    return readPayPalEvent(jsonOf(body));
  },
};

function client(profile: Readonly<Record<string, string>>, base: string, secret: string): ApiClient {
  let token: Promise<string> | null = null;
  const authorize = async (): Promise<string> => {
    const credentials = Buffer.from(`${profile['client_id']}:${secret}`).toString('base64');
    const reply = await callApi(`${base}/v1/oauth2/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    });
    const found = textAt(reply.body, 'access_token');
    if (found !== null && reply.status < 300) return found;
    if (reply.status === 429 || reply.status >= 500) throw new NoReply(`the provider answered with ${reply.status}`);
    throw refusedUs('paypal-payouts', reply.status);
  };
  const ask = async (
    method: 'GET' | 'POST',
    path: string,
    more: { key?: string; body?: unknown } = {},
    again = true,
  ): Promise<Reply> => {
    token ??= authorize();
    const bearer = await token.catch((error: unknown) => {
      token = null;
      throw error;
    });
    const reply = await callApi(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        ...(more.key === undefined ? {} : { 'paypal-request-id': more.key }),
      },
      ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }),
    });
    if (reply.status === 401 && again) {
      // Tokens last for hours; a long run may outlive one.
      token = null;
      return await ask(method, path, more, false);
    }
    // 403 may be of the payment; AUTHORIZATION_ERROR and NOT_AUTHORIZED are of us.
    if (reply.status === 401 || /AUTHORIZ/.test(textAt(reply.body, 'name') ?? ''))
      throw refusedUs('paypal-payouts', reply.status);
    return reply;
  };
  const batch = async (id: string): Promise<ApiAnswer> => {
    const reply = await ask('GET', `/v1/payments/payouts/${encodeURIComponent(id)}`);
    return reply.status < 300 ? batchAnswer(reply.body) : troubled(reply);
  };
  return {
    async verify() {
      token ??= authorize();
      await token.catch((error: unknown) => {
        token = null;
        if (!(error instanceof NoReply)) throw error;
        throw unreachable('paypal-payouts', error);
      });
    },
    async send(order) {
      return await answered(async () => {
        const reply = await ask('POST', '/v1/payments/payouts', {
          key: order.key,
          body: bodyOf(order, profile['subject']),
        });
        if (reply.status < 300) return batchAnswer(reply.body);
        const first = duplicateOf(reply);
        return first === null ? refusal(reply) : await batch(first);
      });
    },
    async lookUp(_order, providerId) {
      return providerId === null ? null : await answered(async () => await batch(providerId));
    },
  };
}

function bodyOf({ number, key, currency, sent, details }: ApiOrder, subject: string | undefined) {
  const amount = formatMinor(sent, currency);
  return {
    sender_batch_header: { sender_batch_id: key, ...(subject === undefined ? {} : { email_subject: subject }) },
    items: [
      {
        recipient_type: 'EMAIL',
        receiver: details['email'],
        amount: { currency, value: PAYPAL_WHOLE_UNITS.includes(currency) ? amount.replace(/\.0+$/, '') : amount },
        sender_item_id: number,
        note: `Payout ${number}`,
      },
    ],
  };
}

/** The batch that was made when this one was sent first, in the link of the refusal. */
function duplicateOf({ status, body }: Reply): string | null {
  if (status !== 400) return null;
  const links = [...listAt(body, 'links'), ...listAt(body, 'details').flatMap((one) => listAt(one, 'link'))];
  const hrefs = links.map((one) => /\/v1\/payments\/payouts\/([A-Za-z0-9_-]+)$/.exec(textAt(one, 'href') ?? '')?.[1]);
  return hrefs.find((id) => id !== undefined) ?? null;
}

const ITEMS: Readonly<Record<string, ApiAnswer['outcome']>> = {
  SUCCESS: 'paid',
  UNCLAIMED: 'unclaimed',
  RETURNED: 'returned',
  REFUNDED: 'returned',
  REVERSED: 'returned',
  FAILED: 'failed',
  DENIED: 'failed',
  BLOCKED: 'failed',
};

/** A batch of one item: what became of the item, or of the batch where it has none yet. */
function batchAnswer(body: unknown): ApiAnswer {
  const providerId = textAt(body, 'batch_header', 'payout_batch_id');
  if (providerId === null) return { outcome: 'unknown', code: 'no_batch', message: 'the answer names no batch' };
  const item = at(body, 'items', 0);
  if (item !== undefined) return itemAnswer(item, providerId);
  const status = textAt(body, 'batch_header', 'batch_status') ?? '';
  if (status !== 'DENIED' && status !== 'CANCELED') return { outcome: 'accepted', providerId, code: status };
  const code = textAt(body, 'batch_header', 'errors', 'name') ?? status;
  const message = saidBy(textAt(body, 'batch_header', 'errors', 'message'), `the batch was ${status}`);
  return { outcome: TRANSIENT.includes(code) ? 'refused' : 'failed', providerId, code, message };
}

function itemAnswer(item: unknown, providerId: string): ApiAnswer {
  const status = textAt(item, 'transaction_status') ?? '';
  const outcome = ITEMS[status] ?? 'accepted';
  const code = textAt(item, 'errors', 'name') ?? status;
  if (outcome === 'paid') return { outcome, providerId };
  if (outcome === 'accepted' || outcome === 'unclaimed') return { outcome, providerId, code };
  const message = saidBy(textAt(item, 'errors', 'message'), `the payment was ${status}`);
  return {
    outcome: outcome === 'failed' && TRANSIENT.includes(code) ? 'refused' : outcome,
    providerId,
    code,
    message,
  } as ApiAnswer;
}

function refusal(reply: Reply): ApiAnswer {
  if (reply.status === 429 || reply.status >= 500 || reply.status === 409) return troubled(reply);
  const code = textAt(reply.body, 'name') ?? `http_${reply.status}`;
  const message = saidBy(textAt(reply.body, 'details', 0, 'issue') ?? textAt(reply.body, 'message'), code);
  return { outcome: TRANSIENT.includes(code) ? 'refused' : 'failed', providerId: null, code, message };
}

function readPayPalEvent(event: unknown): ApiEvent {
  const type = textAt(event, 'event_type') ?? 'unknown';
  const item = at(event, 'resource');
  const happened = { eventId: textAt(event, 'id'), type, occurredAt: Date.parse(textAt(event, 'create_time') ?? '') };
  const providerId = textAt(item, 'payout_batch_id');
  if (!type.startsWith('PAYMENT.PAYOUTS-ITEM.') || providerId === null) return eventOf(happened, null);
  const currency = textAt(item, 'payout_item', 'amount', 'currency');
  const value = textAt(item, 'payout_item', 'amount', 'value');
  return eventOf(happened, {
    number: textAt(item, 'payout_item', 'sender_item_id'),
    key: textAt(item, 'sender_batch_id'),
    providerId,
    answer: itemAnswer(item, providerId),
    amount: value === null || currency === null ? null : parseDecimal(value, currency),
    currency,
  });
}
