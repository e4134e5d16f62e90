import { setFlagsFromString } from 'node:v8';

/**
 * For work by the million: from now on the heap may grow to two and a half times of what is alive between collections,
 * instead of four, so that the peak of memory follows what a chunk holds and not how long the work lasts. It costs no
 * measurable time; half of that would cost a third more.
 */
export function keepHeapSteady(): void {
  setFlagsFromString('--heap-growing-percent=150');
}
