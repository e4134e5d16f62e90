/**
 * `REVSHARE_SOAK=1` (`npm run test:soak`) asks for the full counts. What is cut short in `npm test` is how often a random
 * test tries, never what it checks.
 */
export const soak = process.env['REVSHARE_SOAK'] === '1';

/**
 * What random tests are made from. `npm test` tries the same cases every time, so that a change alone can make it fail; a
 * soak tries others each time, and `FC_SEED` those of a failure that printed it.
 */
export const seed = Number(process.env['FC_SEED'] ?? (soak ? Date.now() % 1_000_000_000 : 20_261_126));

export const times = (usual: number, full: number): number => (soak ? full : usual);

/** How long a test may take: its usual milliseconds, or for the full count as long as it needs on a slow machine. */
export const patience = (usual: number): { timeout: number } => ({ timeout: soak ? 3_600_000 : usual });

const EVERY_MS = 30_000;
let told = performance.now();

/** Says how far a soak is, now and then. */
export function tell(what: string, done: number, of: number): void {
  if (soak && performance.now() - told > EVERY_MS) {
    told = performance.now();
    console.info(`${new Date().toISOString().slice(11, 19)} ${what}: ${done} of ${of}`);
  }
}
