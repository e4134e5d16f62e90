import { soak } from '../soak.ts';

/**
 * How random tests are run: `FC_SEED` replays a seed that a failure printed, `REVSHARE_RUNS` sets how many cases each
 * property tries, `REVSHARE_SOAK=1` asks for the full counts of the soak.
 */
const seed = process.env['FC_SEED'] === undefined ? Date.now() & 0x7fffffff : Number(process.env['FC_SEED']);

console.info(`random tests: FC_SEED=${seed}${soak ? ' REVSHARE_SOAK=1' : ''}`);

export const baseSeed = seed;

/** Parameters for fc.assert. */
export function runs(usual = 200): { seed: number; numRuns: number } {
  const asked = process.env['REVSHARE_RUNS'];
  return { seed, numRuns: asked === undefined ? (soak ? usual * 10 : usual) : Number(asked) };
}

/** How many programmes with rules of all kinds, which cost more. */
export function programmeCount(): number {
  return soak ? 2000 : 200;
}

/** How many whole books to try. */
export function bookCount(): number {
  return soak ? 5000 : 500;
}
