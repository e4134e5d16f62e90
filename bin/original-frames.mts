import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';

/** The frames of a stack inside a bundle, as places of the source that it was made of; others, and without a map, as they are. */
export function originalFrames(stack: string, bundle: string): string {
  let map: SourceMap;
  try {
    map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')) as SourceMapPayload);
  } catch {
    return stack;
  }
  return stack
    .split('\n')
    .map((frame) => {
      const place = /^(\s+at ).*?\(?([^\s()]+):(\d+):(\d+)\)?$/.exec(frame);
      if (place?.[2] !== bundle) return frame;
      const entry = map.findEntry(Number(place[3]) - 1, Number(place[4]) - 1);
      if (!('originalSource' in entry)) return frame;
      return `${place[1]}${entry.originalSource.replace(/^(\.\.\/)+/, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    })
    .join('\n');
}
