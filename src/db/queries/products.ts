import { eq } from 'drizzle-orm';
import type { Connection } from '../connection.ts';
import { products } from '../schema/accounts.ts';

/** The product's identity, or null where no event and no rule has named it yet. */
export async function productIdByCode(tx: Connection, code: string): Promise<number | null> {
  const [row] = await tx.orm.select({ id: products.id }).from(products).where(eq(products.code, code));
  return row?.id ?? null;
}

/** Makes the product where it is not there; somebody else's import may make it at the same moment. */
export async function ensureProduct(tx: Connection, code: string): Promise<number> {
  // Looked for first: an insert that meets a conflict has drawn a number all the same.
  const found = await productIdByCode(tx, code);
  if (found !== null) return found;
  await tx.orm.insert(products).values({ code }).onConflictDoNothing({ target: products.code });
  const id = await productIdByCode(tx, code);
  if (id === null) throw new Error(`product ${code} is gone, and products are never removed`);
  return id;
}
