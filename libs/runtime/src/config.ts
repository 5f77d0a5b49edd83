import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InvalidInputError } from './errors.js';

/**
 * Reads the environment once, at start. The only function in the repository that may be given `process.env`.
 *
 * @throws InvalidInputError `config.invalid`, naming each variable that is wrong
 */
export function loadConfig<S extends z.ZodType>(schema: S, env: Readonly<Record<string, string | undefined>>): z.output<S> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(environment)'}: ${issue.message}`);
  throw new InvalidInputError('config.invalid', `The configuration can't be used:\n  ${lines.join('\n  ')}`, { cause: undefined });
}

/**
 * The text of a file that a setting names, read once, at start.
 *
 * @param setting as people write it: `KEYWARD_POLICY_FILE`
 * @throws InvalidInputError with `code`, where it can't be read
 */
export function readConfiguredFile(setting: string, file: string, code: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidInputError(code, `${setting}: ${file} can't be read.`, { cause: error });
  }
}

/** A value that must not be printed: JSON and string forms say `[redacted]`. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toJSON(): string {
    return '[redacted]';
  }
  toString(): string {
    return '[redacted]';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[redacted]';
  }
}
export const SecretString = z.string().transform((value) => new Secret(value));
/** `1`, `true`, `yes`, `on` and their opposites; anything else is an error that names the variable. */
export const Flag = z.stringbool();
