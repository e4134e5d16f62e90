import { openDatabase } from '../../db/connection.ts';
import { programmeRow, programmeSchemas, type ProgrammeRow } from '../../db/queries/programme.ts';
import { isEmbedded, openServer, programmeNotFound, type Whereabouts } from '../../db/session.ts';
import { parseProgrammeName } from '../../db/roles.ts';

export interface ListedProgramme extends Partial<ProgrammeRow> {
  readonly name: string;
  /** False where this login has no rights: of such a programme nothing but its name is shown. */
  readonly usable: boolean;
}

/** The programmes of this database, by name. Reads only. */
export async function listProgrammes(where: Whereabouts): Promise<ListedProgramme[]> {
  const server = await openServer(where);
  try {
    const listed: ListedProgramme[] = [];
    for (const schema of await programmeSchemas(server)) {
      if (!schema.usable) {
        listed.push(schema);
        continue;
      }
      const inside = openDatabase({ ...server.target, schema: schema.name });
      try {
        listed.push({ ...schema, ...(await programmeRow(inside)) });
      } finally {
        await inside.close();
      }
    }
    return listed;
  } finally {
    await server.close();
  }
}

/** One programme with its settings. Throws RefusedError `programme_not_found`. Reads only. */
export async function showProgramme(where: Whereabouts, name: string): Promise<ListedProgramme> {
  const found = (await listProgrammes(where)).find((programme) => programme.name === parseProgrammeName(name));
  if (found === undefined) {
    throw programmeNotFound(name);
  }
  return found;
}

/** Whether the books are the embedded server's. */
export const isEmbeddedHome = isEmbedded;
