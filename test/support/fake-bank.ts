/**
 * A bank that takes the files written here and sends back what banks send: statements, status reports, returns. It takes
 * files apart by their text and shares nothing with the writers or readers.
 */
export interface TakenPayment {
  readonly id: string;
  /** As the file writes it: '125.50'. */
  readonly amount: string;
  readonly name: string;
}

/** The transfers of a pain.001. */
export function transfersOf(pain001: string): { readonly message: string; readonly payments: TakenPayment[] } {
  const inside = (text: string, tag: string) => new RegExp(`<${tag}[^>]*>([^<]*)</${tag}>`).exec(text)?.[1] ?? '';
  return {
    message: inside(pain001, 'MsgId'),
    payments: [...pain001.matchAll(/<CdtTrfTxInf>[\s\S]*?<\/CdtTrfTxInf>/g)].map(([one]) => ({
      id: inside(one, 'EndToEndId'),
      amount: inside(one, 'InstdAmt'),
      name: inside(one, 'Nm'),
    })),
  };
}

export interface StatementOptions {
  /** 2 to 13. */
  readonly version?: number;
  /** How a day's payments are booked: each by itself, together with details, or together without a word. */
  readonly booking?: 'single' | 'details' | 'sum';
  /** What came back, by our id, with its reason; a day later. */
  readonly returns?: Readonly<Record<string, string>>;
  readonly date?: string;
  /** More entries, as they are to stand there. */
  readonly extra?: string;
  readonly name?: CamtName;
}

/** The statement that shows these payments, in euros. */
export function statementOf(
  { message, payments }: ReturnType<typeof transfersOf>,
  { version = 8, booking = 'single', returns = {}, date = '2026-11-02', extra = '', name }: StatementOptions = {},
): string {
  const returned = payments.filter(({ id }) => returns[id] !== undefined);
  const entries =
    booking === 'single'
      ? payments.map((one) =>
          entry({ version, date, amount: one.amount, side: 'DBIT', details: [detail(version, one, 'DBIT', message)] }),
        )
      : [
          entry({
            ...{ version, date, side: 'DBIT' as const, amount: sum(payments) },
            batch: { message, count: payments.length },
            details: booking === 'details' ? payments.map((one) => detail(version, one, 'DBIT', message)) : [],
          }),
        ];
  const back = returned.map((one) =>
    entry({
      version,
      date,
      amount: one.amount,
      side: 'CRDT',
      details: [detail(version, one, 'CRDT', message, returns[one.id])],
    }),
  );
  return statement(version, [...entries, ...back, extra].join(''), name);
}

type CamtName = 'camt.052' | 'camt.053' | 'camt.054';
const ELEMENTS = {
  'camt.052': ['BkToCstmrAcctRpt', 'Rpt'],
  'camt.053': ['BkToCstmrStmt', 'Stmt'],
  'camt.054': ['BkToCstmrDbtCdtNtfctn', 'Ntfctn'],
} as const;

