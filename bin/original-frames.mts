import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname } from 'node:path';

/** The frames of a stack in scripts of a directory, as places of the source that they were made of; others, and without a map, as they are. */
export function originalFrames(stack: string, directory: string): string {
  const maps = new Map<string, SourceMap | null>();
  const mapOf = (script: string) => {
    if (!maps.has(script)) maps.set(script, readMap(`${script}.map`));
    return maps.get(script);
  };
  return stack
    .split('\n')
    .map((frame) => {
      const [, indent, script, line, column] = /^(\s+at ).*?\(?([^\s()]+):(\d+):(\d+)\)?$/.exec(frame) ?? [];
      if (script === undefined || dirname(script) !== directory) return frame;
      const entry = mapOf(script)?.findEntry(Number(line) - 1, Number(column) - 1);
      if (entry === undefined || !('originalSource' in entry)) return frame;
      return `${indent}${entry.originalSource.replace(/^(\.\.\/)+/, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    })
    .join('\n');
}

function readMap(path: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload);
  } catch {
    return null;
  }
}
