import { UnavailableError } from '../../domain/errors.ts';

/** The reader of a pipe went away, as `| head` does. Nobody's fault: the command ends quietly. */
export class BrokenPipe extends Error {}

/** Words for what a stream of ours may refuse: a full disk behind `> file`, a quota, a device that is gone. */
function outputFailure(error: NodeJS.ErrnoException, name: string): Error {
  if (isBrokenPipe(error)) return new BrokenPipe();
  return new UnavailableError('output_failed', `${name} cannot be written (${error.code ?? error.message})`, {
    hint: 'free some space where it goes, or send it elsewhere; what is printed is cut off, and a change that was made stays made',
    cause: error,
  });
}

/** Writes to a stream and waits until it is taken, so that a long list never piles up in memory. */
export interface Writer {
  write(text: string): Promise<void>;
}

/**
 * A writer over a stream. After a broken pipe every write fails with `BrokenPipe`, whether the stream told its callback
 * or only raised an event; without a listener that event would end the process.
 */
export function streamWriter(stream: NodeJS.WritableStream, name: 'stdout' | 'stderr'): Writer {
  let broken: Error | null = null;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    broken ??= outputFailure(error, name);
  });
  return {
    async write(text) {
      if (broken !== null) throw broken;
      await new Promise<void>((resolve, reject) => {
        stream.write(text, (error) => {
          if (error === null || error === undefined) resolve();
          else reject(outputFailure(error, name));
        });
      });
    },
  };
}

function isBrokenPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || error.code === 'ERR_STREAM_WRITE_AFTER_END';
}