/** A statement of these entries, or a report of a day, or a notification, which knows no balances. */
export function statement(version: number, entries: string, name: CamtName = 'camt.053'): string {
  const namespace = `urn:iso:std:iso:20022:tech:xsd:${name}.001.${String(version).padStart(2, '0')}`;
  const [body, each] = ELEMENTS[name];
  const balances = name === 'camt.054' ? '' : `${balance('OPBD')}${balance('CLBD')}`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="${namespace}"><${body}><GrpHdr><MsgId>STMT-1</MsgId><CreDtTm>2026-11-03T06:00:00</CreDtTm></GrpHdr>
<${each}><Id>2026-11-02</Id><CreDtTm>2026-11-03T06:00:00</CreDtTm><Acct><Id><IBAN>DE75512108001245126199</IBAN></Id></Acct>
${balances}${entries}</${each}></${body}></Document>
`;
}

function balance(code: string): string {
  return `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-02</Dt></Dt></Bal>\n`;
}

export function entry(made: {
  readonly version: number;
  readonly date: string;
  readonly amount: string;
  readonly side: 'DBIT' | 'CRDT';
  readonly details: readonly string[];
  readonly batch?: { readonly message: string; readonly count: number };
  readonly status?: string;
}): string {
  const { version, date, amount, side, details, batch, status = 'BOOK' } = made;
  const said = version >= 7 ? `<Sts><Cd>${status}</Cd></Sts>` : `<Sts>${status}</Sts>`;
  const told =
    batch === undefined ? '' : `<Btch><MsgId>${batch.message}</MsgId><NbOfTxs>${batch.count}</NbOfTxs></Btch>`;
  const inside = details.length === 0 && told === '' ? '' : `<NtryDtls>${told}${details.join('')}</NtryDtls>`;
  return `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd>${said}<BookgDt><Dt>${date}</Dt></BookgDt><ValDt><Dt>${date}</Dt></ValDt><AcctSvcrRef>B${amount}</AcctSvcrRef><BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd>${inside}</Ntry>\n`;
}

/** Up to version 2 a detail's amount stands elsewhere, and from version 7 on a party in an element of its own. */
function detail(
  version: number,
  { id, amount, name }: TakenPayment,
  side: string,
  message: string,
  reason?: string,
): string {
  const money =
    version <= 2
      ? `<AmtDtls><TxAmt><Amt Ccy="EUR">${amount}</Amt></TxAmt></AmtDtls>`
      : `<Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd>`;
  const party = version >= 7 ? `<Pty><Nm>${name}</Nm></Pty>` : `<Nm>${name}</Nm>`;
  const why = reason === undefined ? '' : `<RtrInf><Rsn><Cd>${reason}</Cd></Rsn></RtrInf>`;
  return `<TxDtls><Refs><MsgId>${message}</MsgId><EndToEndId>${id}</EndToEndId><TxId>TX${id}</TxId></Refs>${money}<RltdPties><Cdtr>${party}</Cdtr></RltdPties>${why}</TxDtls>`;
}

/** In cents, for the sums of a statement. */
function sum(payments: readonly TakenPayment[]): string {
  const cents = payments
    .reduce((total, { amount }) => total + BigInt(amount.replace('.', '')), 0n)
    .toString()
    .padStart(3, '0');
  return `${cents.slice(0, -2)}.${cents.slice(-2)}`;
}

/** The status report of a pain.001: every payment taken but those that are refused, by our id and with their reason. */
export function statusReportOf(
  { message, payments }: ReturnType<typeof transfersOf>,
  {
    refused = {},
    version = 10,
    whole,
  }: { readonly refused?: Readonly<Record<string, string>>; readonly version?: number; readonly whole?: string } = {},
): string {
  const why = (code: string) =>
    `<StsRsnInf><Rsn><Cd>${code}</Cd></Rsn><AddtlInf>told by the bank</AddtlInf></StsRsnInf>`;
  const transactions = payments.map(({ id, amount, name }) => {
    const code = refused[id];
    const status = code === undefined ? '<TxSts>ACSP</TxSts>' : `<TxSts>RJCT</TxSts>${why(code)}`;
    return `<TxInfAndSts><OrgnlEndToEndId>${id}</OrgnlEndToEndId>${status}<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">${amount}</InstdAmt></Amt><Cdtr><Nm>${name}</Nm></Cdtr></OrgnlTxRef></TxInfAndSts>`;
  });
  const group = `<OrgnlMsgId>${message}</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId><OrgnlNbOfTxs>${payments.length}</OrgnlNbOfTxs>`;
  const body =
    whole === undefined
      ? `<OrgnlGrpInfAndSts>${group}</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>${message}</OrgnlPmtInfId>${transactions.join('\n')}</OrgnlPmtInfAndSts>`
      : `<OrgnlGrpInfAndSts>${group}<GrpSts>RJCT</GrpSts>${why(whole)}</OrgnlGrpInfAndSts>`;
  const namespace = `urn:iso:std:iso:20022:tech:xsd:pain.002.001.${String(version).padStart(2, '0')}`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="${namespace}"><CstmrPmtStsRpt><GrpHdr><MsgId>STS-1</MsgId><CreDtTm>2026-11-02T10:00:00</CreDtTm></GrpHdr>${body}</CstmrPmtStsRpt></Document>
