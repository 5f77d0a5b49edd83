import { createHash, randomBytes, randomInt } from 'node:crypto';
import { TOKEN_PREFIX } from '@keyward/contract';

/** 256 bits: can't be guessed, so a plain SHA-256 of it is enough to store. */
const SECRET_BYTES = 32;
/** No look-alikes (0 O, 1 l I): somebody types it from a terminal. */
const PASSWORD_ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
/** 57^20 is 116 bits. */
const PASSWORD_LENGTH = 20;
/** Characters of a token that are shown in lists: enough to know it by, far too few to use it. */
const HINT_LENGTH = TOKEN_PREFIX.length + 4;

export const newSessionSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');
export const newApiToken = (): string => TOKEN_PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
export const newId = (): string => randomBytes(12).toString('hex');
export const hintOf = (token: string): string => token.slice(0, HINT_LENGTH);
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('hex');
export const newPassword = (): string =>
  Array.from({ length: PASSWORD_LENGTH }, () => PASSWORD_ALPHABET.charAt(randomInt(PASSWORD_ALPHABET.length))).join('');
