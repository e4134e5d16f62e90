import { UsageError } from '../domain/errors.ts';

/** A request as it came: its headers by names in small letters, and its body to the byte. */
export interface HttpMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Reads header lines, an empty line and a body; a request line before them is passed over.
 * @param label what messages call it
 * @throws UsageError `http_message`
 */
export function readHttpMessage(bytes: Buffer, label: string): HttpMessage {
  const found = /\r?\n\r?\n/.exec(bytes.toString('latin1'));
  const head = found === null ? '' : bytes.toString('latin1', 0, found.index);
  const lines = head.split(/\r?\n/).filter((line, index) => index > 0 || !/^[A-Z]+ \S+ HTTP\//.test(line));
  const headers = lines.map((line) => /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line));
  if (found === null || headers.some((one) => one === null)) {
    throw new UsageError('http_message', `${label} does not begin with header lines and an empty line`, {
      hint: 'keep a request as it came: a line a header, as "Stripe-Signature: t=…", an empty line, then the body to the byte',
    });
  }
  return {
    headers: Object.fromEntries(headers.map((one) => [one![1]!.toLowerCase(), one![2]!])),
    body: bytes.subarray(found.index + found[0].length),
  };
}
