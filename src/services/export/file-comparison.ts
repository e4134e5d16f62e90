export interface FirstDifference {
  /** Data rows count from 1; 0 is the heading. */
  readonly row: number;
  /** The line in the file, and what the books give; null where one of them has ended. At most 500 characters. */
  readonly inFile: string | null;
  readonly inBooks: string | null;
}

/** A file that is open, or its bytes. */
interface Readable {
  read(into: Buffer, at: number, length: number, from: number): Promise<{ readonly bytesRead: number }>;
}

export const readableBytes = (bytes: Buffer): Readable => ({
  read: async (into, at, length, from) =>
    await Promise.resolve({ bytesRead: bytes.copy(into, at, from, from + length) }),
});

const LF = 10;
const LONGEST_LINE = 500;

/** Compares a file with the blocks of whole rows it should consist of, and remembers the first row that differs. */
export class FileComparison {
  readonly #file: Readable;
  readonly #heading: boolean;
  #offset = 0;
  #lines = 0;
  #first: FirstDifference | null = null;

  constructor(file: Readable, heading: boolean) {
    this.#file = file;
    this.#heading = heading;
  }

  get first(): FirstDifference | null {
    return this.#first;
  }

  async take(block: Buffer): Promise<void> {
    if (this.#first !== null) return;
    const found = await this.#read(block.length);
    if (found.equals(block)) {
      this.#offset += block.length;
      this.#lines += countLines(block);
      return;
    }
    let at = 0;
    while (at < found.length && found[at] === block[at]) at += 1;
    const lineStart = at === 0 ? 0 : block.lastIndexOf(LF, at - 1) + 1;
    const lineEnd = block.indexOf(LF, lineStart);
    this.#first = {
      row: this.#rowOf(this.#lines + countLines(block.subarray(0, lineStart))),
      inFile: await this.#lineAt(this.#offset + lineStart),
      inBooks: text(block.subarray(lineStart, lineEnd === -1 ? block.length : lineEnd)),
    };
  }

  /** The books have no more: neither may the file. */
  async end(): Promise<void> {
    if (this.#first !== null) return;
    const line = await this.#lineAt(this.#offset);
    if (line !== null) this.#first = { row: this.#rowOf(this.#lines), inFile: line, inBooks: null };
  }

  #rowOf(line: number): number {
    return this.#heading ? line : line + 1;
  }

  async #lineAt(offset: number): Promise<string | null> {
    const block = Buffer.alloc(LONGEST_LINE * 4);
    const { bytesRead } = await this.#file.read(block, 0, block.length, offset);
    if (bytesRead === 0) return null;
    const end = block.subarray(0, bytesRead).indexOf(LF);
    return text(block.subarray(0, end === -1 ? bytesRead : end));
  }

  async #read(length: number): Promise<Buffer> {
    const block = Buffer.allocUnsafe(length);
    let at = 0;
    while (at < length) {
      const { bytesRead } = await this.#file.read(block, at, length - at, this.#offset + at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return block.subarray(0, at);
  }
}

function text(line: Buffer): string {
  return line.toString('utf8').replace(/\r$/, '').slice(0, LONGEST_LINE);
}

function countLines(block: Buffer): number {
  let lines = 0;
  for (let at = block.indexOf(LF); at !== -1; at = block.indexOf(LF, at + 1)) lines += 1;
  return lines;
}
