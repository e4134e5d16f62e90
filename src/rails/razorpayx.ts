import { createHmac, timingSafeEqual } from 'node:crypto';
import { UnavailableError } from '../domain/errors.ts';
import { field, line, matching, oneOf, optional } from '../formats/fields.ts';
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

/** Why a payout failed that may arrive another time; every other reason is for good. */
const TRANSIENT = [
  ...['beneficiary_bank_offline', 'beneficiary_bank_failure', 'partner_bank_offline', 'bank_window_closed'],
  ...['gateway_technical_error', 'gateway_timeout', 'gateway_partner_error', 'npci_error', 'server_error'],
  ...['insufficient_funds', 'low_balance'],
];
/** Words of a refusal at once that mean the balance, of which the API has no code. */
const NO_BALANCE = /not have enough balance|insufficient (balance|funds)/i;

/**
 * RazorpayX payouts to fund accounts, in rupees. A repetition with the same X-Payout-Idempotency is answered with the first
 * payout; a body that differs is refused (Razorpay, payout idempotency). For how long is not promised: here it is a day.
 */
export const razorpayx: ApiRail = {
  name: 'razorpayx',
  about: 'fund accounts of RazorpayX, by payouts of its API in INR',
  kind: 'razorpay',
  keepsHours: 24,
  // It asks for five to ten calls a second.
  atOnce: 2,
  fields: [
    field('key_id', 'name of the API key', matching(/^rzp_(test|live)_[A-Za-z0-9]{6,40}$/, 'a key id, as rzp_test_…')),
    field(
      'account_number',
      'number of the account that pays',
      matching(/^[0-9A-Za-z]{5,30}$/, '5 to 30 digits or letters'),
    ),
    optional('transfer', 'IMPS, NEFT, RTGS or UPI (default IMPS)', oneOf('IMPS', 'NEFT', 'RTGS', 'UPI')),
    optional('purpose', 'as it is called at Razorpay (default payout)', line(30)),
    MODE,
  ],
  paysIn: (currency) => currency === 'INR',
  async open(profile, { secret, url, from }) {
    const mode = profile['mode'] ?? 'test';
    if (!profile['key_id']!.startsWith(`rzp_${mode}_`)) {
      throw new UnavailableError('rail_secret_wrong', `${from}: the key of razorpayx is none of mode ${mode}`, {
        hint: `keys of that mode begin with rzp_${mode}_; \`revshare rail set razorpayx key_id=… mode=…\` says others`,
      });
    }
    const credentials = Buffer.from(`${profile['key_id']}:${secret}`).toString('base64');
    return client(profile, url ?? 'https://api.razorpay.com', `Basic ${credentials}`);
  },
  readEvent(_profile, webhook, { headers, body }) {
    const given = Buffer.from(headers['x-razorpay-signature'] ?? '', 'hex');
    const wanted = createHmac('sha256', webhook).update(body).digest();
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw notSigned('X-Razorpay-Signature');
    return readRazorpayEvent(jsonOf(body), headers['x-razorpay-event-id'] ?? null);
  },
};

function client(profile: Readonly<Record<string, string>>, base: string, authorization: string): ApiClient {
  const ask = async (method: 'GET' | 'POST', path: string, more: { key?: string; body?: unknown } = {}) => {
    const reply = await callApi(`${base}${path}`, {
      method,
      headers: {
        authorization,
        'content-type': 'application/json',
        ...(more.key === undefined ? {} : { 'x-payout-idempotency': more.key }),
      },
      ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }),
    });
    if (reply.status === 401 || reply.status === 403) throw refusedUs('razorpayx', reply.status);
    return reply;
  };
  const account = encodeURIComponent(profile['account_number']!);
  return {
    async verify() {
      const reply = await ask('GET', `/v1/payouts?account_number=${account}&count=1`).catch((error: unknown) => {
        if (!(error instanceof NoReply)) throw error;
        throw unreachable('razorpayx', error);
      });
      if (reply.status === 400) throw refusedUs('razorpayx', reply.status);
    },
    async send({ number, key, currency, sent, details }) {
      return await answered(async () => {
        const body = {
          account_number: profile['account_number'],
          fund_account_id: details['fund_account'],
          amount: Number(sent),
          currency,
          mode: profile['transfer'] ?? 'IMPS',
          purpose: profile['purpose'] ?? 'payout',
          queue_if_low_balance: false,
          reference_id: number,
          narration: `Payout ${number}`,
          notes: { attempt: key },
        };
        const reply = await ask('POST', '/v1/payouts', { key, body });
        return reply.status < 300 ? payoutAnswer(reply.body) : refusal(reply);
      });
    },
    async lookUp(order, providerId) {
      return await answered(async () => {
        if (providerId === null) return await byKey(ask, account, order);
        const reply = await ask('GET', `/v1/payouts/${encodeURIComponent(providerId)}`);
        return reply.status < 300 ? payoutAnswer(reply.body) : troubled(reply);
      });
    },
  };
}

