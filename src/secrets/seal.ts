import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { IntegrityError } from '../domain/errors.ts';

/** A key of 256 bits and what it is called: the beginning of a hash of it, which tells keys apart and gives none away. */
export interface SealingKey {
  readonly id: string;
  readonly bytes: Buffer;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function sealingKey(bytes: Buffer): SealingKey {
  return { id: createHash('sha256').update('revshare key\0').update(bytes).digest('hex').slice(0, 12), bytes };
}

/**
 * Encrypts by AES-256-GCM: nonce, ciphertext, tag. The nonce is random: of one key nobody seals the 2^32 texts after which
 * two might meet.
 * @param bound what the text belongs to; it opens there and nowhere else
 */
export function seal(key: SealingKey, text: string, bound: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce);
  cipher.setAAD(Buffer.from(bound, 'utf8'));
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens what `seal` made with this key for this place. Nothing is returned before all of it is proved.
 * @param called what messages call it
 * @throws IntegrityError `seal_broken`
 */
export function open(key: SealingKey, sealed: Buffer, bound: string, called: string): string {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(bound, 'utf8'));
    // Of a seal that was cut short these throw, too.
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const opened = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([opened, decipher.final()]).toString('utf8');
  } catch (error) {
    throw new IntegrityError('seal_broken', `the account data of ${called} is not what was sealed there`, {
      hint: 'it was changed in the database, or moved there from another row: add the instrument again, and find out who did',
      cause: error,
    });
  }
}
