import type { FirstDifference } from './file-comparison.ts';

/** What the books say of a file that was handed out. */
export interface FileProof {
  /** What it is a file of: 'earnings export', 'statement ST000042', 'journal J000007'. */
  readonly of: string;
  /** It is, byte for byte, what was written. */
  readonly whole: boolean;
  /** The books give these bytes again; null where they were not asked. */
  readonly repeatable: boolean | null;
  /** The moment of the books that it tells of. */
  readonly asOf: string;
  /** Where file and books, or file and manifest, part; null where nothing differs, or its bytes have no lines. */
  readonly difference: FirstDifference | null;
  /** What differs, one line each; empty when all is well. */
  readonly findings: readonly string[];
  /** What to do about that. */
  readonly remedy: string;
  /** What it says and nothing here can prove. */
  readonly unproved: readonly string[];
  /** Worth knowing, and no difference: that it was voided or taken back since. */
  readonly notes: readonly string[];
}
