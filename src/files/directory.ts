import { statSync } from 'node:fs';
import { UsageError } from '../domain/errors.ts';

/** @throws UsageError `directory_missing` */
export function assertDirectory(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError('directory_missing', `${directory} is no directory`, {
      hint: `make it first: mkdir -p ${directory}`,
    });
  }
}