async function byKey(
  ask: (method: 'GET', path: string) => Promise<Reply>,
  account: string,
  { number, key }: ApiOrder,
): Promise<ApiAnswer | null> {
  const reply = await ask('GET', `/v1/payouts?account_number=${account}&reference_id=${number}&count=100`);
  if (reply.status >= 300) return troubled(reply);
  const found = listAt(reply.body, 'items').find((one) => textAt(one, 'notes', 'attempt') === key);
  return found === undefined ? null : payoutAnswer(found);
}

/** A payout as Razorpay tells it, by its status. */
function payoutAnswer(payout: unknown): ApiAnswer {
  const providerId = textAt(payout, 'id');
  if (providerId === null) return { outcome: 'unknown', code: 'no_payout', message: 'the answer names no payout' };
  const status = textAt(payout, 'status') ?? '';
  const code = textAt(payout, 'status_details', 'reason') ?? textAt(payout, 'error', 'reason') ?? status;
  const message = saidBy(
    textAt(payout, 'status_details', 'description') ?? textAt(payout, 'failure_reason'),
    `the payout was ${status}`,
  );
  switch (status) {
    case 'processed':
      return { outcome: 'paid', providerId };
    case 'reversed':
      return { outcome: 'returned', providerId, code, message };
    case 'failed':
      return { outcome: TRANSIENT.includes(code) ? 'refused' : 'failed', providerId, code, message };
    case 'rejected':
    case 'cancelled':
      return { outcome: 'failed', providerId, code, message };
    default:
      return { outcome: 'accepted', providerId, code: status };
  }
}

function refusal(reply: Reply): ApiAnswer {
  if (reply.status === 429 || reply.status >= 500 || reply.status === 409) return troubled(reply);
  const reason = textAt(reply.body, 'error', 'reason');
  const message = saidBy(textAt(reply.body, 'error', 'description'), `refused with ${reply.status}`);
  // Of the key, not of the payment: it is in use, or was used for another one.
  if (/idempotency/i.test(message)) return { outcome: 'unknown', code: 'idempotency', message };
  const code =
    reason === null || reason === 'NA' ? (textAt(reply.body, 'error', 'code') ?? `http_${reply.status}`) : reason;
  const transient = TRANSIENT.includes(code) || NO_BALANCE.test(message);
  return { outcome: transient ? 'refused' : 'failed', providerId: null, code, message };
}

function readRazorpayEvent(event: unknown, eventId: string | null): ApiEvent {
  const type = textAt(event, 'event') ?? 'unknown';
  const payout = at(event, 'payload', 'payout', 'entity');
  const happened = { eventId, type, occurredAt: Number(at(event, 'created_at') ?? NaN) * 1000 };
  const providerId = textAt(payout, 'id');
  if (!type.startsWith('payout.') || providerId === null) return eventOf(happened, null);
  return eventOf(happened, {
    number: textAt(payout, 'reference_id'),
    key: textAt(payout, 'notes', 'attempt'),
    providerId,
    answer: payoutAnswer(payout),
    amount: BigInt(Number(at(payout, 'amount') ?? 0)),
    currency: textAt(payout, 'currency'),
  });
}