`;
}

/**
 * What a bank sends back of a NACHA file: entries returned (R…) or to be written otherwise (C…), by our id.
 */
export function nachaReturnsOf(
  nacha: string,
  told: Readonly<Record<string, string>>,
  corrected = '1918171614',
): string {
  const lines = nacha.split('\n');
  const header = lines[0]!;
  const out = [
    `101 ${header.slice(14, 23)} ${header.slice(4, 13)}261104${'0900'}A094101${header.slice(40, 63)}${header.slice(63, 86)}${' '.repeat(8)}`
      .slice(0, 94)
      .padEnd(94),
  ];
  let batches = 0;
  let all = { entries: 0, hash: 0n, credits: 0n };
  for (const entryClass of ['PPD', 'CCD', 'COR']) {
    let inside = '';
    const back = lines.filter((line) => {
      if (line.startsWith('5')) inside = line.slice(50, 53);
      if (!line.startsWith('6')) return false;
      const code = told[line.slice(39, 54).trim()];
      return code !== undefined && (code.startsWith('C') ? 'COR' : inside) === entryClass;
    });
    if (back.length === 0) continue;
    batches += 1;
    const sums = { entries: 0, hash: 0n, credits: 0n };
    out.push(
      `5220Example Payer   ${' '.repeat(20)}1234567890${entryClass}PAYOUT    ${' '.repeat(6)}261103307109140060${pad(batches, 7)}`,
    );
    back.forEach((line, n) => {
      const code = told[line.slice(39, 54).trim()]!;
      const change = code.startsWith('C');
      const trace = `09140060${pad(n + 1, 7)}`;
      const cents = change ? 0n : BigInt(line.slice(29, 39));
      out.push(`6${line[1]}1${line.slice(3, 29)}${pad(cents, 10)}${line.slice(39, 78)}1${trace}`);
      const [original, bank] = [line.slice(79, 94), line.slice(3, 11)];
      out.push(
        change
          ? `798${code}${original}${' '.repeat(6)}${bank}${corrected.padEnd(29)}${' '.repeat(15)}${trace}`
          : `799${code}${original}${' '.repeat(6)}${bank}${' '.repeat(44)}${trace}`,
      );
      sums.entries += 2;
      sums.hash += BigInt(bank);
      sums.credits += cents;
    });
    out.push(
      `8220${pad(sums.entries, 6)}${pad(sums.hash, 10)}${pad(0, 12)}${pad(sums.credits, 12)}1234567890${' '.repeat(25)}09140060${pad(batches, 7)}`,
    );
    all = { entries: all.entries + sums.entries, hash: all.hash + sums.hash, credits: all.credits + sums.credits };
  }
  const blocks = Math.ceil((out.length + 1) / 10);
  out.push(
    `9${pad(batches, 6)}${pad(blocks, 6)}${pad(all.entries, 8)}${pad(all.hash % 10_000_000_000n, 10)}${pad(0, 12)}${pad(all.credits, 12)}${' '.repeat(39)}`,
  );
  while (out.length < blocks * 10) out.push('9'.repeat(94));
  return `${out.join('\n')}\n`;
}

function pad(value: number | bigint, width: number): string {
  return value.toString().padStart(width, '0');
}

/** PayPal's report of a batch file: all paid, but for those that are told, by our id with PayPal's status. */
export function payPalReportOf(batch: string, told: Readonly<Record<string, string>>, heading = true): string {
  const rows = batch
    .trim()
    .split('\n')
    .map((line, n) => {
      const [recipient, amount, currency, id] = line.split(',');
      const status = told[id!] ?? 'SUCCESS';
      const why = status === 'SUCCESS' ? ',' : 'RECEIVER_UNREGISTERED,Receiver is unregistered';
      return `${id},${`ITEM${n}`.padEnd(13, 'X')},TX${id},,${recipient},${currency},${amount},0.25,${amount},${status},${why},2026-11-02T10:33:22Z`;
    });
  const names =
    'REF_ID,PAYOUT_ITEM_ID,TRANSACTION_ID,RECIPIENT_NAME,RECIPIENT,CURRENCY_CODE,PAYOUT_AMOUNT,FEE,TOTAL,TRANSACTION_STATUS,ERROR_ENUM,ERROR_MESSAGE,TIME_PROCESSED';
  return `${[...(heading ? [names] : []), ...rows].join('\n')}\n`;
}
