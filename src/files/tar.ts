/**
 * Just enough of tar (POSIX ustar) for an archive of ours that anybody's tar can list and unpack. Writing and reading are
 * streams: no file is ever whole in memory.
 */
import { UsageError } from '../domain/errors.ts';

export type TarEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly size: number; readonly content: AsyncIterable<Buffer> };

const BLOCK = 512;
const NOTHING = Buffer.alloc(BLOCK);

/** The bytes of an archive. A content must have exactly the size its entry says. */
export async function* tarBytes(entries: AsyncIterable<TarEntry>): AsyncGenerator<Buffer> {
  for await (const entry of entries) {
    const size = entry.kind === 'file' ? entry.size : 0;
    yield header(entry, size);
    if (entry.kind === 'directory') continue;
    let written = 0;
    for await (const block of entry.content) {
      written += block.length;
      yield block;
    }
    if (written !== size) throw new Error(`${entry.path} was to have ${size} bytes and had ${written}`);
    if (size % BLOCK !== 0) yield NOTHING.subarray(0, BLOCK - (size % BLOCK));
  }
  yield Buffer.concat([NOTHING, NOTHING]);
}

/**
 * The entries of an archive, one after the other; the content of each is read before the next is asked for.
 * @throws UsageError `archive_damaged` where it ends early, or is none
 */
export async function* readTar(bytes: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const source = new ByteSource(bytes);
  for (;;) {
    const head = await source.exactly(BLOCK);
    if (head.equals(NOTHING)) return;
    const size = Number.parseInt(text(head, 124, 12), 8);
    const path = [text(head, 345, 155), text(head, 0, 100)].filter((part) => part !== '').join('/');
    if (text(head, 257, 5) !== 'ustar' || checksum(head) !== Number.parseInt(text(head, 148, 8), 8) || !(size >= 0)) {
      throw damaged('it holds something that is no tar header');
    }
    const type = text(head, 156, 1);
    if (type === '5') {
      yield { kind: 'directory', path: path.replace(/\/$/, '') };
    } else if (type === '0' || type === '') {
      const content = source.next(size);
      yield { kind: 'file', path, size, content };
      for await (const left of content) void left;
      await source.exactly((BLOCK - (size % BLOCK)) % BLOCK);
    } else {
      throw damaged(`${path} is neither a file nor a directory`);
    }
  }
}

function header({ kind, path }: TarEntry, size: number): Buffer {
  const head = Buffer.alloc(BLOCK);
  const [prefix, name] = splitPath(kind === 'directory' ? `${path}/` : path);
  head.write(name, 0, 100, 'utf8');
  head.write(kind === 'directory' ? '0000700\0' : '0000600\0', 100, 8, 'latin1');
  head.write('0000000\0', 108, 8, 'latin1');
  head.write('0000000\0', 116, 8, 'latin1');
  head.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 12, 'latin1');
  head.write('00000000000\0', 136, 12, 'latin1');
  head.write(kind === 'directory' ? '5' : '0', 156, 1, 'latin1');
  head.write('ustar\x0000', 257, 8, 'latin1');
  head.write(prefix, 345, 155, 'utf8');
  head.write(`${checksum(head).toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return head;
}

/** The sum of the header's bytes with its own eight counted as spaces. */
function checksum(head: Buffer): number {
  let sum = 0;
  for (let at = 0; at < BLOCK; at += 1) sum += at >= 148 && at < 156 ? 32 : head[at]!;
  return sum;
}

function splitPath(path: string): [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= 100) return ['', path];
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return [prefix, name];
  }
  throw new Error(`${path} is too long a name for tar`);
}

function text(head: Buffer, at: number, length: number): string {
  return head.toString('utf8', at, at + length).replace(/\0.*$/s, '');
}

function damaged(why: string): UsageError {
  return new UsageError('archive_damaged', `the archive is damaged: ${why}`, {
    hint: 'it was cut off or altered on its way: copy it again from where it was made, or take an earlier one',
  });
}

/** Takes a stream of blocks of any length apart at other places. */
class ByteSource {
  readonly #blocks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(bytes: AsyncIterable<Buffer>) {
    this.#blocks = bytes[Symbol.asyncIterator]();
  }

  async exactly(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.next(length)) parts.push(part);
    return Buffer.concat(parts);
  }

  async *next(length: number): AsyncGenerator<Buffer> {
    let left = length;
    while (left > 0) {
      if (this.#rest.length === 0) {
        const block: IteratorResult<Buffer, unknown> = await this.#blocks.next();
        if (block.done === true) throw damaged('it ends before its end');
        this.#rest = block.value;
      }
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
}
