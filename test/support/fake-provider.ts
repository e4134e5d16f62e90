import { createHmac, createSign, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import type { ApiRailName } from '../../src/domain/rail-names.ts';

/**
 * A provider that is none: it keeps books of its own, knows a key again as each real one documents it, and does what it is
 * told to a call: cuts the connection before or after it has paid, has no time, or answers with a fault. No real provider is
 * contacted by any test.
 */

/** What becomes of a call. `fault_before`, `fault_after`: it is answered with 500, and was not done, or was. */
export type Trouble = 'cut_before' | 'cut_after' | 'too_many' | 'fault_before' | 'fault_after';

/** What becomes of a payment to an account. `refused`: for now; `failed`: for good. */
export type Fate = 'paid' | 'pending' | 'refused' | 'failed' | 'unclaimed' | 'returned';

export interface FakePayment {
  readonly id: string;
  readonly key: string;
  readonly number: string;
  /** As it was sent: minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly account: string;
  fate: Fate;
}

interface Kept {
  readonly body: string;
  readonly answer: Answer;
  readonly at: number;
}
interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const KEEPS_MS: Readonly<Record<ApiRailName, number>> = {
  stripe: 24 * 3_600_000,
  'paypal-payouts': 30 * 24 * 3_600_000,
  razorpayx: 24 * 3_600_000,
};
/** What is asked of these moves money; troubles befall nothing else unless they are asked to. */
const PAYS: Readonly<Record<ApiRailName, string>> = {
  stripe: '/v1/transfers',
  'paypal-payouts': '/v1/payments/payouts',
  razorpayx: '/v1/payouts',
};
export const WEBHOOK_SECRET = 'whsec_fake';
export const STRIPE_ACCOUNT = 'acct_1Northwind00';
export const WEBHOOK_ID = 'WH0FAKE';

export class FakeProvider {
  readonly rail: ApiRailName;
  readonly payments: FakePayment[] = [];
  /** Every call that moves money, by its key. */
  readonly sent: string[] = [];
  /** What is to become of the next calls; when it is used up all goes well. */
  troubles: (Trouble | null)[] = [];
  /** What is to become of payments to an account, one after another; the last stays. */
  fates = new Map<string, Fate[]>();
  /** Milliseconds that it is ahead, so that what it keeps grows old. */
  ahead = 0;
  /** The secret that it takes. */
  secret = 'sk_test_fake';
  readonly certificate: KeyObject;
  readonly #signingKey: KeyObject;
  readonly #kept = new Map<string, Kept>();
  readonly #server: Server;

  private constructor(rail: ApiRailName) {
    this.rail = rail;
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.certificate = publicKey;
    this.#signingKey = privateKey;
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (part: string) => (body += part));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://fake');
        const call = {
          ...{ method: request.method ?? 'GET', path: url.pathname, query: url.searchParams },
          ...{ headers: request.headers, body },
        };
        const answer = this.#answer(call);
        if (answer === null) {
          request.socket.destroy();
          return;
        }
        response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
        response.end(JSON.stringify(answer.body));
      });
    });
  }

  static async start(rail: ApiRailName): Promise<FakeProvider> {
    const fake = new FakeProvider(rail);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  /** Forgets what it was told to do, and what it was sent; its books stay. */
  forget(): void {
    this.sent.length = 0;
    this.troubles = [];
    this.fates = new Map();
    this.secret = 'sk_test_fake';
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Its table in the file of secrets. */
  get secrets(): string {
    const webhook =
      this.rail === 'paypal-payouts'
        ? `webhook_certificate = """${this.certificate.export({ type: 'spki', format: 'pem' }).toString()}"""`
        : `webhook_secret = "${WEBHOOK_SECRET}"`;
    return `[${this.rail}]\nsecret = "${this.secret}"\nurl = "${this.url}"\n${webhook}\n`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Its books: what each number of ours was paid, and how often. What never moved, or came back, is not in them. */
  books(): Map<string, { amount: number; times: number }> {
    const books = new Map<string, { amount: number; times: number }>();
    for (const { number, amount, fate } of this.payments) {
      if (fate !== 'paid' && fate !== 'unclaimed') continue;
      const { amount: before = 0, times = 0 } = books.get(number) ?? {};
      books.set(number, { amount: before + amount, times: times + 1 });
    }
    return books;
  }

  /** Null: the connection is cut. */
  #answer(call: Call): Answer | null {
    const denied = this.#denied(call);
    if (denied !== null) return denied;
    const pays = call.method === 'POST' && call.path === PAYS[this.rail];
    const trouble = pays ? (this.troubles.shift() ?? null) : null;
    if (trouble === 'cut_before') return null;
    if (trouble === 'too_many') return { status: 429, body: {}, headers: { 'retry-after': '0' } };
    // Stripe repeats the first answer of a key even where that was a fault; so one that it kept nothing of came earlier.
    if (trouble === 'fault_before') return { status: 500, body: { error: { type: 'api_error', message: 'fault' } } };
    const answer = this.#route(call);
    if (trouble === 'cut_after') return null;
    return trouble === 'fault_after'
      ? { status: 500, body: { error: { type: 'api_error', message: 'fault' } } }
      : answer;
  }

  #denied({ headers, path }: Call): Answer | null {
    const given = headers.authorization ?? '';
    const [, encoded = ''] = given.split(' ');
    const password = Buffer.from(encoded, 'base64').toString().split(':')[1];
    const known =
      this.rail === 'stripe'
        ? encoded === this.secret
        : this.rail === 'razorpayx' || path === '/v1/oauth2/token'
          ? password === this.secret
          : encoded === 'token';
    return known ? null : { status: 401, body: { error: { type: 'invalid_request_error', code: 'UNAUTHORIZED' } } };
  }

  #route(call: Call): Answer {
    const { method, path } = call;
    if (path === '/v1/account') return { status: 200, body: { id: STRIPE_ACCOUNT, object: 'account' } };
    if (path === '/v1/oauth2/token') return { status: 200, body: { access_token: 'token', expires_in: 32_400 } };
    if (method === 'POST') return this.#pay(call);
    const id = path.slice(PAYS[this.rail].length + 1);
    if (id !== '') {
      const found = this.payments.find((one) => one.id === id);
      return found === undefined
        ? { status: 404, body: { error: { type: 'invalid_request_error', code: 'resource_missing' } } }
        : this.#shown(found);
    }
    const wanted = call.query.get('transfer_group') ?? call.query.get('reference_id');
    const items = this.payments.filter(({ number }) => number === wanted).map((one) => this.#shown(one).body);
    return { status: 200, body: { object: 'list', has_more: false, url: path, data: items, items } };
  }

  #pay(call: Call): Answer {
    const { key, ...payment } = this.#read(call);
    this.sent.push(key);
    const kept = this.#kept.get(key);
    if (kept !== undefined && Date.now() + this.ahead - kept.at < KEEPS_MS[this.rail])
      return this.#repeated(kept, call.body, key);
    const fates = this.fates.get(payment.account) ?? ['paid'];
    const fate = fates.length > 1 ? fates.shift()! : fates[0]!;
    const answer = this.#first({ ...payment, key, fate });
    this.#kept.set(key, { body: call.body, answer, at: Date.now() + this.ahead });
    return answer;
  }

  #first(wanted: Omit<FakePayment, 'id'>): Answer {
    const nth = this.payments.length + 1;
    const prefix = { stripe: 'tr_', 'paypal-payouts': 'BATCH', razorpayx: 'pout_' }[this.rail];
    const payment: FakePayment = { ...wanted, id: `${prefix}${String(nth).padStart(8, '0')}` };
    const { fate } = payment;
    // Stripe says so at once, and has made nothing then; the others take it, and find out.
    if (this.rail === 'stripe' && (fate === 'refused' || fate === 'failed')) {
      const code = fate === 'refused' ? 'balance_insufficient' : 'account_invalid';
      return { status: 400, body: { error: { type: 'invalid_request_error', code, message: `it is ${code}` } } };
    }
    this.payments.push(payment);
    return { ...this.#shown(payment, true), status: this.rail === 'paypal-payouts' ? 201 : 200 };
  }

  #repeated(kept: Kept, body: string, key: string): Answer {
    if (this.rail === 'paypal-payouts') {
      const first = this.payments.find((one) => one.key === key)!;
      return {
        status: 400,
        body: {
          name: 'USER_BUSINESS_ERROR',
          message: 'User business error.',
          details: [{ field: 'SENDER_BATCH_ID', issue: 'Batch with given sender_batch_id already exists' }],
          links: [{ href: `${this.url}${PAYS[this.rail]}/${first.id}`, rel: 'self', method: 'GET' }],
        },
      };
    }
    if (kept.body === body) return kept.answer;
    return {
      status: 400,
      body: {
        error: {
          ...{ type: 'idempotency_error', code: this.rail === 'stripe' ? 'idempotency_error' : 'BAD_REQUEST_ERROR' },
          ...{ message: 'Keys for idempotent requests can only be used with the same parameters' },
          description: 'Different request body sent for the same Idempotency Header',
        },
      },
    };
  }

  #read({ headers, body }: Call): Omit<FakePayment, 'id' | 'fate'> {
    if (this.rail === 'stripe') {
      const form = new URLSearchParams(body);
      return {
        ...{
          key: String(headers['idempotency-key']),
          number: form.get('transfer_group')!,
          amount: Number(form.get('amount')),
        },
        ...{ currency: form.get('currency')!.toUpperCase(), account: form.get('destination')! },
      };
    }
    const said = JSON.parse(body) as Record<string, never>;
    if (this.rail === 'razorpayx') {
      return {
        ...{
          key: String(headers['x-payout-idempotency']),
          number: said['reference_id']!,
          amount: Number(said['amount']),
        },
        ...{ currency: said['currency']!, account: said['fund_account_id']! },
      };
    }
    const [item] = said['items'] as unknown as [
      { sender_item_id: string; receiver: string; amount: { value: string; currency: string } },
    ];
    const header = said['sender_batch_header'] as unknown as { sender_batch_id: string };
    if (headers['paypal-request-id'] !== header.sender_batch_id) throw new Error('one call, two keys');
    return {
      ...{
        key: header.sender_batch_id,
        number: item.sender_item_id,
        amount: Math.round(Number(item.amount.value) * 100),
      },
      ...{ currency: item.amount.currency, account: item.receiver },
    };
  }

  /** As it is shown; at once, those that think about it have not. */
  #shown(payment: FakePayment, atOnce = false): Answer {
    return { status: 200, body: this.shown(payment, atOnce) };
  }

  shown(payment: FakePayment, atOnce = false): Record<string, unknown> {
    const { id, key, number, amount, currency, account, fate } = payment;
    switch (this.rail) {
      case 'stripe':
        return {
          ...{ id, object: 'transfer', amount, currency: currency.toLowerCase(), destination: account },
          ...{ transfer_group: number, metadata: { payout: number, attempt: key }, reversed: fate === 'returned' },
        };
      case 'razorpayx': {
        const status = {
          ...{ paid: 'processed', pending: 'processing', refused: 'failed', failed: 'failed' },
          ...{ unclaimed: 'queued', returned: 'reversed' },
        }[fate];
        const reason =
          fate === 'refused' ? 'beneficiary_bank_offline' : fate === 'paid' ? null : 'beneficiary_account_invalid';
        return {
          ...{
            id,
            entity: 'payout',
            amount,
            currency,
            fund_account_id: account,
            reference_id: number,
            notes: { attempt: key },
          },
          ...{ status: atOnce ? 'processing' : status, status_details: { reason, description: 'as it is' } },
        };
      }
      case 'paypal-payouts':
        return {
          batch_header: {
            payout_batch_id: id,
            batch_status: atOnce ? 'PENDING' : 'SUCCESS',
            sender_batch_header: { sender_batch_id: key },
          },
          ...(atOnce ? {} : { items: [this.#item(payment)] }),
        };
    }
  }

  #item({ id, key, number, amount, currency, account, fate }: FakePayment) {
    const status = {
      ...{ paid: 'SUCCESS', pending: 'PENDING', refused: 'FAILED', failed: 'FAILED' },
      ...{ unclaimed: 'UNCLAIMED', returned: 'RETURNED' },
    }[fate];
    const error = { refused: 'INSUFFICIENT_FUNDS', failed: 'RECEIVER_ACCOUNT_LOCKED' }[fate as 'refused' | 'failed'];
    return {
      ...{ payout_item_id: `ITEM${id}`, payout_batch_id: id, sender_batch_id: key, transaction_status: status },
      payout_item: {
        sender_item_id: number,
        receiver: account,
        amount: { value: (amount / 100).toFixed(2), currency },
      },
      ...(error === undefined ? {} : { errors: { name: error, message: 'as it is' } }),
    };
  }

  /** The webhook that tells of a payment as it is now: a whole request, signed. */
  webhook(payment: FakePayment, { id = `evt_${randomUUID()}`, at = Date.now() } = {}): string {
    const seconds = Math.floor(at / 1000);
    switch (this.rail) {
      case 'stripe': {
        const type = payment.fate === 'returned' ? 'transfer.reversed' : 'transfer.created';
        const body = JSON.stringify({ id, type, created: seconds, data: { object: this.shown(payment) } });
        const signature = createHmac('sha256', WEBHOOK_SECRET).update(`${seconds}.${body}`).digest('hex');
        return `Stripe-Signature: t=${seconds},v1=${signature}\r\n\r\n${body}`;
      }
      case 'razorpayx': {
        const entity = this.shown(payment);
        const body = JSON.stringify({
          event: `payout.${String(entity['status'])}`,
          created_at: seconds,
          payload: { payout: { entity } },
        });
        const signature = createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex');
        return `X-Razorpay-Signature: ${signature}\r\nX-Razorpay-Event-Id: ${id}\r\n\r\n${body}`;
      }
      case 'paypal-payouts': {
        const resource = this.#item(payment);
        const type = `PAYMENT.PAYOUTS-ITEM.${resource.transaction_status === 'SUCCESS' ? 'SUCCEEDED' : resource.transaction_status}`;
        const time = new Date(at).toISOString();
        const body = JSON.stringify({ id, event_type: type, create_time: time, resource });
        const signature = createSign('RSA-SHA256')
          .update(`T-1|${time}|${WEBHOOK_ID}|${crc32(body)}`)
          .sign(this.#signingKey, 'base64');
        return `PAYPAL-TRANSMISSION-ID: T-1\r\nPAYPAL-TRANSMISSION-TIME: ${time}\r\nPAYPAL-TRANSMISSION-SIG: ${signature}\r\n\r\n${body}`;
      }
    }
  }
}
