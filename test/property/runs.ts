import { seed, soak } from '../soak.ts';

console.info(`random tests: FC_SEED=${seed}${soak ? ' REVSHARE_SOAK=1' : ''}`);

export const baseSeed = seed;

/** Parameters for fc.assert; `REVSHARE_RUNS` sets how many cases each property tries. */
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
