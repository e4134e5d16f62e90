import type { Connection } from '../connection.ts';

/** Numbers of partner and instance by code; null where there is none of that code. */
export async function partyNumbers(
  { sql }: Connection,
  codes: { readonly partner: string | null; readonly instance: string | null },
): Promise<{ partnerId: number | null; instanceId: number | null }> {
  const [row] = await sql<{ partnerId: number | null; instanceId: number | null }[]>`
    select (select id::int from partners where code = ${codes.partner}) as "partnerId",
      (select id::int from instances where code = ${codes.instance}) as "instanceId"`;
  return row!;
}
