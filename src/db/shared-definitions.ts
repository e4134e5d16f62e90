import { DUE_ENTRIES, SHARED_ENTRIES } from './queries/due-entries.ts';

/**
 * A migration with what the database asks by itself and the tool asks, too: that is written once, in the sources, and it is part
 * of what is hashed. Once it is released, another definition is another name here, and a migration that puts it in the place.
 */
export function withDefinitions(migration: string): string {
  return migration.replaceAll('@due_entries@', DUE_ENTRIES).replaceAll('@shared_entries@', SHARED_ENTRIES);
}
