import { RevshareError } from '../../domain/errors.ts';

/** A provider that cannot be called, or not by this host, keeps nothing else from being done: it is told, and left for the next time. */
export async function unlessCalled<T>(failures: string[], work: () => Promise<T[]>): Promise<T[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RevshareError) || !/^(rail_|live_not_said$|keys?_)/.test(error.code)) throw error;
    failures.push(`${error.code}: ${error.message}`);
    return [];
  }
}
