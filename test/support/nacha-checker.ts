/**
 * A second opinion on NACHA files, written from the record formats and sharing nothing with the writer: every control
 * figure is added up again from the entries. Returns what is wrong; nothing for a file that a bank would take.
 */
export interface CheckedNacha {
  readonly faults: readonly string[];
  readonly entries: readonly {
    readonly code: string;
    readonly bank: string;
    readonly account: string;
    readonly cents: bigint;
    readonly id: string;
    readonly name: string;
    readonly trace: string;
    readonly entryClass: string;
    readonly note: string | null;
  }[];
}

export function checkNacha(text: string): CheckedNacha {
  const faults: string[] = [];
  const entries: CheckedNacha['entries'][number][] = [];
  const lines = text.replace(/\n$/, '').split('\n');
  const say = (line: number, fault: string) => faults.push(`line ${line + 1}: ${fault}`);
  lines.forEach((line, n) => {
    if (line.length !== 94) say(n, `${line.length} characters`);
    if (!/^[\x20-\x7e]*$/.test(line)) say(n, 'not plain ASCII');
  });
  if (lines.length % 10 !== 0) faults.push(`${lines.length} lines, not whole blocks of ten`);

  let batches = 0;
  let fileEntries = 0;
  let fileHash = 0n;
  let fileCredits = 0n;
  let n = 0;
  const header = lines[n++] ?? '';
  if (!/^101[ \d]\d{9}.{10}\d{6}\d{4}[A-Z0-9]094101.{23}.{23}.{8}$/.test(header)) say(0, 'no file header');
  if (!isRouting(header.slice(4, 13))) say(0, 'the destination is no routing number');

  while (lines[n]?.startsWith('5')) {
    const at = n;
    const batch = lines[n++]!;
    batches += 1;
    const [service, entryClass, odfi] = [batch.slice(1, 4), batch.slice(50, 53), batch.slice(79, 87)];
    if (service !== '220') say(at, `service class ${service} is not credits only`);
    if (!['PPD', 'CCD'].includes(entryClass)) say(at, `entry class ${entryClass}`);
    if (batch.slice(78, 79) !== '1') say(at, 'originator status');
    if (Number(batch.slice(87)) !== batches) say(at, 'batch number');
    let count = 0;
    let hash = 0n;
    let credits = 0n;
    let last = '';
    while (lines[n]?.startsWith('6')) {
      const line = lines[n++]!;
      count += 1;
      const bank = line.slice(3, 12);
      if (!isRouting(bank)) say(n - 1, `${bank} is no routing number`);
      if (!['22', '32'].includes(line.slice(1, 3)))
        say(n - 1, `transaction code ${line.slice(1, 3)} is no live credit`);
      const trace = line.slice(79);
      if (!trace.startsWith(odfi) || trace <= last) say(n - 1, `trace ${trace} after ${last}`);
      last = trace;
      hash += BigInt(bank.slice(0, 8));
      credits += BigInt(line.slice(29, 39));
      let note: string | null = null;
      if (line.slice(78, 79) === '1') {
        const addenda = lines[n++] ?? '';
        count += 1;
        if (!addenda.startsWith('705') || addenda.slice(83, 87) !== '0001') say(n - 1, 'no addenda record');
        if (addenda.slice(87) !== trace.slice(8)) say(n - 1, 'the addenda belongs to another entry');
        note = addenda.slice(3, 83).trim();
      }
      entries.push({
        ...{ code: line.slice(1, 3), bank, cents: BigInt(line.slice(29, 39)), trace, entryClass, note },
        ...{ account: line.slice(12, 29).trim(), id: line.slice(39, 54).trim(), name: line.slice(54, 76).trim() },
      });
    }
    const control = lines[n++] ?? '';
    const expected = `8${service}${pad(count, 6)}${pad(hash % 10_000_000_000n, 10)}${pad(0, 12)}${pad(credits, 12)}${batch.slice(40, 50)}${' '.repeat(25)}${odfi}${batch.slice(87)}`;
    if (control !== expected) say(n - 1, `batch control\n  is     ${control}\n  should ${expected}`);
    fileEntries += count;
    fileHash += hash;
    fileCredits += credits;
  }

  const blocks = Math.ceil((n + 1) / 10);
  const expected = `9${pad(batches, 6)}${pad(blocks, 6)}${pad(fileEntries, 8)}${pad(fileHash % 10_000_000_000n, 10)}${pad(0, 12)}${pad(fileCredits, 12)}${' '.repeat(39)}`;
  if (lines[n] !== expected) say(n, `file control\n  is     ${lines[n]}\n  should ${expected}`);
  for (const filler of lines.slice(n + 1)) if (filler !== '9'.repeat(94)) faults.push(`not a filler: ${filler}`);
  if (lines.length !== blocks * 10) faults.push(`${lines.length} lines in ${blocks} blocks`);
  return { faults, entries };
}

function pad(value: number | bigint, width: number): string {
  return value.toString().padStart(width, '0');
}

function isRouting(text: string): boolean {
  const d = [...text].map(Number);
  const sum = 3 * (d[0]! + d[3]! + d[6]!) + 7 * (d[1]! + d[4]! + d[7]!) + (d[2]! + d[5]! + d[8]!);
  return d.length === 9 && sum % 10 === 0;
}
