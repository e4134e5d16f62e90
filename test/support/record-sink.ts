import type { RecordProblem, RecordReader, RecordSink } from '../../src/formats/records.ts';

export interface Collected {
  header: readonly string[] | null;
  records: { fields: readonly string[]; line: number; start: number; end: number }[];
  rejects: (RecordProblem & { line: number; start: number; end: number })[];
}

/** Feeds a reader, `step` bytes at a time, and keeps all it says. */
export function collect(
  make: (sink: RecordSink) => RecordReader,
  bytes: string | Uint8Array,
  step = 1 << 18,
): Collected {
  const found: Collected = { header: null, records: [], rejects: [] };
  const reader = make({
    header: (names) => {
      found.header = [...names];
    },
    record: (fields, span) => found.records.push({ fields: [...fields], ...span }),
    reject: (span, problem) => found.rejects.push({ ...span, ...problem }),
  });
  const buffer = Buffer.from(bytes);
  for (let at = 0; at < buffer.length; at += step) reader.push(buffer.subarray(at, at + step));
  reader.end();
  return found;
}
