import { pino, type Logger as PinoLogger } from 'pino';

/** One line a batch at info; ids, not payloads. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & { child(bindings: Record<string, unknown>): Logger };

/** The only list of fields that are never written, at any depth up to three. */
const REDACTED = ['password', 'secret', 'token', 'authorization', 'cookie', 'apiKey', 'client_secret', 'accessToken'].flatMap((field) => [
  field,
  `*.${field}`,
  `*.*.${field}`,
]);

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export function createLogger(options: { readonly name: string; readonly level?: LogLevel }): Logger {
  return pino({ name: options.name, level: options.level ?? 'info', redact: { paths: REDACTED, censor: '[redacted]' } });
}
export const silentLogger: Logger = pino({ level: 'silent' });
