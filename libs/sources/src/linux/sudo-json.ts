import { firstText, isObject, list, object, text, type JsonObject } from '../json.js';
import { ignore, type Meaning } from './message.js';

/** sudo with `log_format=json`: `@cee:{"sudo":{"accept":{...}}}`, also without the cookie. */
export function sudoJsonMeaning(body: string): Meaning | undefined {
  const start = body.startsWith('@cee:') ? 5 : 0;
  if (body.charCodeAt(start) !== 0x7b && body.charCodeAt(start + 1) !== 0x7b) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(body.slice(start));
  } catch {
    return undefined;
  }
  const sudo = object(object(value)['sudo']);
  const refused = isObject(sudo['reject']) ? sudo['reject'] : isObject(sudo['alert']) ? sudo['alert'] : undefined;
  if (refused) return told(refused, true);
  return isObject(sudo['accept']) ? told(sudo['accept'], false) : ignore('repeated_detail');
}

function told(record: JsonObject, refused: boolean): Meaning {
  const details = isObject(record['command_info']) ? { ...record, ...record['command_info'] } : record;
  const user = text(details['submituser']);
  const target = text(details['runuser']);
  const words = list(details['runargv']).filter((word): word is string => typeof word === 'string');
  const reason = text(record['reason']) ?? '';
  return {
    as: { class: 'process_activity', activity: 'launch' },
    code: 'sudo_command',
    outcome: refused ? 'failure' : 'success',
    user,
    target: target === user ? undefined : target,
    command: words.length > 0 ? words.join(' ') : firstText(details['command']),
    session: 'process',
    privileged: true,
    ...(refused && { auth: { failure: /password|authentication/i.test(reason) ? ('bad_password' as const) : ('policy' as const) } }),
  };
}
