import { readFile } from 'node:fs/promises';
import { fileFailure } from './failures.ts';

/** All of a file that fits into memory. @param label what messages call it. Throws UsageError `file_…` */
export async function readWhole(path: string, label: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fileFailure(label, error);
  }
}
