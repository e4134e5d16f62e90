import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const directory = join(dirname(fileURLToPath(import.meta.url)), 'goldens');

/**
 * Compares a text with the golden of that name. UPDATE_GOLDENS=1 writes it, to be read before it is committed; on a CI
 * nothing is ever written, and a golden that is missing fails.
 */
export function expectGolden(name: string, text: string): void {
  const path = join(directory, `${name}.txt`);
  if (process.env['UPDATE_GOLDENS'] === '1' && (process.env['CI'] ?? '') === '') {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path, text);
  }
  if (!existsSync(path))
    throw new Error(`there is no golden ${name}: run with UPDATE_GOLDENS=1 and read what it writes`);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

/** Takes out what differs from run to run: instants, plans and the numbers of transactions. */
export function steady(text: string): string {
  return (
    text
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g, 'INSTANT')
      .replaceAll(`${hostname()}:${process.pid}`, 'HOST:PID')
      // Microseconds are written without trailing zeros, so a column of instants is not always as wide.
      .replace(/(INSTANT|RECORDED AT|SET AT|STARTED AT|FINISHED AT|^AT) +/gm, '$1  ')
      .replace(/plan [0-9a-f]{12}/g, 'plan HASH')
      .replace(/plan\t[0-9a-f]{12}/g, 'plan\tHASH')
      .replace(/"plan": "[0-9a-f]{12}"/g, '"plan": "HASH"')
      .replace(/"transaction_id": "\d+"/g, '"transaction_id": "XID"')
  );
}
